/** The rate limit of a provider. */
import type { Fault } from '../fault.ts';
import type { TenantId } from '../tenant/tenant.ts';

/** The rate a provider allows, shared by every environment that calls it for this client. */
export interface RateLimiter {
  /**
   * Takes one slot. Answers the milliseconds to wait before sending, 0 when a slot is free now, or a Fault when
   * the wait would be longer than `maxWaitMs`.
   */
  take(
    tenant: TenantId,
    scope: string,
    limit: { readonly capacity: number; readonly perSecond: number; readonly maxWaitMs: number },
  ): Promise<{ readonly waitMs: number } | { readonly fault: Fault }>;
}

/** For who makes one call and no more: the counters are those of the calls of tools. */
export const UNLIMITED: RateLimiter = { take: async () => ({ waitMs: 0 }) };
