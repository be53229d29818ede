/** A report as an item of its client: set by the call that files it, read by operators. */
import * as z from 'zod';
import type { Issue } from '../../../core/tenant/client-admin.ts';
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
});

/** What an update sets: sessions of tenants may update such a row, and never put one. */
export function toIssueItem({ id, at, keyId, org = '', user = '', ...text }: Omit<Issue, 'clientId'>): Item {
  const { summary, description, references } = text;
  return toItem({ id, at, key_id: keyId, org, user, summary, description, references });
}

export function fromIssueItem(clientId: string, item: Readonly<Item>): Issue {
  const { key_id: keyId, org, user, ...issue } = IssueItem.parse(fromItem(item));
  return { ...issue, clientId, keyId, org: org === '' ? undefined : org, user: user === '' ? undefined : user };
}
