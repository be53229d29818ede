/** Connections as everyone who may list them sees them: facts about accounts, nothing of a credential. No I/O. */
import type { Connection } from './connection.ts';
import type { UsageRow } from './usage.ts';

export function connectionRows(connections: readonly Connection[], usage: readonly UsageRow[]) {
  return connections.map(({ provider, name, account, status, connectedAt }) => ({
    provider_key: provider,
    connection: name,
    account,
    status,
    connected_at: connectedAt,
    last_used_at: lastUsed(usage, provider, name),
  }));
}

function lastUsed(rows: readonly UsageRow[], provider: string, connection: string): string | null {
  const times = rows
    .filter((row) => row.provider === provider && row.connection === connection)
    .map((row) => row.lastUsedAt);
  return times.toSorted().at(-1) ?? null;
}
