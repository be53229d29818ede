/** `search_tools`: ranked search over the tools of the tenant's providers, with schemas. */
import * as z from 'zod';
import type { CatalogTool } from '../../../core/catalog/catalog.ts';
import { connectHint } from '../../../core/catalog/connect-hint.ts';
import {
  withoutOutputSchema,
  groupByProvider,
  providerOf,
  toolNamed,
  withConnections,
} from '../../../core/catalog/registry.ts';
import { ok } from '../../../core/result.ts';
import { defineSystemTool, boundedText } from './system-tool.ts';

const DEFAULT_LIMIT = 8;
const MAX_LIMIT = 25;

export const searchTools = defineSystemTool({
  name: 'search_tools',
  title: 'Search tools',
  description:
    'Finds tools of the connected providers, listed or not, with schemas; if none fits, of providers that could be connected.',
  input: z.strictObject({
    query: boundedText(300).describe('what to do, in plain words'),
    limit: z.int().min(1).max(MAX_LIMIT).optional(),
  }),
  readOnly: true,
  async run({ deps, principal }, { query, limit = DEFAULT_LIMIT }) {
    const connected = groupByProvider(await deps.connections.list(principal.tenant));
    const find = (accept: (tool: CatalogTool) => boolean): readonly CatalogTool[] =>
      deps.search
        .tools(query, (name) => isAccepted(toolNamed(deps.catalog, name), accept), limit)
        .flatMap((name) => toolNamed(deps.catalog, name) ?? []);

    const own = find(({ provider }) => connected.has(provider));
    const found = own.length > 0 ? own : find(() => true);
    const definitions = withConnections(found.map(withoutOutputSchema), connected);
    return ok({
      tools: found.map((tool, at) => {
        const accounts = connected.get(tool.provider);
        return {
          ...definitions[at],
          provider_key: tool.provider,
          category: tool.category,
          connected: accounts !== undefined,
          ...(accounts === undefined
            ? { connect_hint: connectHint(providerOf(deps.catalog, tool), principal.policy) }
            : {}),
        };
      }),
    });
  },
});

function isAccepted(tool: CatalogTool | undefined, accept: (tool: CatalogTool) => boolean): boolean {
  return tool !== undefined && accept(tool);
}
