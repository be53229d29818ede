/**
 * Requests as they go over the wire, without a client library in between: any header twice, any query, any body.
 * An answer is read whether it came as JSON or as an event stream.
 */
import { Agent, request as httpRequest } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The JSON of the body, or of the last event of a stream; undefined when there is none. */
  readonly json: unknown;
}

export interface Sent {
  readonly method?: string;
  /** A list sends the header once per value. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** Where a tenant calls: an MCP URL with its parameters, and a key. */
export interface Target {
  readonly url: URL;
  readonly key: string;
}

/** `structuredContent` of a `tools/call`, and whether it was a failure. */
export interface ToolAnswer {
  readonly isError: boolean;
  readonly value: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** As many at once as a test starts. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Closes idle connections, so that a test file can end. */
export function closeConnections(): void {
  agent.destroy();
}

export function send(url: URL | string, { method = 'POST', headers = {}, body }: Sent = {}): Promise<HttpAnswer> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const all = { ...headers, ...length } as Record<string, string | string[]>;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent, method, headers: all }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
          text,
          json: jsonOf(text),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

function jsonOf(text: string): unknown {
  const event = [...text.matchAll(/^data: (.*)$/gm)].at(-1)?.[1];
  try {
    return JSON.parse(event ?? text) as unknown;
  } catch {
    return undefined;
  }
}

export function rpcBody(method: string, params: object = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}

export function rpc({ url, key }: Target, method: string, params: object = {}): Promise<HttpAnswer> {
  return send(url, {
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: rpcBody(method, params),
  });
}

/** Throws for anything but a result. */
export async function callTool(target: Target, name: string, args: object = {}): Promise<ToolAnswer> {
  const answer = await rpc(target, 'tools/call', { name, arguments: args });
  const { result } = Object(answer.json) as { result?: { isError?: boolean; structuredContent?: ToolAnswer['value'] } };
  if (answer.status !== 200 || result === undefined) throw new Error(`${name}: ${answer.status} ${answer.text}`);
  return { isError: result.isError === true, value: result.structuredContent ?? {}, text: answer.text };
}

/** The accounts this tenant sees. */
export async function accountsOf(target: Target): Promise<readonly string[]> {
  const { value } = await callTool(target, 'list_connections');
  return (value['connections'] as readonly { account: string }[]).map(({ account }) => account);
}
