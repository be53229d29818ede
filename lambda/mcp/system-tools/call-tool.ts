/** `call_tool`: runs any tool of a connected provider, listed or not. */
import * as z from 'zod';
import { fault } from '../../core/classify.ts';
import { fail } from '../../core/result.ts';
import { callProviderTool } from '../provider-call.ts';
import { didYouMean } from './find-provider.ts';
import { connectionName, defineSystemTool } from './system-tool.ts';

export const callToolByName = defineSystemTool({
  name: 'call_tool',
  title: 'Run a tool',
  description:
    'Runs any tool of a connected provider by name, also one that is not listed. Take name and schema from search_tools or describe_category.',
  input: z.strictObject({
    tool: z.string().min(1).max(100).describe('full name, e.g. bitrix24_list_deals'),
    arguments: z.record(z.string(), z.unknown()).optional().describe("the tool's own arguments"),
    connection: connectionName,
    confirm_token: z.string().max(20_000).optional().describe('from an answer with status confirmation_required'),
  }),
  readOnly: false,
  destructive: true,
  async run(session, { tool: name, arguments: args, ...choices }) {
    const tool = session.deps.catalog.tools.find((candidate) => candidate.name === name);
    if (tool === undefined)
      return fail(
        fault('not_found', 'There is no tool of that name.', {
          next: didYouMean(session.deps.search.nearestTools(name), 'search_tools'),
        }),
      );
    return callProviderTool(session, tool, args ?? {}, choices);
  },
});
