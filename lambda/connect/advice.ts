/**
 * What a person on the connect page can do about a credential that could not be stored. A fault's own `next` speaks to
 * an agent; this speaks to a person in front of a form.
 */
import type { ConsentFault, ConsentProblem } from '../../core/consent/problem.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import type { Fault } from '../../core/fault.ts';
import type { Credential } from '../../core/vault/vault.ts';

interface Advice {
  readonly status: number;
  readonly next: string;
}

const CHECK: Advice = {
  status: 422,
  next: 'Check that you copied everything whole and that it is still valid, then enter it again.',
};
const LATER: Advice = { status: 503, next: 'Wait a minute, enter it again and press the button once more.' };

const ADVICE: Readonly<Record<ErrorCode, Advice>> = {
  invalid_input: CHECK,
  not_found: CHECK,
  not_connected: CHECK,
  reconnect_required: CHECK,
  insufficient_scope: { status: 422, next: 'Create one that has this permission, then enter it here.' },
  forbidden: { status: 422, next: 'Use an account that may do this, or ask its administrator for access.' },
  plan_required: { status: 422, next: 'Use an account whose plan includes access for other programs.' },
  conflict: { status: 409, next: 'Ask your agent to disconnect one of them, then enter it here again.' },
  rate_limited: LATER,
  quota_exhausted: LATER,
  provider_down: LATER,
  unavailable: LATER,
  timeout: LATER,
  may_have_happened: LATER,
  internal: LATER,
};

/** The HTTP status of the page, and the sentence on it. */
export function adviceOn(
  fault: Fault,
  provider: string,
  given: Credential,
): { readonly status: number; readonly say: string } {
  const { status, next } = ADVICE[fault.code];
  // A provider's text may quote what it was sent.
  const quotes = Object.values(given).some((value) => value.length >= 4 && fault.message.includes(value));
  return { status, say: `${quotes ? `${provider} did not accept this.` : fault.message} ${next}` };
}

const NEW_LINK = 'Go back to your chat and ask your agent for a new link.';
const OPERATOR = 'Tell the people who run this service: only they can put it right.';

/** Where a new link alone would lead to the same end. */
const AFTER_CONSENT: Readonly<Partial<Record<ConsentProblem, string>>> = {
  wrong_browser: `${NEW_LINK} Open it, and give consent, in one and the same browser with cookies allowed.`,
  consent_denied: `Nothing was changed. If you want to connect it after all, ask your agent for a new link.`,
  expired_code: `${NEW_LINK} Give consent without waiting on the last page.`,
  missing_scope: `${NEW_LINK} Leave every box ticked on the consent page.`,
  wrong_account: `${NEW_LINK} Sign in there with the account that is connected already, or ask for a link under another name.`,
  no_app: OPERATOR,
  app_refused: OPERATOR,
};

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  forbidden: 403,
  insufficient_scope: 403,
  conflict: 409,
  provider_down: 503,
};

/** The HTTP status of the page after a consent that led to nothing, and what to do. */
export function adviceAfterConsent({ code, problem }: ConsentFault): {
  readonly status: number;
  readonly next: string;
} {
  return { status: STATUS[code] ?? 400, next: AFTER_CONSENT[problem] ?? NEW_LINK };
}
