/** `list_providers`: the catalogue with this tenant's status and the exact call that connects. */
import * as z from 'zod';
import type { CatalogProvider } from '../../../core/catalog/catalog.ts';
import { connectHint } from '../../../core/catalog/connect-hint.ts';
import { groupByProvider } from '../../../core/catalog/registry.ts';
import { ok } from '../../../core/result.ts';
import { defineSystemTool, boundedText } from './system-tool.ts';

export const listProviders = defineSystemTool({
  name: 'list_providers',
  title: 'List providers',
  description: 'What can be connected: status, categories, and connect_hint, the exact connect_provider call.',
  input: z.strictObject({ query: boundedText(100).optional().describe('part of a name or purpose') }),
  readOnly: true,
  async run({ deps, principal }, { query }) {
    const connected = groupByProvider(await deps.connections.list(principal.tenant));
    return ok({
      providers: deps.catalog.providers
        .filter((provider) => query === undefined || mentions(provider, query))
        .map((provider) => {
          const accounts = connected.get(provider.key) ?? [];
          const broken = accounts.some(({ status }) => status === 'needs_reconnecting');
          return {
            provider_key: provider.key,
            name: provider.name,
            status: accounts.length === 0 ? 'not_connected' : broken ? 'needs_reconnecting' : 'connected',
            connections: accounts.map(({ name }) => name),
            connect_hint: connectHint(provider, principal.policy),
            categories: provider.categories.map(({ key, title, purpose, core }) => ({ key, title, purpose, core })),
          };
        }),
    });
  },
});

function mentions({ key, name, categories }: CatalogProvider, query: string): boolean {
  const text = [key, name, ...categories.flatMap((category) => [category.key, category.title, category.purpose])];
  return text.join(' ').toLowerCase().includes(query.trim().toLowerCase());
}
