/** What a provider's answer means: the provider's own rules first, then the HTTP status. */
import type { ErrorClass, ErrorCode, Fault } from '../errors.ts';
import type { ProviderResponse, ErrorRule, Provider } from './provider.ts';
import type { EpochMs } from '../time.ts';

const CODE_OF: Readonly<Record<ErrorClass, ErrorCode>> = {
  auth_expired: 'reconnect_required',
  reconnect_required: 'reconnect_required',
  insufficient_scope: 'insufficient_scope',
  forbidden: 'forbidden',
  not_found: 'not_found',
  invalid_input: 'invalid_input',
  conflict: 'conflict',
  rate_limited: 'rate_limited',
  quota_exhausted: 'quota_exhausted',
  plan_required: 'plan_required',
  provider_down: 'provider_down',
  unknown: 'provider_down',
};

const SAY: Readonly<Record<ErrorClass, (provider: string) => string>> = {
  auth_expired: (p) => `${p} no longer accepts the stored credential.`,
  reconnect_required: (p) => `${p} no longer accepts the stored credential.`,
  insufficient_scope: (p) => `The ${p} credential lacks the permission this needs.`,
  forbidden: (p) => `${p} does not let this account do that.`,
  not_found: (p) => `${p} has nothing under that id or name.`,
  invalid_input: (p) => `${p} refused the values that were sent.`,
  conflict: (p) => `In ${p} this has changed meanwhile, or exists already.`,
  rate_limited: (p) => `${p} is throttling this account.`,
  quota_exhausted: (p) => `A limit of ${p} is used up.`,
  plan_required: (p) => `The ${p} plan of this account does not include this.`,
  provider_down: (p) => `${p} is not working right now.`,
  unknown: (p) => `${p} gave an answer that could not be understood.`,
};

const NEXT: Readonly<Record<ErrorCode, string>> = {
  not_connected: 'Connect the provider first.',
  reconnect_required: 'Ask the user to connect the account again with connect_provider.',
  insufficient_scope: 'Ask the user to connect again with a credential that has this permission.',
  forbidden: 'Ask the user for access, or use another account.',
  not_found: 'List or search first and use an id from the result.',
  invalid_input: 'Correct the arguments and call again.',
  conflict: 'Read the current state, then decide again.',
  rate_limited: 'Wait for retry_after seconds, then call again.',
  quota_exhausted: 'Wait until the limit resets, or ask for a higher one.',
  plan_required: 'Tell the user that their plan does not include this.',
  provider_down: 'Try again in a minute; if it goes on, use report_issue.',
  timeout: 'Ask for less at once, or try again.',
  may_have_happened: 'Read the record back before you try again, or it may be done twice.',
  internal: 'Use report_issue with the reference.',
};

/** A Fault with the standard next step unless another is given. */
export function fault(code: ErrorCode, message: string, more: Partial<Fault> = {}): Fault {
  return { code, message, next: NEXT[code], ...more };
}

/** The credential is dead: the connection needs reconnecting. Refused before anything was done, so nothing has run. */
export function isDead({ cause }: Fault): boolean {
  return cause === 'auth_expired' || cause === 'reconnect_required';
}

/** Only the access token was refused: one that is renewed may do. */
export function isAccessRefused({ cause }: Fault): boolean {
  return cause === 'auth_expired';
}

/** Whether the same request may be sent again: a write only where the response proves that nothing ran. */
export function mayRepeat({ cause }: Fault, write: boolean): boolean {
  return cause === 'rate_limited' || cause === 'quota_exhausted' || (!write && cause === 'provider_down');
}

/**
 * The failure an answer stands for, or undefined when it is a success.
 * @param now for rules that give a time of day.
 */
export function classify(
  provider: Provider,
  response: ProviderResponse,
  write: boolean,
  now: EpochMs,
): Fault | undefined {
  const rule = provider.errors.find(({ when }) => when(response));
  if (rule !== undefined) return byRule(provider.name, rule, response, now);
  if (response.status >= 200 && response.status < 300) return undefined;
  if (write && (response.status >= 500 || response.status < 200))
    return fault('may_have_happened', `${provider.name} failed while it handled a change (HTTP ${response.status}).`);
  return byClass(provider.name, classOfStatus(response.status), { retry_after: retryAfterHeader(response, now) });
}

function byRule(name: string, rule: ErrorRule, response: ProviderResponse, now: EpochMs): Fault {
  const message = typeof rule.say === 'function' ? rule.say(response).slice(0, 500) : rule.say;
  return byClass(name, rule.is, {
    ...(message === undefined ? {} : { message }),
    ...(rule.next === undefined ? {} : { next: rule.next }),
    retry_after: rule.retryAfter?.(response, now) ?? retryAfterHeader(response, now),
  });
}

function byClass(name: string, is: ErrorClass, more: Partial<Fault>): Fault {
  const { retry_after, ...rest } = more;
  return {
    ...fault(CODE_OF[is], SAY[is](name), rest),
    ...(retry_after === undefined ? {} : { retry_after }),
    cause: is,
  };
}

function classOfStatus(status: number): ErrorClass {
  const known: Readonly<Record<number, ErrorClass>> = {
    400: 'invalid_input',
    401: 'auth_expired',
    402: 'plan_required',
    403: 'forbidden',
    404: 'not_found',
    409: 'conflict',
    410: 'not_found',
    412: 'conflict',
    422: 'invalid_input',
    429: 'rate_limited',
  };
  return known[status] ?? (status >= 500 ? 'provider_down' : 'unknown');
}

/** `Retry-After` in seconds, from either of its two forms (RFC 9110, section 10.2.3). */
function retryAfterHeader(response: ProviderResponse, now: EpochMs): number | undefined {
  const value = response.headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) : undefined;
}
