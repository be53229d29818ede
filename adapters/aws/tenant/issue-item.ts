/** A report as an item of its client: set by the call that files it, read and changed by operators. */
import * as z from 'zod';
import { ISSUE_STATUSES, type Issue } from '../../../core/tenant/issue.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';

const IssueItem = z.object({
  id: z.string(),
  at: z.string(),
  key_id: z.string(),
  org: z.string().default(''),
  user: z.string().default(''),
  summary: z.string(),
  description: z.string(),
  references: z.array(z.string()).default([]),
  status: z.enum(ISSUE_STATUSES).default('open'),
  note: z.string().optional(),
  changed_at: z.string().optional(),
  // Rows of older versions have none.
  ttl: z.number().optional(),
});

export type FiledIssue = Omit<Issue, 'clientId' | 'status' | 'note' | 'changedAt'>;

/** What an update sets: sessions of tenants may update such a row, and never put one. `ttl` is in seconds since 1970. */
export function toIssueItem({ id, at, keyId, org = '', user = '', ...text }: FiledIssue, ttl: number): Item {
  const { summary, description, references } = text;
  return toItem({ id, at, key_id: keyId, org, user, summary, description, references, ttl });
}

/** Undefined when its time is over: DynamoDB deletes late. `now` is in seconds since 1970. */
export function fromIssueItem(clientId: string, item: Readonly<Item>, now: number): Issue | undefined {
  const { key_id: keyId, changed_at: changedAt, org, user, ttl, ...issue } = IssueItem.parse(fromItem(item));
  if (ttl !== undefined && ttl <= now) return undefined;
  const whose = { org: org === '' ? undefined : org, user: user === '' ? undefined : user };
  return { ...issue, ...whose, clientId, keyId, changedAt };
}
