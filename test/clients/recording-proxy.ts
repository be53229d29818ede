/** A proxy on loopback that hands every request on unchanged and keeps what went over the wire. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  readonly httpMethod: string;
  /** Without the query. */
  readonly path: string;
  /** The JSON-RPC method, when there is one. */
  readonly rpcMethod: string | undefined;
  /** The parsed request, when it is JSON. */
  readonly request: unknown;
  /** The `MCP-Protocol-Version` header of the request. */
  readonly revision: string | undefined;
  readonly status: number;
  /** The parsed answer: JSON, or the last event of a stream. */
  readonly answer: unknown;
}

export interface RecordingProxy {
  readonly origin: string;
  readonly exchanges: readonly Exchange[];
  readonly stop: () => Promise<void>;
}

/** @param before runs before a request with this JSON-RPC method is handed on. */
export async function startRecordingProxy(
  upstream: URL,
  before: (rpcMethod: string) => Promise<void> = async () => undefined,
): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer((message, response) => {
    pass(upstream, before, message, response)
      .then((exchange) => exchanges.push(exchange))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(
  upstream: URL,
  before: (rpcMethod: string) => Promise<void>,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<Exchange> {
  const body = await read(message);
  const sent = parse(body.toString('utf8')) as { method?: unknown } | undefined;
  const rpcMethod = typeof sent?.method === 'string' ? sent.method : undefined;
  if (rpcMethod !== undefined) await before(rpcMethod);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method, url, headers } = message;
    request(upstream, { method, path: url, headers: { ...headers, host: upstream.host } }, resolve)
      .once('error', reject)
      .end(body);
  });
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  const text = await read(answer);
  response.end(text);
  const { 'mcp-protocol-version': revision } = message.headers;
  return {
    httpMethod: message.method ?? '',
    path: (message.url ?? '').split('?')[0] ?? '',
    rpcMethod,
    request: sent,
    revision: typeof revision === 'string' ? revision : undefined,
    status: answer.statusCode ?? 0,
    answer: parse(text.toString('utf8')),
  };
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parse(text: string): unknown {
  const event = text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .at(-1)
    ?.slice('data: '.length);
  try {
    return JSON.parse(event ?? text);
  } catch {
    return undefined;
  }
}

/** The revision of the successful work: what its requests name, or what the handshake agreed on. */
export function negotiated(exchanges: readonly Exchange[]): string {
  const worked = exchanges.filter(({ status }) => status === 200);
  const named = worked.find(({ rpcMethod }) => rpcMethod?.startsWith('tools/'))?.revision;
  const handshake = worked.find(({ rpcMethod }) => rpcMethod === 'initialize')?.answer;
  const { result } = Object(handshake) as { result?: { protocolVersion?: unknown } };
  const agreed = result?.protocolVersion;
  if (named !== undefined && typeof agreed === 'string' && named !== agreed) return `${agreed}, then ${named}`;
  return named ?? (typeof agreed === 'string' ? agreed : 'nothing');
}

/** What the server's refusals said, in the order in which they went out. */
export function refusals(exchanges: readonly Exchange[]): readonly string[] {
  return exchanges.flatMap(({ status, answer }) => {
    if (status < 400 || status === 405) return [];
    const { error, error_description } = Object(answer) as { error?: unknown; error_description?: unknown };
    const { message } = Object(error) as { message?: unknown };
    return [message, error_description].filter((words): words is string => typeof words === 'string');
  });
}
