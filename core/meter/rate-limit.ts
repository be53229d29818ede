/** The rate limit of a provider. */
import type { Fault } from '../fault.ts';
import type { TenantId } from '../tenant/tenant.ts';

/** The longest a call may wait for its slot: waiting holds an environment, so it is a few seconds and no more. */
export const LONGEST_WAIT_MS = 6_000;

/** The rate a provider allows, shared by every environment that calls it for this client. */
export interface RateLimiter {
  /**
   * Takes one slot. Answers the milliseconds to wait before sending, 0 when a slot is free now, or a Fault when
   * the wait would be too long. Those who wait for many slots already wait no longer than half of `LONGEST_WAIT_MS`, so that
   * behind all of them there is a place for whoever waits for none.
   */
  take(
    tenant: TenantId,
    scope: string,
    limit: { readonly capacity: number; readonly perSecond: number },
  ): Promise<{ readonly waitMs: number } | { readonly fault: Fault }>;
}

/** For who makes one call and no more: the counters are those of the calls of tools. */
export const UNLIMITED: RateLimiter = { take: async () => ({ waitMs: 0 }) };
