/** A request of 2026-07-28 by hand, for what no client would send. */
import {
  CLIENT_CAPABILITIES_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  type ClientCapabilities,
} from '@modelcontextprotocol/server';
import { ADDRESS } from './endpoint.ts';

const VERSION = '2026-07-28';

/** The messages of the answer, in order: one for JSON, as many as came for a stream, which must end by itself. */
export async function modernRequest(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  capabilities: ClientCapabilities = {},
): Promise<{ readonly status: number; readonly messages: readonly unknown[] }> {
  const _meta = { [PROTOCOL_VERSION_META_KEY]: VERSION, [CLIENT_CAPABILITIES_META_KEY]: capabilities };
  const { name } = params;
  const response = await fetch(ADDRESS, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mcp-protocol-version': VERSION,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
  });
  const text = await response.text();
  const streamed = response.headers.get('content-type')?.includes('text/event-stream') === true;
  const lines = streamed ? [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data) : [text];
  return { status: response.status, messages: lines.map((line) => JSON.parse(line) as unknown) };
}
