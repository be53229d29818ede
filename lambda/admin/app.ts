/**
 * The admin API: a Request and a Principal to a Response. Nothing here reads a header for identity, no exception's
 * text reaches the wire, and every response passes through its schema in the contract.
 */
import {
  jsonResponse,
  problemsOf,
  readJson,
  refuse,
  serveJson,
  unknownParameter,
  wrongMethod,
  type Refusal,
} from '../../adapters/http/json-edge.ts';
import * as z from 'zod';
import type { Log } from '../../core/log.ts';
import type { Principal } from '../../core/keys/principal.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { CONTRACT, MAX_ADMIN_BODY_BYTES, type Operation } from './contract.ts';
import type { Endpoint } from './resource/endpoint.ts';
import type { AdminDeps, AdminContext } from './resource/operation.ts';
import { createOperations } from './operations.ts';
import { CORRECT_FIELDS, FAILED, invalidRequest, noSuchEndpoint, notAnOperator, notOfEveryClient } from './refusal.ts';
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
    if (principal.kind !== 'operator') return refuse(notAnOperator());
    const url = new URL(request.url);
    const target = routeAdmin(request.method, url.pathname);
    if (target.kind === 'unknown') return refuse(noSuchEndpoint());
    if (target.kind === 'wrong_method') return refuse(wrongMethod(target.allow));

    const { operation } = target;
    const endpoint: Endpoint = CONTRACT[operation];
    if (endpoint.scope === 'all' && principal.clientId !== undefined) return refuse(notOfEveryClient());
    const given = await read(endpoint, request, url.searchParams, target.params);
    if (!given.ok) return refuse(given.fault);

    // The table of operations is checked against the contract by type; one call site cannot see which row it is.
    const run = operations[operation] as (given: unknown, context: AdminContext) => ReturnType<AnyOperation>;
    const result = await run(given.value, { operator: principal, publicUrl });
    if (!result.ok) return refuse(result.fault);
    return jsonResponse(endpoint.status, endpoint.response.parse(result.value));
  }

  return (request, principal, place) => {
    const { keyId, clientId } = principal;
    const target = routeAdmin(request.method, new URL(request.url).pathname);
    const route = target.kind === 'found' ? CONTRACT[target.operation].path : 'none';
    const line = { keyId, clientId, method: request.method, route };
    return serveJson({ ...deps, event: 'admin request', line, failed: FAILED }, () => serve(request, principal, place));
  };
}

type AnyOperation = ReturnType<typeof createOperations>[Operation];

/** The names of the parameters that a query's schema has. */
function namesOf(query: Endpoint['query']): readonly string[] {
  return query instanceof z.ZodObject ? Object.keys(query.shape) : [];
}

/** What the endpoint is given: path, query and body, each through its schema. */
async function read(
  endpoint: Endpoint,
  request: Request,
  search: URLSearchParams,
  pathParams: Readonly<Record<string, string>>,
): Promise<Result<unknown, Refusal>> {
  const repeated = [...search.keys()].find((name) => search.getAll(name).length > 1);
  if (repeated !== undefined) return fail(invalidRequest(`${repeated}: send it once`));
  const wrongName = unknownParameter(search, namesOf(endpoint.query));
  if (wrongName !== undefined) return fail(wrongName);
  const body = await readJson(request, { maxBytes: MAX_ADMIN_BODY_BYTES, help: CORRECT_FIELDS });
  if (!body.ok) return body;
  const params = endpoint.params.safeParse(pathParams);
  const query = endpoint.query.safeParse(Object.fromEntries(search));
  const parsed = endpoint.body.safeParse(body.value ?? {});
  if (params.success && query.success && parsed.success)
    return ok({ params: params.data, query: query.data, body: parsed.data });
  const issues = [params, query, parsed].flatMap(({ error }) => error?.issues ?? []);
  return fail(invalidRequest(problemsOf(issues)));
}
