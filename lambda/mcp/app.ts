/**
 * `/mcp` from a web Request and a Principal to a Response: origin, size, limits and meters first, then the protocol.
 * It knows nothing of AWS; the same function answers under Lambda and in tests.
 */
import { durationInWords } from '../../core/duration.ts';
import { tenantMark, type Log } from '../../core/log.ts';
import type { Principal, TenantPrincipal } from '../../core/keys/principal.ts';
import type { LimitDecision } from '../../core/meter/key-limits.ts';
import { isProviderCall } from './protocol/dispatch.ts';
import type { Extension } from './protocol/extension.ts';
import { createOriginRules, type OriginRules } from './protocol/origin.ts';
import { isNestedDeeperThan } from '../../core/nesting.ts';
import { outageResponse, rpcError } from './protocol/rpc-error.ts';
import { authInfoOf, createProtocol, MAX_MCP_BODY_BYTES } from './protocol/server.ts';
import type { McpDeps, CallContext } from './request/call-context.ts';
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
    const context = sessionFor(deps, saying, request, principal, requestContext, (error) => (outage = error));

    const body = await readBody(request);
    if (body === undefined) {
      const message = `The request is larger than ${MAX_MCP_BODY_BYTES / 1024 / 1024} MB. Send less at once.`;
      return refused(known, 'too_large', rpcError(413, message));
    }
    if (isNestedDeeperThan(MAX_DEPTH, body)) {
      const message = `The request is nested deeper than ${MAX_DEPTH} levels. Send flatter data.`;
      return refused(known, 'too_deep', rpcError(400, message));
    }
    try {
      const limited = await overLimit(deps, principal, body);
      if (limited !== undefined) return refused(known, 'rate_limited', limited);
    } catch (error) {
      // What cannot be counted is not run: a limit that ends with the counter is none.
      if (!(error instanceof Unavailable)) throw error;
      context.log.error('request failed', { outcome: 'unavailable', error });
      return outageResponse(error);
    }

    const response = await protocol.fetch(normalised(request, body), { authInfo: authInfoOf(context) });
    // In a batch each message has its own answer, and another may have done something.
    if (outage !== undefined && !body.trimStart().startsWith('[')) return outageResponse(outage);
    if (response.status < 400) return response;
    if (response.status < 500 && isSaid) return response;
    if (response.status < 500) return refused(known, 'invalid_request', response);
    context.log.error('request failed', { status: response.status });
    return rpcError(500, 'Something went wrong here; it has been logged. Try again.');
  };
}

function sessionFor(
  deps: McpDeps,
  log: Log,
  request: Request,
  principal: TenantPrincipal,
  requestContext: McpRequestContext,
  onOutage: CallContext['onOutage'],
): CallContext {
  const { searchParams } = new URL(request.url);
  return {
    deps,
    principal,
    flags: {
      fullCatalog: searchParams.get('full_catalog') === 'true',
      systemOnly: searchParams.get('system_only') === 'true',
    },
    publicUrl: requestContext.publicUrl,
    onOutage,
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

/** The text of the body, or undefined when it is too large. */
async function readBody(request: Request): Promise<string | undefined> {
  const bytes = await request.arrayBuffer();
  return bytes.byteLength > MAX_MCP_BODY_BYTES ? undefined : Buffer.from(bytes).toString('utf8');
}

/** Older clients, scripts and proxies send any `Accept`; the protocol's older leg insists on both types. */
function normalised(request: Request, body: string): Request {
  const headers = new Headers(request.headers);
  headers.set('accept', 'application/json, text/event-stream');
  return new Request(request.url, { method: request.method, headers, body });
}

async function overLimit(deps: McpDeps, principal: TenantPrincipal, body: string): Promise<Response | undefined> {
  const request = await deps.keyLimiter.request(principal);
  if (!request.ok) return tooMany(request, 'requests per minute');
  if (principal.limits.monthly === undefined) return undefined;
  for (let calls = countProviderCalls(body); calls > 0; calls -= 1) {
    const call = await deps.keyLimiter.call(principal);
    if (!call.ok) return tooMany(call, 'provider calls per month');
  }
  return undefined;
}

function tooMany({ limit, retryAfter }: Extract<LimitDecision, { ok: false }>, what: string): Response {
  return rpcError(
    429,
    `This key is limited to ${limit} ${what}. Try again in ${durationInWords(retryAfter)}, or ask for a higher limit.`,
    {
      'retry-after': String(retryAfter),
    },
  );
}

/** Provider calls in the body, which may be a batch. A body that is not JSON-RPC counts none and is refused later. */
function countProviderCalls(body: string): number {
  try {
    const parsed = JSON.parse(body) as unknown;
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(callsProvider).length;
  } catch {
    return 0;
  }
}

function callsProvider(message: unknown): boolean {
  const { method, params } = Object(message) as { method?: unknown; params?: unknown };
  return method === 'tools/call' && isProviderCall(Object(params).name);
}
