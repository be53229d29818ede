/**
 * The admin API: a Request and a Principal to a Response. Nothing here reads a header for identity, no exception's
 * text reaches the wire, and every answer passes through its schema in the contract.
 */
import type { Log } from '../../core/log.ts';
import type { Principal } from '../../core/keys/principal.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { CONTRACT, MAX_ADMIN_BODY_BYTES, type Operation } from './contract.ts';
import type { Endpoint } from './resource/endpoint.ts';
import type { AdminDeps, AdminContext } from './resource/operation.ts';
import { createOperations } from './operations.ts';
import {
  jsonResponse,
  broken,
  invalidAdmin,
  noSuchEndpoint,
  notAnOperator,
  notJson,
  notOfEveryClient,
  refuseAdmin,
  tooLarge,
  wrongMethod,
  type AdminRefusal,
} from './refusal.ts';
import { routeAdmin } from './route.ts';

export interface AdminAppDeps extends AdminDeps {
  readonly log: Log;
  /** A fresh id for a failure, in the answer and in the log. */
  readonly newId: () => string;
}

/** @param place where the service is reached from outside, for the addresses in answers. */
export type AdminApp = (
  request: Request,
  principal: Principal,
  place: Pick<AdminContext, 'publicUrl'>,
) => Promise<Response>;

export function createAdminApp(deps: AdminAppDeps): AdminApp {
  const operations = createOperations(deps);

  async function serve(...[request, principal, { publicUrl }]: Parameters<AdminApp>): Promise<Response> {
    if (principal.kind !== 'operator') return refuseAdmin(notAnOperator());
    const url = new URL(request.url);
    const target = routeAdmin(request.method, url.pathname);
    if (target.kind === 'unknown') return refuseAdmin(noSuchEndpoint());
    if (target.kind === 'wrong_method') return refuseAdmin(wrongMethod(target.allow));

    const { operation } = target;
    const endpoint: Endpoint = CONTRACT[operation];
    if (endpoint.scope === 'all' && principal.clientId !== undefined) return refuseAdmin(notOfEveryClient());
    const given = await read(endpoint, request, url.searchParams, target.params);
    if (!given.ok) return refuseAdmin(given.fault);

    // The table of operations is checked against the contract by type; one call site cannot see which row it is.
    const run = operations[operation] as (given: unknown, context: AdminContext) => ReturnType<AnyOperation>;
    const result = await run(given.value, { operator: principal, publicUrl });
    if (!result.ok) return refuseAdmin(result.fault);
    return jsonResponse(endpoint.status, endpoint.response.parse(result.value));
  }

  return async (request, principal, place) => {
    const started = deps.clock();
    const { keyId, clientId } = principal.kind === 'rejected' ? {} : principal;
    const response = await serve(request, principal, place).catch((error: unknown) => {
      const reference = deps.newId();
      deps.log.error('admin request failed', { error, reference, keyId });
      return refuseAdmin(broken(reference));
    });
    const target = routeAdmin(request.method, new URL(request.url).pathname);
    deps.log.info('admin request', {
      keyId,
      clientId,
      method: request.method,
      route: target.kind === 'found' ? CONTRACT[target.operation].path : 'none',
      status: response.status,
      ms: deps.clock() - started,
    });
    return response;
  };
}

type AnyOperation = ReturnType<typeof createOperations>[Operation];

/** What the endpoint is given: path, query and body, each through its schema. */
async function read(
  endpoint: Endpoint,
  request: Request,
  search: URLSearchParams,
  pathParams: Readonly<Record<string, string>>,
): Promise<Result<unknown, AdminRefusal>> {
  const repeated = [...search.keys()].find((name) => search.getAll(name).length > 1);
  if (repeated !== undefined) return fail(invalidAdmin([`${repeated}: send it once`]));
  const body = await readBody(request);
  if (!body.ok) return body;
  const params = endpoint.params.safeParse(pathParams);
  const query = endpoint.query.safeParse(Object.fromEntries(search));
  const parsed = endpoint.body.safeParse(body.value);
  if (params.success && query.success && parsed.success)
    return ok({ params: params.data, query: query.data, body: parsed.data });
  const issues = [params, query, parsed].flatMap(({ error }) => error?.issues ?? []);
  return fail(invalidAdmin(issues.map(({ path, message }) => [...path, message].join(': '))));
}

async function readBody(request: Request): Promise<Result<unknown, AdminRefusal>> {
  const text = await request.text();
  if (text === '') return ok({});
  if (Buffer.byteLength(text) > MAX_ADMIN_BODY_BYTES) return fail(tooLarge());
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) return fail(notJson());
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return fail(invalidAdmin(['the body is not JSON']));
  }
}
