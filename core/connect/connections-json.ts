/** Connections as everyone who may list them sees them: facts about accounts, nothing of a credential. No I/O. */
import type { Connection } from '../vault/connection.ts';
import type { UsageCount } from '../meter/usage.ts';

export function toConnectionsJson(connections: readonly Connection[], usage: readonly UsageCount[]) {
  return connections.map(({ provider, name, accountName: account, status, connectedAt }) => ({
    provider_key: provider,
    connection: name,
    account,
    status,
    connected_at: connectedAt,
    last_used_at: lastUsed(usage, provider, name),
  }));
}

function lastUsed(rows: readonly UsageCount[], provider: string, connection: string): string | null {
  const times = rows
    .filter((row) => row.provider === provider && row.connection === connection)
    .map((row) => row.lastUsedAt);
  return times.toSorted().at(-1) ?? null;
}
