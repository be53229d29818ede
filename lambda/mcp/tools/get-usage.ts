/** `get_usage`: this month's calls by provider, the key's limits and what is left of them. */
import * as z from 'zod';
import { monthAfter, monthOf } from '../../../core/calendar.ts';
import { ok } from '../../../core/result.ts';
import { defineSystemTool } from './system-tool.ts';

export const getUsage = defineSystemTool({
  name: 'get_usage',
  title: 'Show usage and limits',
  description: "This month's calls by account, the key's limits, what is left, and when they reset.",
  input: z.strictObject({}),
  readOnly: true,
  async run({ deps, principal }) {
    const now = deps.clock();
    const [rows, used] = await Promise.all([
      deps.usage.read(principal.tenant, monthOf(now)),
      deps.keyLimiter.used(principal),
    ]);
    const { rpm, monthly } = principal.limits;
    return ok({
      month: monthOf(now),
      calls: rows.map(({ provider, connection, calls, failures, lastUsedAt }) => ({
        provider_key: provider,
        connection,
        calls,
        failures,
        last_used_at: lastUsedAt,
      })),
      total_calls: rows.reduce((sum, { calls }) => sum + calls, 0),
      limits: { requests_per_minute: rpm ?? null, calls_per_month: monthly ?? null },
      used: { calls_this_month: used?.calls ?? null },
      remaining: { calls_this_month: used?.left ?? null },
      resets_at: new Date(monthAfter(now)).toISOString(),
    });
  },
});
