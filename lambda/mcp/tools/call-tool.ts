/** `call_tool`: runs any tool of a connected provider, listed or not. */
import * as z from 'zod';
import { fault } from '../../../core/provider/classify.ts';
import { toolNamed } from '../../../core/catalog/registry.ts';
import { fail } from '../../../core/result.ts';
import { MAX_RESULT_CHARS } from '../../../core/call/size.ts';
import { callProviderTool } from './provider-call.ts';
import { requestedCall } from './requested-call.ts';
import { didYouMean } from '../../../core/catalog/find-provider.ts';
import { connectionName, defineSystemTool, boundedText } from './system-tool.ts';

export const callToolByName = defineSystemTool({
  name: 'call_tool',
  title: 'Run a tool',
  description: 'Runs any tool of a connected provider, listed or not; see search_tools and describe_category.',
  input: z.strictObject({
    tool: boundedText(100).describe('e.g. bitrix24_list_deals'),
    arguments: z.record(z.string(), z.unknown()).optional(),
    connection: connectionName,
    confirm_token: boundedText(20_000).optional().describe('of confirmation_required'),
  }),
  readOnly: false,
  destructive: true,
  openWorld: true,
  // Texts without spaces, such as Chinese, take a token a character: a full result would be cut at 25,000 tokens.
  maxResultChars: MAX_RESULT_CHARS + 10_000,
  async run(context, { tool: name, arguments: args, ...own }) {
    const tool = toolNamed(context.deps.catalog, name);
    if (tool === undefined)
      return fail(
        fault('not_found', 'There is no tool of that name.', {
          next: didYouMean(context.deps.search.nearestTools(name), 'search_tools'),
        }),
      );
    return callProviderTool(context, requestedCall(tool, args ?? {}, own));
  },
});
