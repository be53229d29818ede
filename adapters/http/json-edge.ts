/**
 * The edge of every HTTP function that speaks JSON and is not MCP: what a body may be, and how a request is answered,
 * refused and logged. What API Gateway answers by itself is JSON-RPC (lib/gateway-responses.ts).
 */
import { parseJson } from '../../core/json.ts';
import { parameterProblem } from '../../core/keys/parameter-names.ts';
import { isNestedDeeperThan } from '../../core/nesting.ts';
import { issuesInWords } from '../../core/text.ts';
import type { Log, LogFields } from '../../core/log.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Clock } from '../../core/time.ts';
import { outageFault, Unavailable } from '../../core/unavailable.ts';

/** Every code that such a function refuses with, and its HTTP status (docs/errors.md, tested both ways). */
export const HTTP_STATUS = {
  invalid_input: 400,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const;
export type HttpErrorCode = keyof typeof HTTP_STATUS;

export interface Refusal {
  readonly code: HttpErrorCode;
  readonly message: string;
  /** What to do now, in one sentence. */
  readonly next: string;
  /** Seconds; also sent as `Retry-After`. */
  readonly retry_after?: number;
  /** Names this failure in the log. */
  readonly reference?: string;
  /** Sent as `Allow`, and not in the body. */
  readonly allow?: readonly string[];
}

/** Real bodies nest under ten levels; what walks parsed values is recursive and ends with its stack. */
const MAX_DEPTH = 100;
const JSON_TYPE = /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i;

export function jsonResponse(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  // A response may hold a new key or a link: nothing on the way may keep it.
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers },
  });
}

export function refuse({ allow, ...error }: Refusal): Response {
  return jsonResponse(
    HTTP_STATUS[error.code],
    { error },
    {
      ...(allow === undefined ? {} : { allow: allow.join(', ') }),
      ...(error.retry_after === undefined ? {} : { 'retry-after': String(error.retry_after) }),
    },
  );
}

/**
 * The JSON of a body, or undefined when there is none. A body may leave out what it is; it may not say that it is
 * something else, as a form of another site would.
 * @param limits.help what to send, for a body that is not JSON.
 */
export async function readJson(
  request: Request,
  limits: { readonly maxBytes: number; readonly help: string },
): Promise<Result<unknown, Refusal>> {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength === 0) return ok(undefined);
  if (bytes.byteLength > limits.maxBytes) return fail(tooLarge(limits.maxBytes));
  const type = request.headers.get('content-type');
  if (type !== null && !JSON_TYPE.test(type)) return fail(NOT_JSON);
  const text = Buffer.from(bytes).toString('utf8');
  if (isNestedDeeperThan(MAX_DEPTH, text)) return fail(TOO_DEEP);
  try {
    return ok(parseJson(text));
  } catch {
    return fail({ code: 'invalid_input', message: 'The body is missing, or is not JSON.', next: limits.help });
  }
}

/** A name that was mistyped must not mean that it was left out. */
export function unknownParameter(search: URLSearchParams, known: readonly string[]): Refusal | undefined {
  const query = Object.fromEntries([...search.keys()].map((name) => [name, search.getAll(name)]));
  const problem = parameterProblem(query, known);
  return problem === undefined ? undefined : wrongParameter(problem);
}

export function wrongParameter(message: string): Refusal {
  return { code: 'invalid_input', message, next: 'Correct the parameter in the URL and send the request again.' };
}

export function wrongMethod(allow: readonly string[]): Refusal {
  const methods = allow.join(' or ');
  return { code: 'method_not_allowed', message: `This address takes ${methods}.`, next: `Use ${methods}.`, allow };
}

/** Problems of several fields in one sentence: fields and rules, never values. */
export function problemsOf(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  return issuesInWords(issues, ': ').join('; ');
}

export interface Served {
  readonly log: Log;
  readonly clock: Clock;
  readonly newId: () => string;
  /** What the log calls it, e.g. `admin request`. */
  readonly event: string;
  /** What is known of the request before it is served. */
  readonly line: LogFields;
  /** What a caller is told of a failure of our own. */
  readonly failed: Pick<Refusal, 'message' | 'next'>;
}

/** Serves a request and logs one line of it. A failure of our own is 500 with a reference that the log has too. */
export async function serveJson(
  { log, clock, newId, event, line, failed }: Served,
  serve: () => Promise<Response>,
): Promise<Response> {
  const began = clock();
  const response = await serve().catch((error: unknown) => {
    const reference = newId();
    log.error(`${event} failed`, { ...line, reference, error });
    return refuse(error instanceof Unavailable ? outage(error) : { code: 'internal', ...failed, reference });
  });
  log.info(event, { ...line, status: response.status, outcome: outcomeOf(response.status), ms: clock() - began });
  return response;
}

/** The code of a refusal: a status has one each. */
function outcomeOf(status: number): string {
  if (status < 400) return 'ok';
  return Object.entries(HTTP_STATUS).find(([, of]) => of === status)?.[0] ?? 'refused';
}

function outage(error: Unavailable): Refusal {
  const { message, next, retry_after: seconds } = outageFault(error);
  return { code: 'unavailable', message, next, ...(seconds === undefined ? {} : { retry_after: seconds }) };
}

function tooLarge(maxBytes: number): Refusal {
  return {
    code: 'too_large',
    message: `The body may hold ${maxBytes / 1024} KB at most.`,
    next: 'Send a smaller body.',
  };
}

const NOT_JSON: Refusal = {
  code: 'unsupported_media_type',
  message: 'The body must be JSON.',
  next: 'Send it with Content-Type: application/json.',
};

const TOO_DEEP: Refusal = {
  code: 'invalid_input',
  message: `The body is nested deeper than ${MAX_DEPTH} levels.`,
  next: 'Send flatter data.',
};
