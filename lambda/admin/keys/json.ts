/** Keys as the admin API shows them: snake_case, `null` for what is not set, and never a hash. */
import type * as z from 'zod';
import { keyStatusAt, type ApiKeyRecord, type OperatorKeyRecord } from '../../../core/keys/api-key.ts';
import { DEFAULT_CONFIRM } from '../../../core/keys/confirm-policy.ts';
import type { StoredKey } from '../../../core/keys/key-admin.ts';
import type { KeyRow, OperatorRow } from './contract.ts';
import type { EpochMs } from '../../../core/time.ts';

/** Everything but the day of last use, which a key that was just made does not have. */
export function toKeyFields(record: ApiKeyRecord, now: EpochMs) {
  return {
    id: record.keyId,
    display: record.display,
    client: record.clientId,
    type: record.type,
    status: keyStatusAt(record, now),
    name: record.name ?? null,
    orgs: record.orgs === undefined ? null : [...record.orgs],
    require_user: record.requireUser === true,
    expires_at: record.expiresAt ?? null,
    rpm: record.limits.rpm ?? null,
    monthly: record.limits.monthly ?? null,
    confirm: record.confirm ?? DEFAULT_CONFIRM,
    created_at: record.createdAt,
  };
}

export function toKeyJson(key: StoredKey<ApiKeyRecord>, now: EpochMs): z.input<typeof KeyRow> {
  const { record, lastUsed, usedThisMonth } = key;
  const { monthly } = record.limits;
  const used = usedThisMonth ?? (monthly === undefined ? null : 0);
  return {
    ...toKeyFields(record, now),
    last_used: lastUsed ?? null,
    used,
    left: monthly === undefined ? null : Math.max(0, monthly - (used ?? 0)),
  };
}

export function toOperatorJson(record: OperatorKeyRecord, now: EpochMs): z.input<typeof OperatorRow> {
  return {
    id: record.keyId,
    display: record.display,
    scope: record.scope === 'all' ? 'all' : 'client',
    client: record.scope === 'all' ? null : record.scope.clientId,
    status: keyStatusAt(record, now),
    name: record.name ?? null,
    expires_at: record.expiresAt ?? null,
    created_at: record.createdAt,
  };
}
