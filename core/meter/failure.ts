/** A failed call: what its tenant is told of it, and what operators find when somebody asks why. */
import type { FailureCause } from '../failure-cause.ts';

/** Kept a week so that `report_issue` can name it. */
export interface FailureNote {
  readonly reference: string;
  readonly tool: string;
  readonly code: string;
  /** ISO 8601. */
  readonly at: string;
}

/** With what only operators see: whose call it was, and where it broke off. */
export interface Failure extends FailureNote {
  readonly provider?: string | undefined;
  readonly keyId: string;
  readonly tenantKeyId?: string | undefined;
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  readonly cause?: FailureCause | undefined;
}

export interface FailureQuery {
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  /** At most so many. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly from?: string | undefined;
}

/** Failures of the last seven days, as operators see them. */
export interface FailureReader {
  /** Newest first. Reads a bounded amount: a page may be short, or empty, and still have a `next`. */
  list(
    client: string,
    query: FailureQuery,
  ): Promise<{ readonly failures: readonly Failure[]; readonly next?: string | undefined }>;
  find(client: string, reference: string): Promise<Failure | undefined>;
}
