/** `describe_category`: every tool of a category with its schema, and how to work with them. */
import * as z from 'zod';
import { fault } from '../../../core/fault.ts';
import { withConnections, withoutOutputSchema } from '../../../core/catalog/registry.ts';
import { fail, ok } from '../../../core/result.ts';
import { findProvider } from '../../../core/catalog/find.ts';
import { defineSystemTool, providerKey, boundedText } from './system-tool.ts';

export const describeCategory = defineSystemTool({
  name: 'describe_category',
  title: 'Describe a category',
  description: 'All tools of one category with their schemas, and its skill: how to use them well.',
  input: z.strictObject({
    provider_key: providerKey,
    category: boundedText(60).describe('a key of list_providers'),
  }),
  readOnly: true,
  async run({ deps, principal }, { provider_key, category: key }) {
    const found = findProvider(deps.catalog, provider_key);
    if (!found.ok) return found;
    const provider = found.value;
    const category = provider.categories.find((candidate) => candidate.key === key);
    if (category === undefined) {
      const keys = provider.categories.map((candidate) => candidate.key).join(', ');
      return fail(
        fault('not_found', `${provider.name} has no category of that key.`, { next: `Use one of: ${keys}.` }),
      );
    }
    const accounts = await deps.connections.list(principal.tenant, provider.key);
    return ok({
      provider_key: provider.key,
      category: category.key,
      title: category.title,
      connected: accounts.length > 0,
      skill: category.skill,
      tools: withConnections(
        deps.catalog.tools
          .filter((tool) => tool.provider === provider.key && tool.category === category.key)
          .map(withoutOutputSchema),
        new Map([[provider.key, accounts]]),
      ).map((tool) => ({ ...tool })),
    });
  },
});
