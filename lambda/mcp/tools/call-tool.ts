/** `call_tool`: runs any tool of a connected provider, listed or not. */
import * as z from 'zod';
import { findTool } from '../../../core/catalog/find.ts';
import { MAX_RESULT_CHARS } from '../../../core/call/size.ts';
import { callProviderTool } from './provider-call.ts';
import { requestedCall } from './requested-call.ts';
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
    const tool = findTool(context.deps.catalog, name);
    if (!tool.ok) return tool;
    return callProviderTool(context, requestedCall(tool.value, args ?? {}, own));
  },
});
