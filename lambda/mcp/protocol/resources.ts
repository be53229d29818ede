/** `resources/*`: kept results, bound to the tenant. Skill texts are added by `skills.ts`. */
import { ResourceNotFoundError, ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import { pageOf, parseResultUri } from '../../../core/call/kept-result.ts';
import type { CallContext } from '../request/call-context.ts';

export function serveResults(mcp: McpServer, context: CallContext): void {
  mcp.registerResource(
    'result',
    new ResourceTemplate('result://{id}', { list: undefined }),
    {
      title: 'The rest of a long result',
      description: 'Read on where a result says truncated.read_on. Kept for 15 minutes, for this user only.',
      mimeType: 'application/json',
    },
    async (uri) => {
      const address = parseResultUri(uri.href);
      const text =
        address === undefined ? undefined : await context.deps.results.find(context.principal.tenant, address.id);
      if (address === undefined || text === undefined) throw new ResourceNotFoundError(uri.href);
      const { next, total, text: part } = pageOf(text, address.id, address.offset);
      const meta = { total_characters: total, offset: address.offset, ...(next === undefined ? {} : { next }) };
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text: part, _meta: meta }] };
    },
  );
}
