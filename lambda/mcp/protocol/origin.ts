/**
 * Which web pages may use the endpoint. A request without `Origin` comes from no page and passes; a page served from
 * this machine passes; any other must be on the deployment's list. A page that may not gets no answer it can read.
 */
import { isLoopbackHost } from '../../../core/origin.ts';
import { rpcError } from './rpc-error.ts';

const ALLOWED_METHODS = 'POST, GET, DELETE';
const ALLOWED_HEADERS = [
  'content-type',
  'accept',
  'authorization',
  'x-api-key',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'mcp-session-id',
  'last-event-id',
  'traceparent',
].join(', ');
const EXPOSED_HEADERS = 'www-authenticate, retry-after, mcp-session-id';
/** Chromium remembers a preflight no longer than this. */
const PREFLIGHT_SECONDS = '7200';

export interface OriginRules {
  /** The answer to a page that may not use the endpoint; undefined when the request may be served. */
  refuse(request: Request): Response | undefined;
  /** The response, with what the page needs to read it. */
  readable(request: Request, response: Response): Response;
  /** The answer to `OPTIONS`, which a browser sends ahead of the request and without its key. */
  preflight(request: Request): Response;
}

/** @param allowed origins as browsers send them, e.g. `https://app.example.com`. */
export function createOriginRules(allowed: readonly string[]): OriginRules {
  const list = new Set(allowed);
  const isAllowed = (origin: string): boolean => list.has(origin) || isLoopback(origin);

  function refuse({ headers }: Request): Response | undefined {
    const origin = headers.get('origin');
    if (origin === null || isAllowed(origin)) return undefined;
    const message =
      'Web pages of this origin may not use this endpoint. Ask your administrator to add it to allowedOrigins.';
    return rpcError(403, message, { vary: 'origin' });
  }

  function readable({ headers }: Request, response: Response): Response {
    const origin = headers.get('origin');
    const withOrigin = new Headers(response.headers);
    withOrigin.set('vary', 'origin');
    if (origin !== null && isAllowed(origin)) {
      withOrigin.set('access-control-allow-origin', origin);
      withOrigin.set('access-control-expose-headers', EXPOSED_HEADERS);
    }
    return new Response(response.body, { status: response.status, headers: withOrigin });
  }

  return {
    refuse,
    readable,
    preflight: (request) =>
      refuse(request) ??
      readable(
        request,
        new Response(null, {
          headers: {
            'access-control-allow-methods': ALLOWED_METHODS,
            'access-control-allow-headers': ALLOWED_HEADERS,
            'access-control-max-age': PREFLIGHT_SECONDS,
          },
        }),
      ),
  };
}

function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return /^https?:$/.test(protocol) && isLoopbackHost(hostname);
}
