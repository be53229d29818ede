/** Counting: calls per tenant, limits per key, and the pace a provider allows. Ports only. */
import type { Fault } from './errors.ts';
import type { TenantPrincipal } from './principal.ts';
import type { TenantId } from './tenant.ts';

export interface UsageCount {
  /** `2026-11`, UTC. */
  readonly month: string;
  readonly provider: string;
  readonly connection: string;
  /** Provider tool calls in the month. */
  readonly calls: number;
  readonly failures: number;
  /** ISO 8601. */
  readonly lastUsedAt: string;
}

/** A failed call, kept a week so that `report_issue` can name it. */
export interface FailureNote {
  readonly reference: string;
  readonly tool: string;
  readonly code: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface UsageStore {
  /** Adds one call to this month's row. */
  count(tenant: TenantId, provider: string, connection: string, failed: boolean): Promise<void>;
  /** The rows of a month (`2026-11`); all months when left out. */
  read(tenant: TenantId, month?: string): Promise<readonly UsageCount[]>;
  noteFailure(tenant: TenantId, failure: FailureNote): Promise<void>;
  /** Newest first, at most 10. */
  recentFailures(tenant: TenantId): Promise<readonly FailureNote[]>;
  /** Files a report for the operators. */
  report(
    principal: TenantPrincipal,
    report: {
      readonly id: string;
      readonly summary: string;
      readonly description: string;
      readonly references: readonly string[];
    },
  ): Promise<void>;
}

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

/** The pace a provider allows, shared by every environment that calls it for this client. */
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
