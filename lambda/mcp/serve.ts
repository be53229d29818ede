/** Which half of the function serves a request: the MCP endpoint, or the calls for products. */
import type { Principal } from '../../core/keys/principal.ts';
import type { McpApp } from './app.ts';
import type { EmbedApp } from './products/app.ts';
import { isEmbedResource } from './products/route.ts';
import type { OriginRules } from './protocol/origin.ts';
import { rpcError } from './protocol/rpc-error.ts';
import type { PublicUrl } from '../../core/public-url.ts';

/** A request as API Gateway hands it on. */
export interface Incoming {
  readonly request: Request;
  /** Reads who it is; a preflight comes from nobody. */
  readonly principal: () => Principal;
  /** Of the API, as its event names it. */
  readonly resource: string;
  /** As the caller sent it, still percent-encoded. */
  readonly path: string;
  readonly requestId: string;
  readonly publicUrl: PublicUrl;
  /** Milliseconds that the function may still run. */
  readonly remainingMs: number;
}

/** What a request may use of the function's time: provider calls end by 25 s, and always before Lambda ends us. */
const LONGEST_MS = 25_000;
const MARGIN_MS = 2_000;

const FAILED = 'Something went wrong here; it has been logged. Try again.';

export function createServe({
  app,
  products,
  origins,
}: {
  readonly app: McpApp;
  readonly products: EmbedApp;
  readonly origins: OriginRules;
}): (incoming: Incoming) => Promise<Response> {
  return async ({ request, principal, resource, path, requestId, publicUrl, remainingMs }) => {
    // For servers of products, not for web pages: no origin is answered.
    if (isEmbedResource(resource)) return products(request, principal(), { requestId, publicUrl, resource });
    // The resource also matches /mcp/<anything>; only the endpoint itself, with or without a slash, is served.
    if (!/\/mcp\/?$/.test(path))
      return origins.readable(request, rpcError(404, 'There is nothing here. The endpoint is POST /mcp.'));
    // The one method that comes without a key: nothing but the Origin is looked at.
    if (request.method === 'OPTIONS') return origins.preflight(request);
    const budgetMs = Math.max(1_000, Math.min(LONGEST_MS, remainingMs - MARGIN_MS));
    return app(request, principal(), { requestId, budgetMs, publicUrl });
  };
}

/** What a caller gets when serving has failed: a fixed text, which any page may read. */
export function failedResponse(): Response {
  return rpcError(500, FAILED, { 'access-control-allow-origin': '*' });
}
