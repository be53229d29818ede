/**
 * How the last consent for an account went, as long as it has led to no connection: what went wrong is shown on a page, and
 * told again where the person talks to their agent. No secret is in it.
 */
import * as z from 'zod';
import { type Fault, toPublicFault } from '../fault.ts';
import { CONSENT_PROBLEMS, consentFault, type ConsentProblem } from './problem.ts';
import type { TenantId } from '../tenant/tenant.ts';

/** `begun`: the browser was sent to the provider and has not come back. */
export const ConsentState = z.enum(['begun', ...CONSENT_PROBLEMS]);
export type ConsentState = 'begun' | ConsentProblem;

export interface ConsentNote {
  readonly provider: string;
  readonly connection: string;
  readonly state: ConsentState;
  /** The link it began from, by its hash. */
  readonly linkHash?: string | undefined;
}

/** How long it is told. */
export const NOTE_TTL_MS = 900_000;

export interface ConsentNotes {
  /** In place of an older one for the same account. */
  put(tenant: TenantId, note: ConsentNote): Promise<void>;
  /** The account is connected: there is nothing left to tell. */
  clear(tenant: TenantId, provider: string, connection: string): Promise<void>;
  find(tenant: TenantId, provider: string, connection: string): Promise<ConsentNote | undefined>;
}

export interface ConsentAttempt {
  /** One sentence for whoever asks next. */
  readonly said: string;
  /** Undefined while the browser may still come back. */
  readonly fault?: Fault | undefined;
}

/** How the last attempt went, in words. */
export function attemptOf({ state }: ConsentNote, provider: string): ConsentAttempt {
  if (state === 'begun')
    return {
      said: `The sign-in at ${provider} was begun and has not come back yet; list_connections shows when it is done.`,
    };
  const fault = toPublicFault(consentFault(state, provider));
  return { said: `The last attempt did not work: ${fault.message}`, fault };
}
