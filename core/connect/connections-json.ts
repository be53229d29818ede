/** Connections as everyone who may list them sees them: facts about accounts, nothing of a credential. */
import type { ConnectionFacts, ConnectionStore } from '../vault/connection.ts';
import type { UsageCount, UsageStore } from '../meter/usage.ts';
import type { TenantId } from '../tenant/tenant.ts';

export interface ListDeps {
  readonly connections: Pick<ConnectionStore, 'list'>;
  readonly usage: Pick<UsageStore, 'read'>;
}

export type ConnectionJson = ReturnType<typeof toConnectionJson>;

/** The tenant's accounts, oldest first. */
export async function connectionsOf(
  { connections, usage }: ListDeps,
  tenant: TenantId,
): Promise<readonly ConnectionJson[]> {
  const [rows, used] = await Promise.all([connections.list(tenant), usage.read(tenant)]);
  return rows.map((connection) => toConnectionJson(connection, used));
}

function toConnectionJson(
  { provider, name, accountName: account, status, connectedAt }: ConnectionFacts,
  usage: readonly UsageCount[],
) {
  return {
    provider_key: provider,
    connection: name,
    account,
    status,
    connected_at: connectedAt,
    last_used_at: lastUsed(usage, provider, name),
  };
}

function lastUsed(rows: readonly UsageCount[], provider: string, connection: string): string | null {
  const times = rows
    .filter((row) => row.provider === provider && row.connection === connection)
    .map((row) => row.lastUsedAt);
  return times.toSorted().at(-1) ?? null;
}
