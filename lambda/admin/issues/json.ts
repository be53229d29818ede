/** An issue as the admin API shows it: snake_case, `null` for what is not set. */
import type * as z from 'zod';
import type { Issue } from '../../../core/tenant/issue.ts';
import type { IssueRow } from './contract.ts';

export function toIssueJson(issue: Issue): z.input<typeof IssueRow> {
  return {
    id: issue.id,
    at: issue.at,
    client: issue.clientId,
    org: issue.org ?? null,
    user: issue.user ?? null,
    key_id: issue.keyId,
    summary: issue.summary,
    description: issue.description,
    references: [...issue.references],
    status: issue.status,
    note: issue.note ?? null,
    changed_at: issue.changedAt ?? null,
  };
}
