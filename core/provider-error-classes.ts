/**
 * The classes of failure that a provider's response is sorted into (`provider/classify.ts` sorts, each provider's own
 * rules first). A new class is one row here: every table that must know it, the table of what it means in
 * classify.test.ts included, does not compile without it.
 */
import type { ErrorCode } from './error-codes.ts';

interface Meaning {
  /** What the agent is told. */
  readonly code: ErrorCode;
  /** What a person reads where the provider's rule says nothing better. */
  readonly say: (provider: string) => string;
  /** The credential is refused: `renewable` where a renewed access token may do, `dead` where only connecting again helps. */
  readonly credential?: 'renewable' | 'dead';
  /** The response proves that nothing ran (`always`), or a read may be sent again whatever ran (`reads`). */
  readonly repeat?: 'always' | 'reads';
}

export const PROVIDER_ERROR_CLASSES = {
  auth_expired: {
    code: 'reconnect_required',
    say: (p) => `${p} no longer accepts the stored credential.`,
    credential: 'renewable',
  },
  reconnect_required: {
    code: 'reconnect_required',
    say: (p) => `${p} no longer accepts the stored credential.`,
    credential: 'dead',
  },
  insufficient_scope: {
    code: 'insufficient_scope',
    say: (p) => `The ${p} credential lacks the permission this needs.`,
  },
  forbidden: { code: 'forbidden', say: (p) => `${p} does not let this account do that.` },
  not_found: { code: 'not_found', say: (p) => `${p} has nothing under that id or name.` },
  invalid_input: { code: 'invalid_input', say: (p) => `${p} refused the values that were sent.` },
  conflict: { code: 'conflict', say: (p) => `In ${p} this has changed meanwhile, or exists already.` },
  rate_limited: { code: 'rate_limited', say: (p) => `${p} is throttling this account.`, repeat: 'always' },
  quota_exhausted: { code: 'quota_exhausted', say: (p) => `A limit of ${p} is used up.`, repeat: 'always' },
  plan_required: { code: 'plan_required', say: (p) => `The ${p} plan of this account does not include this.` },
  provider_down: { code: 'provider_down', say: (p) => `${p} is not working right now.`, repeat: 'reads' },
  unknown: { code: 'provider_down', say: (p) => `${p} gave an answer that could not be understood.` },
} as const satisfies Readonly<Record<string, Meaning>>;

export type ErrorClass = keyof typeof PROVIDER_ERROR_CLASSES;

/** A failure that may stem from a provider's response. */
interface Caused {
  readonly cause?: ErrorClass | undefined;
}

function meaning({ cause }: Caused): Meaning | undefined {
  return cause === undefined ? undefined : PROVIDER_ERROR_CLASSES[cause];
}

/** The credential is dead: the connection needs reconnecting. Refused before anything was done, so nothing has run. */
export function isDead(failure: Caused): boolean {
  return meaning(failure)?.credential !== undefined;
}

/** Only the access token was refused: one that is renewed may do. */
export function isAccessRefused(failure: Caused): boolean {
  return meaning(failure)?.credential === 'renewable';
}

/** Whether the same request may be sent again: a write only where the response proves that nothing ran. */
export function mayRepeat(failure: Caused, write: boolean): boolean {
  const repeat = meaning(failure)?.repeat;
  return repeat === 'always' || (repeat === 'reads' && !write);
}
