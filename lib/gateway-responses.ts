/**
 * What API Gateway itself answers, in one table: a JSON-RPC error with a sentence that says what to do. The laptop
 * runtime serves the same texts from the synthesized template. Bodies hold no `$` or `#` but the variables meant.
 */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';

export interface GatewayAnswer {
  readonly type: string;
  /** Left out where API Gateway's own status is kept. */
  readonly status?: number;
  readonly code: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON-RPC error codes of this endpoint's HTTP failures. */
export const RPC_CODES = {
  invalidRequest: -32600,
  internal: -32603,
  unauthorized: -32001,
  forbidden: -32003,
  notFound: -32004,
  methodNotAllowed: -32005,
  tooLarge: -32013,
  tooMany: -32029,
  badGateway: -32052,
  unavailable: -32053,
  gatewayTimeout: -32054,
} as const;

const NOT_FOUND = 'There is nothing at this address. Send MCP requests with POST to the path /mcp.';

/** One text for no key, an unknown, a malformed, a revoked and an expired one: it must not tell which. */
const NEEDS_KEY =
  'This endpoint needs a valid AllMCP API key. Send it as X-API-Key or Authorization: Bearer; ask your administrator ' +
  'for a new key if this one was revoked or has expired.';

export const GATEWAY_ANSWERS: readonly GatewayAnswer[] = [
  {
    type: 'UNAUTHORIZED',
    status: 401,
    code: RPC_CODES.unauthorized,
    message: NEEDS_KEY,
    headers: { 'WWW-Authenticate': 'Bearer realm="allmcp"' },
  },
  // The authorizer writes the reason: plain text without quotes or backslashes, because it is pasted as it is.
  { type: 'ACCESS_DENIED', status: 403, code: RPC_CODES.forbidden, message: '$context.authorizer.reason' },
  {
    type: 'WAF_FILTERED',
    status: 403,
    code: RPC_CODES.forbidden,
    message: 'A firewall rule of this deployment refused the request. Ask your administrator which one.',
  },
  { type: 'MISSING_AUTHENTICATION_TOKEN', status: 404, code: RPC_CODES.notFound, message: NOT_FOUND },
  { type: 'RESOURCE_NOT_FOUND', status: 404, code: RPC_CODES.notFound, message: NOT_FOUND },
  // An unknown path with an Authorization header that is no AWS signature ends here; no path of ours uses signatures.
  { type: 'INVALID_SIGNATURE', status: 404, code: RPC_CODES.notFound, message: NOT_FOUND },
  // Only fixed answers check the content type, and nearly all of them are the 404 of an unknown path.
  { type: 'UNSUPPORTED_MEDIA_TYPE', status: 404, code: RPC_CODES.notFound, message: NOT_FOUND },
  {
    type: 'REQUEST_TOO_LARGE',
    status: 413,
    code: RPC_CODES.tooLarge,
    message: 'The request is larger than this endpoint accepts. Send less data in one call.',
  },
  {
    type: 'THROTTLED',
    status: 429,
    code: RPC_CODES.tooMany,
    message: 'Too many requests reach this endpoint right now. Try again in a second.',
    headers: { 'Retry-After': '1' },
  },
  {
    type: 'QUOTA_EXCEEDED',
    status: 429,
    code: RPC_CODES.tooMany,
    message: 'The request quota of this endpoint is used up. Try again tomorrow or ask your administrator.',
    headers: { 'Retry-After': '3600' },
  },
  {
    type: 'INTEGRATION_FAILURE',
    status: 502,
    code: RPC_CODES.badGateway,
    message: 'The endpoint failed while answering, so a change may have been made. Check before trying again.',
  },
  {
    type: 'INTEGRATION_TIMEOUT',
    status: 504,
    code: RPC_CODES.gatewayTimeout,
    message: 'The endpoint did not answer in time, so a change may have been made. Check before trying again.',
  },
  {
    type: 'AUTHORIZER_FAILURE',
    status: 503,
    code: RPC_CODES.unavailable,
    message: 'The key could not be checked right now. Try again in a few seconds.',
    headers: { 'Retry-After': '5' },
  },
  {
    type: 'AUTHORIZER_CONFIGURATION_ERROR',
    status: 503,
    code: RPC_CODES.unavailable,
    message: 'The key could not be checked right now. Try again in a few seconds.',
    headers: { 'Retry-After': '5' },
  },
  {
    type: 'DEFAULT_4XX',
    code: RPC_CODES.invalidRequest,
    message: 'The request cannot be accepted. Check its address, method, headers and body.',
  },
  {
    type: 'DEFAULT_5XX',
    code: RPC_CODES.internal,
    message: 'Something went wrong inside this endpoint. Try again later and tell your administrator if it stays.',
  },
];

/** The error body of an HTTP failure: `id` is null because the request was not read. */
export function rpcErrorBody(code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });
}

/**
 * These texts hold nothing of a caller, so any web page may read them; without it a page could not tell a wrong key
 * from a broken network. What a function answers is readable by allowed origins only (docs/decisions/0005).
 */
export const READABLE_BY_ANY_PAGE = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After',
} as const;

/** Adds every row of the table to the API. */
export function addGatewayAnswers(api: apigateway.RestApi): void {
  for (const { type, status, code, message, headers } of GATEWAY_ANSWERS)
    api.addGatewayResponse(type, {
      type: apigateway.ResponseType.of(type),
      ...(status === undefined ? {} : { statusCode: String(status) }),
      templates: { 'application/json': rpcErrorBody(code, message) },
      responseHeaders: literalHeaders({ ...READABLE_BY_ANY_PAGE, ...headers }),
    });
}

/** API Gateway takes a literal header value between single quotes. */
export function literalHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));
}
