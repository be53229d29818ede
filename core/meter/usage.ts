/** What is counted of each tenant's calls, and the failures and reports that go with it. */
import type { TenantPrincipal } from '../keys/principal.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Failure, FailureNote } from './failure.ts';
import type { EpochMs } from '../time.ts';

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

export interface UsageStore {
  /** Adds one call to this month's row. */
  count(tenant: TenantId, provider: string, connection: string, failed: boolean): Promise<void>;
  /** The rows of a month (`2026-11`); all months when left out. */
  read(tenant: TenantId, month?: string): Promise<readonly UsageCount[]>;
  /** For the tenant's own reports, and for the operators of its client. */
  noteFailure(tenant: TenantId, failure: Failure): Promise<void>;
  /** Newest first, at most 10. */
  recentFailures(tenant: TenantId): Promise<readonly FailureNote[]>;
  /** Files a report for the operators. False when the tenant has filed as many today as it may. */
  report(
    principal: TenantPrincipal,
    report: {
      readonly id: string;
      readonly at: EpochMs;
      readonly summary: string;
      readonly description: string;
      readonly references: readonly string[];
    },
  ): Promise<boolean>;
}
