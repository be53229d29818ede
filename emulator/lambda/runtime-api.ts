/**
 * The Lambda Runtime API of one execution environment (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)
 * on a loopback port of its own. It takes requests of its child only.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_PAYLOAD_BYTES, type FunctionError, type Invocation, type InvocationResult } from './invocation.ts';

/** What the child does, in the order it does it. */
export interface RuntimeEvents {
  /** The child asks for work; `give` hands an invocation over. */
  readonly onNext: (give: (invocation: Invocation) => void) => void;
  readonly onResult: (id: string, result: InvocationResult) => void;
  /** The answer to this invocation has been read in full. */
  readonly onDone: (id: string) => void;
  readonly onInitError: (error: FunctionError) => void;
}

const VERSION = '/2018-06-01/runtime';
const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;
const MAX_ERROR_BYTES = 256 * 1024;

/** Listens; resolves to the `host:port` that the child is given. */
export async function serveRuntimeApi(
  token: string,
  events: RuntimeEvents,
): Promise<{ address: string; server: Server }> {
  const server = createServer((request, response) => {
    if (!isToken(request, token)) return void response.writeHead(403).end();
    void answer(request, response, events);
  });
  // The child's connections stay open for as long as an invocation lasts.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function answer(request: IncomingMessage, response: ServerResponse, events: RuntimeEvents): Promise<void> {
  const path = request.url ?? '';
  if (request.method === 'GET' && path === `${VERSION}/invocation/next`)
    return events.onNext((invocation) => give(response, invocation));
  const [, encodedId, what] = request.method === 'POST' ? (INVOCATION.exec(path) ?? []) : [];
  const id = decodeURIComponent(encodedId ?? '');
  try {
    if (what === 'response') await takeResponse(id, request, events);
    else if (what === 'error') events.onResult(id, { kind: 'failed', error: await readError(request) });
    else if (path === `${VERSION}/init/error`) events.onInitError(await readError(request));
    else return void response.writeHead(404).end();
    response.writeHead(202).end();
    if (what !== undefined) events.onDone(id);
  } catch {
    // The child died while it wrote; its exit is what the host acts on.
    response.destroy();
  }
}

function give(response: ServerResponse, { id, event, functionArn, deadline }: Invocation): void {
  const body = Buffer.from(event);
  response
    .writeHead(200, {
      'content-type': 'application/json',
      'content-length': body.length,
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': String(deadline),
      'lambda-runtime-invoked-function-arn': functionArn,
    })
    .end(body);
}

async function takeResponse(id: string, request: IncomingMessage, events: RuntimeEvents): Promise<void> {
  if (request.headers['lambda-runtime-function-response-mode'] !== 'streaming') {
    const payload = await readAll(request, MAX_PAYLOAD_BYTES);
    return events.onResult(
      id,
      payload === undefined
        ? { kind: 'failed', error: { type: 'Function.ResponseSizeTooLarge', message: 'The answer exceeds 6 MB' } }
        : { kind: 'buffered', payload },
    );
  }
  const ended = new Promise<void>((resolve, reject) => request.once('end', resolve).once('close', reject));
  const failure = ended.then(
    () => trailerError(request),
    () => ({ type: 'Runtime.ExitError', message: 'The function ended while it wrote its answer' }),
  );
  events.onResult(id, {
    kind: 'streamed',
    contentType: request.headers['content-type'] ?? '',
    body: request,
    failure,
  });
  await ended;
}

function trailerError({ trailers }: IncomingMessage): FunctionError | undefined {
  const type = trailers['lambda-runtime-function-error-type'];
  if (type === undefined) return undefined;
  const body = Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64').toString('utf8');
  return { type, message: messageOf(body) };
}

async function readError(request: IncomingMessage): Promise<FunctionError> {
  const text = (await readAll(request, MAX_ERROR_BYTES))?.toString('utf8') ?? '';
  const type = request.headers['lambda-runtime-function-error-type'];
  return { type: typeof type === 'string' ? type : 'Error', message: messageOf(text) };
}

function messageOf(errorJson: string): string {
  try {
    const { errorMessage } = JSON.parse(errorJson) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : '';
  } catch {
    return '';
  }
}

/** Undefined when there is more than `limit`; reads to the end in either case. */
async function readAll(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}

function isToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(String(request.headers['x-environment-token'] ?? ''));
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
