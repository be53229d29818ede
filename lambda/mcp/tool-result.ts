/** An outcome as a `tools/call` result: the structured content, and the same as text for clients that read only that. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ReferencedFault } from '../core/call-tool.ts';
import type { JsonObject } from '../core/json.ts';
import type { Result } from '../core/result.ts';

export function toToolResult(outcome: Result<JsonObject, ReferencedFault>): CallToolResult {
  if (outcome.ok) return both(outcome.value);
  const { code, message, next, retry_after, reference } = outcome.fault;
  return {
    ...both({ code, message, next, ...(retry_after === undefined ? {} : { retry_after }), reference }),
    isError: true,
  };
}

function both(value: JsonObject): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: { ...value } };
}
