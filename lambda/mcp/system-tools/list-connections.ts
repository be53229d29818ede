/** `list_connections`: this tenant's accounts, and whether one needs reconnecting. */
import * as z from 'zod';
import type { UsageRow } from '../../core/usage.ts';
import { ok } from '../../core/result.ts';
import { defineSystemTool } from './system-tool.ts';

export const listConnections = defineSystemTool({
  name: 'list_connections',
  title: 'List connected accounts',
  description: "The user's connected accounts, when they were last used, and which need reconnecting.",
  input: z.strictObject({}),
  readOnly: true,
  async run({ deps, principal }) {
    const [connections, usage] = await Promise.all([
      deps.connections.list(principal.tenant),
      deps.usage.read(principal.tenant),
    ]);
    return ok({
      connections: connections.map(({ provider, name, account, status, connectedAt }) => ({
        provider_key: provider,
        connection: name,
        account,
        status,
        connected_at: connectedAt,
        last_used_at: lastUsed(usage, provider, name),
      })),
    });
  },
});

function lastUsed(rows: readonly UsageRow[], provider: string, connection: string): string | null {
  const times = rows
    .filter((row) => row.provider === provider && row.connection === connection)
    .map((row) => row.lastUsedAt);
  return times.toSorted().at(-1) ?? null;
}
