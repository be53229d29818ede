/** Records as the admin API shows them: snake_case, `null` for what is not set, and never a hash. */
import type * as z from 'zod';
import type { ApiKeyRecord, KeyRecord, OperatorKeyRecord } from '../core/api-key.ts';
import { DEFAULT_CONFIRM } from '../core/confirm.ts';
import type { ClientRecord } from '../core/client.ts';
import type { Issue } from '../core/client-admin.ts';
import type { StoredKey } from '../core/key-admin.ts';
import type { ClientRow, IssueRow, KeyRow, OperatorRow } from './contract.ts';

export function clientRow({ id, createdAt, policy }: ClientRecord): z.input<typeof ClientRow> {
  return { id, created_at: createdAt, policy };
}

/** Everything but the day of last use, which a key that was just made does not have. */
export function keyFields(record: ApiKeyRecord, now: number) {
  return {
    id: record.keyId,
    display: record.display,
    client: record.clientId,
    type: record.type,
    status: statusAt(record, now),
    name: record.name ?? null,
    orgs: record.orgs === undefined ? null : [...record.orgs],
    expires_at: record.expiresAt ?? null,
    rpm: record.limits.rpm ?? null,
    monthly: record.limits.monthly ?? null,
    confirm: record.confirm ?? DEFAULT_CONFIRM,
    created_at: record.createdAt,
  };
}

export function keyRow({ record, lastUsed }: StoredKey<ApiKeyRecord>, now: number): z.input<typeof KeyRow> {
  return { ...keyFields(record, now), last_used: lastUsed ?? null };
}

export function operatorRow(record: OperatorKeyRecord, now: number): z.input<typeof OperatorRow> {
  return {
    id: record.keyId,
    display: record.display,
    scope: record.scope === 'all' ? 'all' : 'client',
    client: record.scope === 'all' ? null : record.scope.clientId,
    status: statusAt(record, now),
    name: record.name ?? null,
    expires_at: record.expiresAt ?? null,
    created_at: record.createdAt,
  };
}

export function issueRow(issue: Issue): z.input<typeof IssueRow> {
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
  };
}

function statusAt(record: KeyRecord, now: number): 'active' | 'revoked' | 'expired' {
  if (record.status === 'revoked') return 'revoked';
  return record.expiresAt !== undefined && Date.parse(record.expiresAt) <= now ? 'expired' : 'active';
}
