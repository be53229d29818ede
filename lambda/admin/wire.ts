/** Records as the admin API shows them: snake_case, `null` for what is not set, and never a hash. */
import type * as z from 'zod';
import type { ApiKeyRecord, KeyRecord, OperatorKeyRecord } from '../../core/keys/api-key.ts';
import { DEFAULT_CONFIRM } from '../../core/keys/confirm-policy.ts';
import type { ClientRecord } from '../../core/tenant/client.ts';
import type { Brand } from '../../core/tenant/settings.ts';
import type { Issue } from '../../core/tenant/client-admin.ts';
import type { StoredKey } from '../../core/keys/key-admin.ts';
import { levelOf, type StoredApp } from '../../core/oauth/app-admin.ts';
import type { Provider } from '../../core/provider/provider.ts';
import type { UsageCount as Used } from '../../core/meter/usage.ts';
import type { ClientRow, IssueRow, KeyRow, OperatorRow } from './contract.ts';
import type { OAuthAppRow } from './oauth-apps/contract.ts';
import type { ProviderRow, UsageRow } from './connections/contract.ts';

export function toClientJson({ id, createdAt, policy }: ClientRecord): z.input<typeof ClientRow> {
  return { id, created_at: createdAt, policy };
}

/** Everything but the day of last use, which a key that was just made does not have. */
export function toKeyFields(record: ApiKeyRecord, now: number) {
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

export function toKeyJson({ record, lastUsed }: StoredKey<ApiKeyRecord>, now: number): z.input<typeof KeyRow> {
  return { ...toKeyFields(record, now), last_used: lastUsed ?? null };
}

export function toOperatorJson(record: OperatorKeyRecord, now: number): z.input<typeof OperatorRow> {
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
  };
}

export function toAppJson({ owner, provider, clientId, hasSecret, createdAt }: StoredApp): z.input<typeof OAuthAppRow> {
  return {
    level: levelOf(owner),
    client: owner.client ?? null,
    org: owner.org ?? null,
    provider,
    client_id: clientId,
    has_secret: hasSecret,
    created_at: createdAt,
  };
}

export function toBrandJson({ name, logo_url: logo, color }: Brand) {
  return { name: name ?? null, logo_url: logo ?? null, color: color ?? null };
}

export function toUsageJson({
  month,
  provider,
  connection,
  calls,
  failures,
  lastUsedAt,
}: Used): z.input<typeof UsageRow> {
  return { month, provider_key: provider, connection, calls, failures, last_used_at: lastUsedAt };
}

export function toProviderJson({
  key,
  name,
  verified = true,
  auth,
  categories,
}: Provider): z.input<typeof ProviderRow> {
  const all = Object.entries(categories);
  return {
    key,
    name,
    source: 'own',
    verified,
    auth: auth.map(({ id, kind, label }) => ({ id, kind, label })),
    categories: all.map(([category, { title, core }]) => ({ key: category, title, core })),
    tools: all.flatMap(([category, { tools }]) =>
      tools.map((tool) => ({ name: `${key}_${tool.name}`, category, access: tool.access })),
    ),
  };
}

function statusAt(record: KeyRecord, now: number): 'active' | 'revoked' | 'expired' {
  if (record.status === 'revoked') return 'revoked';
  return record.expiresAt !== undefined && Date.parse(record.expiresAt) <= now ? 'expired' : 'active';
}
