/**
 * A Bitrix24 portal on loopback, for contract tests and for trying the product without an account: the documented
 * webhook addresses, envelope, paging, limits and refusals, and faults that can be switched on. It is written from the
 * vendor's reference; where it is stricter than a portal the file of the methods says so.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METHODS, validate } from './bitrix24-methods.ts';
import { Refusal, type Params, type Portal, type Row } from './bitrix24-portal.ts';
import { seedPortal } from './bitrix24-seed.ts';

export interface FakeCall {
  readonly method: string;
  readonly params: Params;
}

/** What the next matching call meets instead of an answer, or on the way to it. */
export type Fault =
  | {
      readonly kind:
        | 'hang'
        | 'drop_before'
        | 'drop_after'
        | 'hang_after'
        | 'invalid_json'
        | 'html_500'
        | 'redirect'
        | 'huge';
    }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'refuse'; readonly status: number; readonly body: Row }
  | { readonly kind: 'answer'; readonly body: unknown };

export interface FakeOptions {
  readonly user?: number;
  readonly code?: string;
  readonly port?: number;
  /** After how long idle connections are closed without a word before; Node's own limit, announced, unless given. */
  readonly hangUpAfterMs?: number | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** The portal's records; a seeded one unless given. */
  readonly portal?: Portal;
  /** Calls at once before the portal throttles; it forgets two a second. */
  readonly burst?: number;
}

export interface Bitrix24Fake {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The path of the webhook, `/rest/1/CODE/`: what follows the portal's host in its URL. */
  readonly path: string;
  /** Every call that came with a valid webhook, in order. */
  readonly calls: readonly FakeCall[];
  readonly portal: Portal;
  readonly control: {
    /** The next call (of that method) meets this fault; `times` of them. */
    fault(fault: Fault, on?: { readonly method?: string; readonly times?: number }): void;
    expire(): void;
    revoke(): void;
    /** The webhook's scopes; all of them unless set. */
    scopes(scopes: readonly string[]): void;
    /** Blocks a method until this second since 1970. */
    block(method: string, until: number): void;
  };
  stop(): Promise<void>;
}

const PER_SECOND = 2;
const HUGE = 13 * 1024 * 1024;
const MOST_BODY = 5 * 1024 * 1024;

interface State {
  readonly path: string;
  readonly clock: () => number;
  readonly portal: Portal;
  readonly burst: number;
  readonly calls: FakeCall[];
  readonly faults: { fault: Fault; method: string | undefined; left: number }[];
  readonly blocked: Map<string, number>;
  scopes: readonly string[] | undefined;
  webhook: 'live' | 'expired' | 'revoked';
  bucket: { level: number; at: number };
}

export async function startBitrix24Fake(options: FakeOptions = {}): Promise<Bitrix24Fake> {
  const { user = 1, code = 'abcdef0123456789', port = 0, clock = Date.now, burst = 50 } = options;
  const state: State = {
    path: `/rest/${user}/${code}/`,
    clock,
    portal: options.portal ?? seedPortal(clock),
    burst,
    calls: [],
    faults: [],
    blocked: new Map(),
    scopes: undefined,
    webhook: 'live',
    bucket: { level: 0, at: clock() },
  };
  const server = createServer((request, response) => {
    serve(state, request, response).catch(() => response.destroy());
    if (options.hangUpAfterMs !== undefined) hangUp(response, options.hangUpAfterMs);
  });
  // Without a limit of its own the server does not announce one either, as many vendors do not.
  if (options.hangUpAfterMs !== undefined) server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: state.path,
    calls: state.calls,
    portal: state.portal,
    control: {
      fault: (fault, { method, times = 1 } = {}) => state.faults.push({ fault, method, left: times }),
      expire: () => (state.webhook = 'expired'),
      revoke: () => (state.webhook = 'revoked'),
      scopes: (scopes) => (state.scopes = scopes),
      block: (method, until) => state.blocked.set(method.toLowerCase(), until),
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function hangUp(response: ServerResponse, afterMs: number): void {
  const { socket } = response;
  response.on('finish', () => void setTimeout(() => socket?.destroy(), afterMs).unref());
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readBody(request);
  const url = new URL(request.url ?? '/', 'http://fake');
  const [, user = '', code = '', named = ''] = /^\/rest\/(\d+)\/([^/]+)\/([^/]*)$/.exec(url.pathname) ?? [];
  const method = named.replace(/\.json$/, '').toLowerCase();
  try {
    admit(state, `/rest/${user}/${code}/`, method);
    const params = paramsOf(request, url, text);
    state.calls.push({ method, params });
    await answer(state, response, method, params);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, code: name, message, extra } = error;
    reply(response, status, { error: name, error_description: message, ...extra });
  }
}

/** Limits and rights, in the order a portal checks them. */
function admit(state: State, path: string, method: string): void {
  if (path !== state.path || state.webhook === 'revoked')
    throw new Refusal(401, 'NO_AUTH_FOUND', 'Wrong authorization data');
  if (state.webhook === 'expired') throw new Refusal(401, 'expired_token', 'The access token provided has expired');
  const now = state.clock();
  const level = Math.max(0, state.bucket.level - ((now - state.bucket.at) / 1000) * PER_SECOND);
  if (level + 1 > state.burst) {
    state.bucket = { level, at: now };
    throw new Refusal(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');
  }
  state.bucket = { level: level + 1, at: now };
  const known = METHODS[method];
  if (known === undefined) throw new Refusal(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
  if (state.scopes !== undefined && !state.scopes.includes(known.scope))
    throw new Refusal(
      403,
      'insufficient_scope',
      'The request requires higher privileges than provided by the webhook token',
    );
  const until = state.blocked.get(method);
  if (until !== undefined && until * 1000 > now)
    throw new Refusal(429, 'OPERATION_TIME_LIMIT', 'Method is blocked due to operation time limit.', {
      time: { operating_reset_at: until },
    });
}

async function answer(state: State, response: ServerResponse, method: string, params: Params): Promise<void> {
  const fault = takeFault(state, method);
  if (fault !== undefined && (await failBefore(fault, response))) return;
  const body = perform(state, method, params);
  failAfter(fault, response, body);
}

/** Faults that keep the call from being carried out; true when the call has ended. */
async function failBefore(fault: Fault, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'hang':
      return true;
    case 'drop_before':
      response.destroy();
      return true;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return false;
    case 'refuse':
      reply(response, fault.status, fault.body);
      return true;
    case 'redirect':
      response.writeHead(302, { location: 'https://attacker.example/' });
      response.end();
      return true;
    case 'html_500':
      replyText(response, 500, '<html><body>Bitrix24 is down</body></html>');
      return true;
    default:
      return false;
  }
}

/** Answers a call that was carried out, or spoils its answer. */
function failAfter(fault: Fault | undefined, response: ServerResponse, body: Row): void {
  switch (fault?.kind) {
    case 'hang_after':
      break;
    case 'drop_after':
      response.destroy();
      break;
    case 'invalid_json':
      replyText(response, 200, '{"result": tru');
      break;
    case 'huge':
      replyText(response, 200, `{"result":"${'x'.repeat(HUGE)}"}`);
      break;
    case 'answer':
      reply(response, 200, fault.body);
      break;
    default:
      reply(response, 200, body);
  }
}

function perform(state: State, name: string, params: Params): Row {
  const method = METHODS[name];
  if (method === undefined) throw new TypeError('admitted without a method');
  validate(name, method, params);
  const now = state.clock() / 1000;
  const time = {
    start: now,
    finish: now + 0.1,
    duration: 0.1,
    processing: 0.05,
    date_start: new Date(now * 1000).toISOString(),
    date_finish: new Date(now * 1000 + 100).toISOString(),
    operating_reset_at: Math.ceil(now) + 600,
    operating: 0.1,
  };
  return { ...method.run(state.portal, params), time };
}

function takeFault(state: State, method: string): Fault | undefined {
  const found = state.faults.find(
    (entry) => entry.left > 0 && (entry.method === undefined || entry.method.toLowerCase() === method),
  );
  if (found !== undefined) found.left -= 1;
  return found?.fault;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) throw new RangeError('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function paramsOf(request: IncomingMessage, url: URL, text: string): Params {
  const params: Params = {};
  for (const [key, value] of url.searchParams) assign(params, key, value);
  const type = request.headers['content-type'] ?? '';
  if (text === '') return params;
  if (!type.startsWith('application/json')) {
    for (const [key, value] of new URLSearchParams(text)) assign(params, key, value);
    return params;
  }
  try {
    return { ...params, ...(JSON.parse(text) as Params) };
  } catch {
    throw new Refusal(400, 'INVALID_REQUEST', 'The body is not JSON');
  }
}

/** `filter[%TITLE]=x` and `select[]=ID`, as PHP reads them. */
function assign(params: Params, key: string, value: string): void {
  const [name = '', ...path] = key.split(/\[|\]\[|\]/).filter((part, i, parts) => i < parts.length - 1 || part !== '');
  const field = path[0];
  if (!key.includes('[')) params[name] = value;
  else if (field === undefined || field === '') params[name] = [...((params[name] ?? []) as unknown[]), value];
  else params[name] = { ...((params[name] ?? {}) as Row), [field]: value };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function replyText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(text);
}
