/**
 * `/mcp` from a web Request and a Principal to a Response: origin, size, limits and meters first, then the protocol.
 * It knows nothing of AWS; the same function answers under Lambda and in tests.
 */
import { durationInWords } from '../../core/duration.ts';
import { regardless, tenantMark, type Log } from '../../core/log.ts';
import type { Principal, TenantPrincipal } from '../../core/keys/principal.ts';
import type { OverLimit, ReservedCalls } from '../../core/meter/key-limits.ts';
import { withoutAbsent } from './protocol/absent-values.ts';
import { isProviderTool } from './protocol/dispatch.ts';
import { MAX_MESSAGES, messagesOf, providerCallsIn, valid } from './protocol/messages.ts';
import type { Extension } from './protocol/extension.ts';
import { createOriginRules, type OriginRules } from './protocol/origin.ts';
import { strictJson } from '../../core/json.ts';
import { isNestedDeeperThan } from '../../core/nesting.ts';
import { plainResponse } from './protocol/plain-response.ts';
import { outageResponse, rpcError } from './protocol/rpc-error.ts';
import { authInfoOf, createProtocol, MAX_MCP_BODY_BYTES } from './protocol/server.ts';
import type { McpDeps, CallContext } from './request/call-context.ts';
import { createMonthCalls } from './request/month-calls.ts';
import { whenEnded } from './request/when-ended.ts';
import type { PublicUrl } from '../../core/public-url.ts';
import { Unavailable } from '../../core/unavailable.ts';

/** Nesting of a body, in levels: deeper ones are refused before anything recursive meets them. */
const MAX_DEPTH = 100;

/** The one line that a refusal leaves. */
const REFUSED = 'request refused';

export interface McpRequestContext {
  readonly requestId: string;
  /** Milliseconds this request may take; calls to providers end by then. */
  readonly budgetMs: number;
  readonly publicUrl: PublicUrl;
}

export type McpApp = (request: Request, principal: Principal, requestContext: McpRequestContext) => Promise<Response>;

export interface McpAppOptions {
  /** Default: none. */
  readonly extensions?: readonly Extension[] | undefined;
  /** Default: pages of this machine only. */
  readonly origins?: OriginRules;
}

export function createMcpApp(
  deps: McpDeps,
  log: Log,
  { extensions = [], origins = createOriginRules([]) }: McpAppOptions = {},
): McpApp {
  const serve = createServe(deps, log, extensions);
  return async (request, principal, requestContext) => {
    const otherOrigin = origins.refuse(request);
    if (otherOrigin === undefined) return origins.readable(request, await serve(request, principal, requestContext));
    return refused(knowing(log, principal, requestContext), 'origin', otherOrigin);
  };
}

/** One line for whoever asks why; the caller is told what to do, and no more than that. */
function refused(log: Log, outcome: string, response: Response): Response {
  log.info(REFUSED, { status: response.status, outcome });
  return response;
}

function createServe(deps: McpDeps, log: Log, extensions: readonly Extension[]): McpApp {
  const protocol = createProtocol(deps.version, log, extensions);
  return async (request, principal, requestContext) => {
    const known = knowing(log, principal, requestContext);
    if (principal.kind === 'rejected') return refused(known, 'parameters', rpcError(400, principal.problem));
    if (principal.kind !== 'tenant')
      return refused(known, 'wrong_scope', rpcError(403, 'An operator key does not work here. Use an API key.'));
    const asked = await read(request, known);
    if (asked instanceof Response) return asked;
    const { body, parsedBody, searchParams } = asked;

    const counted = await count(deps, principal, valid(messagesOf(parsedBody)), known).catch((error: unknown) => {
      // What cannot be counted is not run: a limit that ends with the counter is none.
      if (!(error instanceof Unavailable)) throw error;
      known.error('request failed', { outcome: 'unavailable', error });
      return outageResponse(error);
    });
    if (counted instanceof Response) return counted;

    const monthCalls = createMonthCalls(counted.calls, counted.reserved);
    let outage: Unavailable | undefined;
    // A message that was refused has its line already; some of them give the whole response their status.
    let isSaid = false;
    const saying: Log = {
      ...known,
      info: (event, fields) => {
        isSaid ||= event === REFUSED;
        known.info(event, fields);
      },
    };
    const context = {
      ...sessionFor(deps, saying, searchParams, principal, requestContext),
      monthCalls,
      onOutage: (error: Unavailable) => void (outage = error),
    };
    const settle = async (): Promise<void> => regardless(known, 'calls not given back', () => monthCalls.settle());
    return whenEnded(settle, async () => {
      const response = await protocol.fetch(normalised(request, body), { authInfo: authInfoOf(context), parsedBody });
      const isBatch = Array.isArray(parsedBody);
      const plain = await plainResponse(response, { accept: request.headers.get('accept'), isBatch });
      // In a batch each message has its own answer, and another may have done something.
      if (outage !== undefined && !isBatch) return outageResponse(outage);
      if (plain.status < 400) return plain;
      if (plain.status < 500 && isSaid) return plain;
      if (plain.status < 500) return refused(known, 'invalid_request', plain);
      known.error('request failed', { status: plain.status });
      return rpcError(500, 'Something went wrong here; it has been logged. Try again.');
    });
  };
}

interface Asked {
  readonly body: string;
  /** Undefined for what is no JSON; the protocol then says so. */
  readonly parsedBody: unknown;
  readonly searchParams: URLSearchParams;
}

/** What was sent, or why it cannot be looked at. */
async function read(request: Request, log: Log): Promise<Asked | Response> {
  const { searchParams } = new URL(request.url);
  const wrongFlag = FLAGS.find((flag) => !isFlag(searchParams.getAll(flag)));
  if (wrongFlag !== undefined)
    return refused(
      log,
      'parameters',
      rpcError(400, `Send ${wrongFlag}=true or ${wrongFlag}=false once, or leave it out.`),
    );
  const body = await readBody(request);
  if (body === undefined) {
    const message = `The request is larger than ${MAX_MCP_BODY_BYTES / 1024 / 1024} MB. Send less at once.`;
    return refused(log, 'too_large', rpcError(413, message));
  }
  if (isNestedDeeperThan(MAX_DEPTH, body)) {
    const message = `The request is nested deeper than ${MAX_DEPTH} levels. Send flatter data.`;
    return refused(log, 'too_deep', rpcError(400, message));
  }
  const parsedBody = withoutAbsent(parsed(body));
  const { length } = messagesOf(parsedBody);
  if (length > MAX_MESSAGES) return refused(log, 'too_many_messages', rpcError(400, tooManyAtOnce(length)));
  return { body, parsedBody, searchParams };
}

/** Sets aside what the messages will use of the key's limits, or says which one they are over. */
async function count(
  deps: McpDeps,
  principal: TenantPrincipal,
  messages: readonly unknown[],
  log: Log,
): Promise<{ readonly calls: number; readonly reserved: ReservedCalls } | Response> {
  const minute = await deps.keyLimiter.request(principal, messages.length);
  if (!minute.ok) return refused(log, 'rate_limited', overLimit(minute, messages.length));
  const calls = providerCallsIn(messages, (name) => isProviderTool(deps.catalog, name));
  const reserved = await deps.keyLimiter.reserve(principal, calls);
  return reserved.ok ? { calls, reserved } : refused(log, 'rate_limited', overLimit(reserved, calls));
}

function sessionFor(
  deps: McpDeps,
  log: Log,
  searchParams: URLSearchParams,
  principal: TenantPrincipal,
  requestContext: McpRequestContext,
): Omit<CallContext, 'monthCalls' | 'onOutage'> {
  return {
    deps,
    principal,
    flags: {
      fullCatalog: searchParams.get('full_catalog') === 'true',
      systemOnly: searchParams.get('system_only') === 'true',
    },
    publicUrl: requestContext.publicUrl,
    signal: AbortSignal.timeout(requestContext.budgetMs),
    log,
  };
}

/** The log, with who asks in every line. */
function knowing(log: Log, principal: Principal, { requestId }: Pick<McpRequestContext, 'requestId'>): Log {
  const { keyId, clientId } = principal;
  const known = {
    requestId,
    keyId,
    tenantKeyId: 'tenantKeyId' in principal ? principal.tenantKeyId : undefined,
    clientId,
    tenant: principal.kind === 'tenant' ? tenantMark(principal.tenant) : undefined,
  };
  return {
    info: (event, fields) => log.info(event, { ...known, ...fields }),
    warn: (event, fields) => log.warn(event, { ...known, ...fields }),
    error: (event, fields) => log.error(event, { ...known, ...fields }),
  };
}

/** A flag that was sent in another way must not mean that it was left out. */
const FLAGS = ['full_catalog', 'system_only'];

function isFlag([value, ...more]: readonly string[]): boolean {
  return more.length === 0 && (value === undefined || value === 'true' || value === 'false');
}

/** The text of the body, without what only lenient parsers take; undefined when it is too large. */
async function readBody(request: Request): Promise<string | undefined> {
  const bytes = await request.arrayBuffer();
  return bytes.byteLength > MAX_MCP_BODY_BYTES ? undefined : strictJson(Buffer.from(bytes).toString('utf8'));
}

/** Undefined for what is no JSON; the protocol then says so. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

/** Older clients, scripts and proxies send any `Accept`; the protocol's older leg insists on both types. */
function normalised(request: Request, body: string): Request {
  const headers = new Headers(request.headers);
  headers.set('accept', 'application/json, text/event-stream');
  return new Request(request.url, { method: request.method, headers, body });
}

function tooManyAtOnce(messages: number): string {
  return `This request holds ${messages} messages, and one may hold ${MAX_MESSAGES}. Send them in several requests.`;
}

const LIMITED_TO: Readonly<Record<OverLimit['of'], string>> = {
  minute: 'messages per minute',
  month: 'provider calls per month',
  share: 'provider calls per month, its share of what the key has that it was made with',
};

/** @param asked how many the request holds of what is limited. */
function overLimit({ limit, retryAfter, of }: OverLimit, asked: number): Response {
  const fewer = asked > 1 ? ` This request holds ${asked}, and all of them have to fit.` : '';
  return rpcError(
    429,
    `This key is limited to ${limit} ${LIMITED_TO[of]}.${fewer} Try again in ${durationInWords(retryAfter)}, or ask for a higher limit.`,
    { 'retry-after': String(retryAfter) },
  );
}
