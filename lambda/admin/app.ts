/**
 * The admin API: a Request and a Principal to a Response. Nothing here reads a header for identity, no exception's
 * text reaches the wire, and every answer passes through its schema in the contract.
 */
import type { Log } from '../core/log.ts';
import type { Principal } from '../core/principal.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { CONTRACT, MAX_BODY_BYTES, type Endpoint, type ErrorCode, type Operation } from './contract.ts';
import { createOperations, type AdminDeps } from './operations.ts';
import { route } from './route.ts';

export interface AdminAppDeps extends AdminDeps {
  readonly log: Log;
  /** A fresh id for a failure, in the answer and in the log. */
  readonly newReference: () => string;
}

export type AdminApp = (request: Request, principal: Principal) => Promise<Response>;

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
  readonly reference?: string;
  readonly allow?: readonly string[];
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  internal: 500,
};
const MAX_PROBLEMS = 5;

export function createAdminApp(deps: AdminAppDeps): AdminApp {
  const operations = createOperations(deps);

  async function serve(request: Request, principal: Principal): Promise<Response> {
    if (principal.kind !== 'operator') return refuse(notAnOperator());
    const url = new URL(request.url);
    const target = route(request.method, url.pathname);
    if (target.kind === 'unknown') return refuse(noSuchEndpoint());
    if (target.kind === 'wrong_method') return refuse(wrongMethod(target.allow));

    const { operation } = target;
    const endpoint: Endpoint = CONTRACT[operation];
    if (endpoint.scope === 'all' && principal.clientId !== undefined) return refuse(notOfEveryClient());
    const given = await read(endpoint, request, url.searchParams, target.params);
    if (!given.ok) return refuse(given.fault);

    // The table of operations is checked against the contract by type; one call site cannot see which row it is.
    const run = operations[operation] as (given: unknown, operator: Principal) => ReturnType<AnyOperation>;
    const result = await run(given.value, principal);
    if (!result.ok) return refuse(result.fault);
    return answer(endpoint.status, endpoint.answer.parse(result.value));
  }

  return async (request, principal) => {
    const started = deps.clock();
    const { keyId, clientId } = principal.kind === 'rejected' ? {} : principal;
    const response = await serve(request, principal).catch((error: unknown) => {
      const reference = deps.newReference();
      deps.log.error('admin request failed', { error, reference, keyId });
      return refuse(broken(reference));
    });
    const target = route(request.method, new URL(request.url).pathname);
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
): Promise<Result<unknown, Refusal>> {
  const repeated = [...search.keys()].find((name) => search.getAll(name).length > 1);
  if (repeated !== undefined) return fail(invalid([`${repeated}: send it once`]));
  const body = await readBody(request);
  if (!body.ok) return body;
  const params = endpoint.params.safeParse(pathParams);
  const query = endpoint.query.safeParse(Object.fromEntries(search));
  const parsed = endpoint.body.safeParse(body.value);
  if (params.success && query.success && parsed.success)
    return ok({ params: params.data, query: query.data, body: parsed.data });
  const issues = [params, query, parsed].flatMap(({ error }) => error?.issues ?? []);
  return fail(invalid(issues.map(({ path, message }) => [...path, message].join(': '))));
}

async function readBody(request: Request): Promise<Result<unknown, Refusal>> {
  const text = await request.text();
  if (text === '') return ok({});
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) return fail(tooLarge());
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) return fail(notJson());
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return fail(invalid(['the body is not JSON']));
  }
}

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  // An answer may hold a new key: nothing on the way may keep it.
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers },
  });
}

function refuse({ allow, ...error }: Refusal): Response {
  return answer(STATUS[error.code], { error }, allow === undefined ? {} : { allow: allow.join(', ') });
}

function invalid(problems: readonly string[]): Refusal {
  return {
    code: 'invalid_input',
    message: problems.slice(0, MAX_PROBLEMS).join('; '),
    next: 'Correct the named fields and send the request again; /admin/v1/openapi.json describes them.',
  };
}

function notAnOperator(): Refusal {
  return {
    code: 'forbidden',
    message: 'The admin API takes operator keys only.',
    next: 'Send an operator key as Bearer; `npm run -s allmcp -- bootstrap` makes the first one.',
  };
}

function notOfEveryClient(): Refusal {
  return {
    code: 'forbidden',
    message: 'This operator key manages one client only; operator keys are managed by operators of every client.',
    next: 'Use an operator key of every client.',
  };
}

function noSuchEndpoint(): Refusal {
  return {
    code: 'not_found',
    message: 'There is no such endpoint.',
    next: 'See /admin/v1/openapi.json for those there are.',
  };
}

function wrongMethod(allow: readonly string[]): Refusal {
  return {
    code: 'method_not_allowed',
    message: `This endpoint takes ${allow.join(' or ')}.`,
    next: 'See /admin/v1/openapi.json for what it takes.',
    allow,
  };
}

function tooLarge(): Refusal {
  return {
    code: 'too_large',
    message: `A request body may hold ${MAX_BODY_BYTES / 1024} KB at most.`,
    next: 'Send a smaller body.',
  };
}

function notJson(): Refusal {
  return {
    code: 'unsupported_media_type',
    message: 'The body must be JSON.',
    next: 'Send it with Content-Type: application/json.',
  };
}

function broken(reference: string): Refusal {
  return {
    code: 'internal',
    message: 'Something went wrong inside the admin API.',
    next: 'Try again; if it stays, look for the reference in the log of the admin function.',
    reference,
  };
}
