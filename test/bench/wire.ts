/** Requests as both eras put them on the wire, and the check that an answer is the one that was asked for. */
export type Era = '2025-11-25' | '2026-07-28';

const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
};

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function message(era: Era, method: string, params: Readonly<Record<string, unknown>> = {}): Message {
  const common = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': era,
  };
  const { name } = params;
  const headers =
    era === '2025-11-25'
      ? common
      : { ...common, 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': name } : {}) };
  const all = era === '2025-11-25' ? params : { ...params, _meta: MODERN };
  return { headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: all }) };
}

/** @param expected a piece of text that only the right answer holds. The body stays bytes: reading it is not our time. */
export function check(status: number, body: Buffer, expected: string): void {
  if (status !== 200 || !body.includes(expected))
    throw new Error(`${status}, not ${expected}: ${body.toString('utf8', 0, 300)}`);
}
