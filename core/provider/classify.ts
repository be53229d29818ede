/** What a provider's answer means: the provider's own rules first, then the HTTP status. */
import { fault, mayHaveHappened, type Fault } from '../fault.ts';
import { isDead, PROVIDER_ERROR_CLASSES, type ErrorClass } from '../provider-error-classes.ts';
import { plainLine } from '../text.ts';
import type { ProviderResponse, ErrorRule, Provider } from './provider.ts';
import type { EpochMs } from '../time.ts';

const LONGEST_QUOTE = 500;

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
  const told = rule !== undefined && mayJudge(status, rule.is) ? rule : undefined;
  if (rule === undefined && status >= 200 && status < 300) return undefined;
  // A rule knows what the vendor's own words prove; without one only the status can prove that nothing was done.
  const open = told === undefined ? !REFUSED.has(status) : PROVE_NOTHING.has(told.is);
  if (write && open) return mayHaveHappened(`${name} did not confirm a change that was sent (HTTP ${status}).`);
  if (told !== undefined) return byRule(name, told, response, now);
  if (status >= 300 && status < 400) return byClass(name, 'unknown', moved(name));
  return byClass(name, classOfStatus(status), { retry_after: retryAfterHeader(response, now) });
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

/** A server that is throttling or failing says nothing about a credential, whatever its body says. */
function mayJudge(status: number, is: ErrorClass): boolean {
  return !isDead({ cause: is }) || (status !== 429 && status < 500);
}

function moved(name: string): Partial<Fault> {
  return {
    message: `${name} sends this call on to another address, which was not followed.`,
    next: `Ask the user whether the ${name} account was renamed or has moved. If so, connect it again with its new address.`,
  };
}

function byRule(name: string, rule: ErrorRule, response: ProviderResponse, now: EpochMs): Fault {
  // Words of others: they go to a model and to a page.
  const message = typeof rule.say === 'function' ? plainLine(rule.say(response), LONGEST_QUOTE) : rule.say;
  return byClass(name, rule.is, {
    ...(message === undefined ? {} : { message }),
    ...(rule.next === undefined ? {} : { next: rule.next }),
    retry_after: rule.retryAfter?.(response, now) ?? retryAfterHeader(response, now),
  });
}

function byClass(name: string, is: ErrorClass, more: Partial<Fault>): Fault {
  const { retry_after, ...rest } = more;
  const { code, say } = PROVIDER_ERROR_CLASSES[is];
  return { ...fault(code, say(name), { ...rest, ...(retry_after === undefined ? {} : { retry_after }) }), cause: is };
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
