/**
 * `/mcp` from a web Request and a Principal to a Response: origin, size, limits and meters first, then the protocol.
 * It knows nothing of AWS; the same function answers under Lambda and in tests.
 */
import { tenantMark, type Log } from '../../core/log.ts';
import type { Principal, TenantPrincipal } from '../../core/keys/principal.ts';
import type { OverLimit } from '../../core/meter/key-limits.ts';
import { isProviderTool } from './protocol/dispatch.ts';
import { MAX_MESSAGES, messagesIn, providerCallsIn, valid } from './protocol/messages.ts';
import type { Extension } from './protocol/extension.ts';
import { createOriginRules, type OriginRules } from './protocol/origin.ts';
import { isNestedDeeperThan } from '../../core/nesting.ts';
import { rpcError } from './protocol/rpc-error.ts';
import { authInfoOf, createProtocol, MAX_MCP_BODY_BYTES } from './protocol/server.ts';
import type { McpDeps, CallContext } from './request/call-context.ts';
import { createMonthCalls } from './request/month-calls.ts';
import { whenEnded } from './request/when-ended.ts';
import type { PublicUrl } from '../../core/public-url.ts';

/** Nesting of a body, in levels: deeper ones are refused before anything recursive meets them. */
const MAX_DEPTH = 100;

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
  return async (request, principal, requestContext) =>
    origins.refuse(request) ?? origins.readable(request, await serve(request, principal, requestContext));
}

function createServe(deps: McpDeps, log: Log, extensions: readonly Extension[]): McpApp {
  const protocol = createProtocol(deps.version, log, extensions);
  return async (request, principal, requestContext) => {
    if (principal.kind === 'rejected') return rpcError(400, principal.problem);
    if (principal.kind !== 'tenant') return rpcError(403, 'An operator key does not work here. Use an API key.');
    const body = await readBody(request);
    if (body === undefined)
      return rpcError(413, `The request is larger than ${MAX_MCP_BODY_BYTES} bytes. Send less at once.`);
    if (isNestedDeeperThan(MAX_DEPTH, body))
      return rpcError(400, `The request is nested deeper than ${MAX_DEPTH} levels. Send flatter data.`);
    const sent = messagesIn(body);
    if (sent.length > MAX_MESSAGES) return rpcError(400, tooManyAtOnce(sent.length));
    const messages = valid(sent);
    const minute = await deps.keyLimiter.request(principal, messages.length);
    if (!minute.ok) return overLimit(minute, messages.length);
    const calls = providerCallsIn(messages, (name) => isProviderTool(deps.catalog, name));
    const reserved = await deps.keyLimiter.reserve(principal, calls);
    if (!reserved.ok) return overLimit(reserved, calls);

    const monthCalls = createMonthCalls(calls, reserved);
    const context = { ...sessionFor(deps, log, request, principal, requestContext), monthCalls };
    const settle = (): Promise<void> =>
      monthCalls.settle().catch((error: unknown) => context.log.warn('calls not given back', { error }));
    return whenEnded(settle, async () => {
      const response = await protocol.fetch(normalised(request, body), { authInfo: authInfoOf(context) });
      if (response.status < 500) return response;
      context.log.error('request failed', { status: response.status });
      return rpcError(500, 'Something went wrong here; it has been logged. Try again.');
    });
  };
}

function sessionFor(
  deps: McpDeps,
  log: Log,
  request: Request,
  principal: TenantPrincipal,
  requestContext: McpRequestContext,
): Omit<CallContext, 'monthCalls'> {
  const { searchParams } = new URL(request.url);
  const known = {
    requestId: requestContext.requestId,
    keyId: principal.keyId,
    tenantKeyId: principal.tenantKeyId,
    clientId: principal.clientId,
    tenant: tenantMark(principal.tenant),
  };
  return {
    deps,
    principal,
    flags: {
      fullCatalog: searchParams.get('full_catalog') === 'true',
      systemOnly: searchParams.get('system_only') === 'true',
    },
    publicUrl: requestContext.publicUrl,
    signal: AbortSignal.timeout(requestContext.budgetMs),
    log: {
      info: (event, fields) => log.info(event, { ...known, ...fields }),
      warn: (event, fields) => log.warn(event, { ...known, ...fields }),
      error: (event, fields) => log.error(event, { ...known, ...fields }),
    },
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
    `This key is limited to ${limit} ${LIMITED_TO[of]}.${fewer} Try again in ${retryAfter} seconds, or ask for a higher limit.`,
    { 'retry-after': String(retryAfter) },
  );
}
