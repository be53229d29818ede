/**
 * The HTTP calls for products that embed this service: `POST /connect-links`, `GET /connections` and
 * `DELETE /connections/{provider_key}`, from a Request and a Principal to a Response. They act for the one tenant of the
 * principal. Neither a link nor its code is logged, and no exception's text reaches the wire.
 */
import { durationInWords } from '../../../core/duration.ts';
import { tenantMark, type Log } from '../../../core/log.ts';
import type { Principal, TenantPrincipal } from '../../../core/keys/principal.ts';
import type { KeyLimiter } from '../../../core/meter/key-limits.ts';
import { refuse, serveJson, unknownParameter, wrongMethod, wrongParameter } from '../../../adapters/http/json-edge.ts';
import { connectLink, connections, disconnection, type OperationDeps } from './operations.ts';
import { routeProduct } from './route.ts';
import type { PublicUrl } from '../../../core/public-url.ts';

export interface EmbedDeps extends OperationDeps {
  readonly keyLimiter: Pick<KeyLimiter, 'request'>;
  readonly newId: () => string;
}

export interface EmbedContext {
  readonly requestId: string;
  /** Of the API, as its event names it; it decides what is asked for. */
  readonly resource: string;
  readonly publicUrl: PublicUrl;
}

export type EmbedApp = (request: Request, principal: Principal, context: EmbedContext) => Promise<Response>;

export function createEmbedApp(deps: EmbedDeps, log: Log): EmbedApp {
  return (request, principal, context) => {
    const who = principal.kind === 'tenant' ? principal : undefined;
    const line = {
      requestId: context.requestId,
      method: request.method,
      route: context.resource,
      keyId: principal.keyId,
      clientId: principal.clientId,
      tenantKeyId: 'tenantKeyId' in principal ? principal.tenantKeyId : undefined,
      tenant: who && tenantMark(who.tenant),
    };
    const { clock, newId } = deps;
    return serveJson({ log, clock, newId, event: 'embed request', line, failed: FAILED }, () =>
      serve(deps, log, request, principal, context),
    );
  };
}

const FAILED = {
  message: 'Something went wrong here; it has been logged.',
  next: 'Try again; if it stays, give the reference to the operators.',
};

async function serve(
  deps: EmbedDeps,
  log: Log,
  request: Request,
  principal: Principal,
  { publicUrl, resource }: EmbedContext,
): Promise<Response> {
  if (principal.kind === 'rejected') return refuse(wrongParameter(principal.problem));
  if (principal.kind !== 'tenant')
    return refuse({ code: 'forbidden', message: 'This key does not work here.', next: 'Use an API key of a client.' });
  const limited = await overLimit(deps, principal);
  if (limited !== undefined) return limited;

  const { pathname, searchParams } = new URL(request.url);
  const target = routeProduct(request.method, resource, pathname);
  const known = target.kind === 'disconnect' ? ['org_id', 'user_id', 'connection'] : ['org_id', 'user_id'];
  const unknown = unknownParameter(searchParams, known);
  if (unknown !== undefined) return refuse(unknown);
  // The rest of the query would be left over, and the default user's account removed.
  if (target.kind === 'disconnect' && searchParams.has('org_id') && principal.user === undefined)
    return refuse(
      wrongParameter('An organization without a user_id is the default user. Nothing is removed that way.'),
    );
  switch (target.kind) {
    case 'connect_link':
      return connectLink(deps, principal, request, publicUrl);
    case 'connections':
      return connections(deps, principal);
    case 'disconnect':
      return disconnection(deps, log, principal, target.providerKey, searchParams.getAll('connection'));
    case 'wrong_method':
      return refuse(wrongMethod([target.allow]));
    case 'unknown':
      return refuse({ code: 'not_found', message: 'There is nothing at this address.', next: 'Check the path.' });
  }
}

async function overLimit(deps: EmbedDeps, principal: TenantPrincipal): Promise<Response | undefined> {
  const decision = await deps.keyLimiter.request(principal);
  if (decision.ok) return undefined;
  const { limit, retryAfter } = decision;
  return refuse({
    code: 'rate_limited',
    message: `This key is limited to ${limit} requests per minute.`,
    next: `Try again in ${durationInWords(retryAfter)}, or ask for a higher limit.`,
    retry_after: retryAfter,
  });
}
