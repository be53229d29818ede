/** The limits of a key: requests a minute and provider calls a month. */
import type { TenantPrincipal } from '../keys/principal.ts';

export type LimitDecision =
  | { readonly ok: true }
  | { readonly ok: false; readonly retryAfter: number; readonly limit: number };

/** Per-key limits. Each `take` is one conditional write, and none when the key has no such limit. */
export interface KeyLimiter {
  request(principal: TenantPrincipal): Promise<LimitDecision>;
  call(principal: TenantPrincipal): Promise<LimitDecision>;
  /** Takes back what `call` has counted: the call was answered with a question and will come again. */
  giveBack(principal: TenantPrincipal): Promise<void>;
  /** Provider calls of this key in the current month, when the key has a limit. */
  used(principal: TenantPrincipal): Promise<number | undefined>;
}
