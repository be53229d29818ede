/** What agents report with `report_issue`, and what operators make of it. */
import type { Page, PageAsk } from '../page.ts';

/** Reports one tenant may file in a day: enough for everything that goes wrong, too few to bury those of others. */
export const MAX_REPORTS_A_DAY = 20;
export const KEEP_ISSUES_DAYS = 90;

export interface Issue {
  readonly id: string;
  readonly clientId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly keyId: string;
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  readonly summary: string;
  readonly description: string;
  /** Reference ids of the failures it is about. */
  readonly references: readonly string[];
  readonly status: IssueStatus;
  /** What an operator wrote about it. */
  readonly note?: string | undefined;
  /** ISO 8601; when an operator last changed it. */
  readonly changedAt?: string | undefined;
}

export const ISSUE_STATUSES = ['open', 'closed'] as const;
export type IssueStatus = (typeof ISSUE_STATUSES)[number];

/** Only what is set changes. */
export interface IssueChange {
  readonly status?: IssueStatus | undefined;
  readonly note?: string | undefined;
}

export interface IssueStore {
  /** Newest first. With a status it reads a bounded part, and may give fewer than there are, with where to go on. */
  page(clientId: string, ask: PageAsk, status?: IssueStatus): Promise<Page<Issue>>;
  /** The issue as it is then; undefined when the client has none of that id. */
  change(clientId: string, id: string, change: IssueChange): Promise<Issue | undefined>;
}

/** An id that says when it was made, so that a report is found by its id without an index. */
export function issueId(at: number, random: string): string {
  return `${at.toString(36)}.${random}`;
}

/** When the report of this id was made, in milliseconds since 1970; undefined for an id of an older version. */
export function timeOfIssue(id: string): number | undefined {
  const [, time] = /^([0-9a-z]{1,9})\../.exec(id) ?? [];
  return time === undefined ? undefined : Number.parseInt(time, 36);
}
