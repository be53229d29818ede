/** What a provider's answer means: the provider's own rules first, then the HTTP status. */
import { fault, mayHaveHappened, type Fault } from '../fault.ts';
import { PROVIDER_ERROR_CLASSES, type ErrorClass } from '../provider-error-classes.ts';
import type { ProviderResponse, ErrorRule, Provider } from './provider.ts';
import type { EpochMs } from '../time.ts';

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
  const { name } = provider;
  const { status } = response;
  const rule = provider.errors.find(({ when }) => when(response));
  if (rule === undefined && status >= 200 && status < 300) return undefined;
  // A rule knows what the vendor's own words prove; without one only the status can prove that nothing was done.
  const open = rule === undefined ? !REFUSED.has(status) : PROVE_NOTHING.has(rule.is);
  if (write && open) return mayHaveHappened(`${name} did not confirm a change that was sent (HTTP ${status}).`);
  return rule === undefined
    ? byClass(name, classOfStatus(status), { retry_after: retryAfterHeader(response, now) })
    : byRule(name, rule, response, now);
}

/**
 * Statuses by which a server says that it has not acted on a request (RFC 9110, section 15.5, and the registry of status
 * codes). All others prove nothing for a change: a redirect is how many answer one that is done, 408 and 499 come from
 * whoever stopped waiting, and what stands in no registry is a proxy's own.
 */
const REFUSED: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 425, 426,
  428, 429, 431, 451,
]);

/** The provider failed, or said something that nobody understands. */
const PROVE_NOTHING: ReadonlySet<ErrorClass> = new Set(['provider_down', 'unknown']);

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
  const { code, say } = PROVIDER_ERROR_CLASSES[is];
  return {
    ...fault(code, say(name), rest),
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
