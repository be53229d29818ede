/** Every way in which the admin API itself refuses. Each refusal says what to do next. */
import type { Refusal } from '../../adapters/http/json-edge.ts';

/** What to do about a request that does not fit its endpoint. */
export const CORRECT_FIELDS =
  'Correct the named fields and send the request again; /admin/v1/openapi.json describes them.';

export function invalidRequest(message: string): Refusal {
  return { code: 'invalid_input', message, next: CORRECT_FIELDS };
}

export function notAnOperator(): Refusal {
  return {
    code: 'forbidden',
    message: 'The admin API takes operator keys only.',
    next: 'Send an operator key as Bearer; `npm run -s allmcp -- bootstrap` makes the first one.',
  };
}

export function notOfEveryClient(): Refusal {
  return {
    code: 'forbidden',
    message: 'This operator key manages one client only; operator keys are managed by operators of every client.',
    next: 'Use an operator key of every client.',
  };
}

export function noSuchEndpoint(): Refusal {
  return {
    code: 'not_found',
    message: 'There is no such endpoint.',
    next: 'See /admin/v1/openapi.json for those there are.',
  };
}

/** What a caller is told of a failure of our own. */
export const FAILED = {
  message: 'Something went wrong inside the admin API.',
  next: 'Try again; if it stays, look for the reference in the log of the admin function.',
};
