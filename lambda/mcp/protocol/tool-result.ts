/** An outcome as a `tools/call` result: the structured content, and the same as text for clients that read only that. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ReferencedFault } from '../../../core/call/record.ts';
import { textAt, type JsonObject } from '../../../core/json.ts';
import type { Result } from '../../../core/result.ts';

export function toToolResult(outcome: Result<JsonObject, ReferencedFault>): CallToolResult {
  if (outcome.ok) return withLink(both(outcome.value), outcome.value);
  const { code, message, next, retry_after, connect, reference } = outcome.fault;
  const waiting = retry_after === undefined ? {} : { retry_after };
  const connecting = connect === undefined ? {} : { connect };
  return { ...both({ code, message, next, ...waiting, ...connecting, reference }), isError: true };
}

function both(value: JsonObject): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: { ...value } };
}

/** A result that was cut names where the whole can be read, as a link that clients can follow. */
function withLink(result: CallToolResult, { truncated }: JsonObject): CallToolResult {
  const uri = textAt(truncated, 'read_on');
  if (uri === undefined) return result;
  const link = {
    type: 'resource_link',
    uri,
    name: 'result',
    title: 'The whole result',
    mimeType: 'application/json',
  } as const;
  return { ...result, content: [...result.content, link] };
}
