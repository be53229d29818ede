/** A failure as everything below the edges hands it on: `{ code, message, next, cause }`. */
import type { ErrorCode } from './error-codes.ts';
import type { FailureCause } from './failure-cause.ts';
import type { ErrorClass } from './provider-error-classes.ts';

/** Where a person connects an account, as answers show it. */
export type ConnectLinkJson = {
  readonly url: string;
  /** Typed on the page. */
  readonly code: string;
  /** ISO 8601. */
  readonly expires_at: string;
};

/** Why something was not done. Never holds a credential, an exception's text or a raw URL. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do now, in one sentence. */
  readonly next: string;
  /** Seconds to wait before trying again. */
  readonly retry_after?: number | undefined;
  /** Where the person can connect the account that the call lacks. */
  readonly connect?: ConnectLinkJson | undefined;
  /** What it means for the credential and for trying again; undefined when that says nothing. Never sent to anybody. */
  readonly cause?: ErrorClass | undefined;
  /** What the last request to the provider ended in, for the log. Never sent to anybody. */
  readonly lastResponse?: FailureCause | undefined;
}

const NEXT: Readonly<Record<ErrorCode, string>> = {
  not_connected: 'Connect the provider first.',
  reconnect_required: 'Ask the user to connect the account again with connect_provider.',
  insufficient_scope: 'Ask the user to connect again with a credential that has this permission.',
  forbidden: 'Ask the user for access, or use another account.',
  not_found: 'List or search first and use an id from the result.',
  invalid_input: 'Correct the arguments and call again.',
  conflict: 'Read the current state, then decide again.',
  rate_limited: 'Wait a minute, then call again.',
  quota_exhausted: 'Wait until the limit resets, or ask for a higher one.',
  plan_required: 'Tell the user that their plan does not include this.',
  provider_down: 'Try again in a minute; if it goes on, use report_issue.',
  unavailable: 'Wait for retry_after seconds, then call again.',
  timeout: 'Ask for less at once, or try again.',
  may_have_happened: 'Read the record back before you try again, or it may be done twice.',
  internal: 'Use report_issue with the reference.',
};

const AFTER_A_WAIT = 'Wait for retry_after seconds, then call again.';

/** A Fault with the standard next step unless another is given. It names `retry_after` only where there is one. */
export function fault(code: ErrorCode, message: string, more: Partial<Fault> = {}): Fault {
  const waits = code === 'rate_limited' && more.retry_after !== undefined;
  return { code, message, next: waits ? AFTER_A_WAIT : NEXT[code], ...more };
}

/**
 * A change was sent and nothing says that it was not carried out. The one place for it: whatever comes after sending (an
 * answer that proves nothing, one that cannot be read, a failure of our own) ends here, and never advises to repeat.
 * @param why a sentence.
 */
export function mayHaveHappened(why: string): Fault {
  return fault('may_have_happened', why);
}

/** Without what only we need. */
export function toPublicFault<F extends Fault>({
  cause: _cause,
  lastResponse: _lastResponse,
  ...fault
}: F): Omit<F, 'cause' | 'lastResponse'> {
  return fault;
}
