/** Usage and providers as the admin API shows them, in snake_case. */
import type * as z from 'zod';
import type { UsageCount as Used } from '../../../core/meter/usage.ts';
import { standingOf, type Provider } from '../../../core/provider/provider.ts';
import type { ProviderRow, UsageRow } from './contract.ts';

export function toUsageJson({
  month,
  provider,
  connection,
  calls,
  failures,
  lastUsedAt,
}: Used): z.input<typeof UsageRow> {
  return { month, provider_key: provider, connection, calls, failures, last_used_at: lastUsedAt };
}

export function toProviderJson({ key, name, level, auth, categories }: Provider): z.input<typeof ProviderRow> {
  const all = Object.entries(categories);
  return {
    key,
    name,
    source: 'own',
    ...standingOf({ level }),
    auth: auth.map(({ id, kind, label }) => ({ id, kind, label })),
    categories: all.map(([category, { title, core }]) => ({ key: category, title, core })),
    tools: all.flatMap(([category, { tools }]) =>
      tools.map((tool) => ({ name: `${key}_${tool.name}`, category, access: tool.access })),
    ),
  };
}
