/** The limits of a key: messages a minute and provider calls a month. */
import type { TenantPrincipal } from '../keys/principal.ts';

export interface OverLimit {
  readonly ok: false;
  /** Seconds. */
  readonly retryAfter: number;
  readonly limit: number;
  /** `share`: a tenant key's part of the month of the key it was made with. */
  readonly of: 'minute' | 'month' | 'share';
}
export type LimitDecision = { readonly ok: true } | OverLimit;

/** Calls of the month that were set aside before they run. */
export interface ReservedCalls {
  readonly ok: true;
  /** Takes back those that were not sent to a provider. */
  giveBack(calls: number): Promise<void>;
}

/** Per-key limits. Each count is one conditional write for all it counts, and none when the key has no such limit. */
export interface KeyLimiter {
  /** Counts messages, all of one request or none of them. */
  request(principal: TenantPrincipal, messages?: number): Promise<LimitDecision>;
  /** Sets calls of the month aside, all that are asked for or none of them. */
  reserve(principal: TenantPrincipal, calls: number): Promise<ReservedCalls | OverLimit>;
  /** What has been used of this month, when the key has a limit. */
  used(principal: TenantPrincipal): Promise<UsedCalls | undefined>;
}

export interface UsedCalls {
  /** Provider calls of the key in the current month; of the key it was made with, for a tenant key. */
  readonly calls: number;
  /** What may still be called with the key that asks. */
  readonly left: number;
}

const SMALLEST_SHARE = 10;

/**
 * How much of its parent's month one tenant key may use. It is made for a browser or an agent, so whoever gets hold of it
 * must not be able to end the month for everybody else.
 */
export function tenantKeyShare(monthly: number): number {
  return Math.min(monthly, Math.max(SMALLEST_SHARE, Math.ceil(monthly / 4)));
}
