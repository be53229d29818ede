/** A failed call: what its tenant is told of it, and what operators find when somebody asks why. */
import type { Page, PageAsk } from '../page.ts';
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

/** Whose failures; everybody's of the client when left out. */
export interface FailureFilter {
  readonly org?: string | undefined;
  readonly user?: string | undefined;
}

/** Failures of the last seven days, as operators see them. */
export interface FailureReader {
  /** Newest first. Reads a bounded amount: a page may be short, or empty, and still have a `next`. */
  page(client: string, ask: PageAsk, of: FailureFilter): Promise<Page<Failure>>;
  find(client: string, reference: string): Promise<Failure | undefined>;
}
