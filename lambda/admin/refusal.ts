/** How the admin API answers, and every way it refuses. Each refusal says what to do next. */
import { MAX_ADMIN_BODY_BYTES, type AdminErrorCode } from './contract.ts';

export interface AdminRefusal {
  readonly code: AdminErrorCode;
  readonly message: string;
  readonly next: string;
  readonly reference?: string;
  readonly allow?: readonly string[];
}

const STATUS: Readonly<Record<AdminErrorCode, number>> = {
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

export function jsonResponse(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  // An answer may hold a new key: nothing on the way may keep it.
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers },
  });
}

export function refuseAdmin({ allow, ...error }: AdminRefusal): Response {
  return jsonResponse(STATUS[error.code], { error }, allow === undefined ? {} : { allow: allow.join(', ') });
}

export function invalidAdmin(problems: readonly string[]): AdminRefusal {
  return {
    code: 'invalid_input',
    message: problems.slice(0, MAX_PROBLEMS).join('; '),
    next: 'Correct the named fields and send the request again; /admin/v1/openapi.json describes them.',
  };
}

export function notAnOperator(): AdminRefusal {
  return {
    code: 'forbidden',
    message: 'The admin API takes operator keys only.',
    next: 'Send an operator key as Bearer; `npm run -s allmcp -- bootstrap` makes the first one.',
  };
}

export function notOfEveryClient(): AdminRefusal {
  return {
    code: 'forbidden',
    message: 'This operator key manages one client only; operator keys are managed by operators of every client.',
    next: 'Use an operator key of every client.',
  };
}

export function noSuchEndpoint(): AdminRefusal {
  return {
    code: 'not_found',
    message: 'There is no such endpoint.',
    next: 'See /admin/v1/openapi.json for those there are.',
  };
}

export function wrongMethod(allow: readonly string[]): AdminRefusal {
  return {
    code: 'method_not_allowed',
    message: `This endpoint takes ${allow.join(' or ')}.`,
    next: 'See /admin/v1/openapi.json for what it takes.',
    allow,
  };
}

export function tooLarge(): AdminRefusal {
  return {
    code: 'too_large',
    message: `A request body may hold ${MAX_ADMIN_BODY_BYTES / 1024} KB at most.`,
    next: 'Send a smaller body.',
  };
}

export function notJson(): AdminRefusal {
  return {
    code: 'unsupported_media_type',
    message: 'The body must be JSON.',
    next: 'Send it with Content-Type: application/json.',
  };
}

export function broken(reference: string): AdminRefusal {
  return {
    code: 'internal',
    message: 'Something went wrong inside the admin API.',
    next: 'Try again; if it stays, look for the reference in the log of the admin function.',
    reference,
  };
}
