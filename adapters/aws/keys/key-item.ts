/**
 * A key as an item of the Keys table. Limits lie flat, the policy copy is a map. Expiry is compared by code, so the
 * item carries no `ttl`: a key must never vanish from the list of those who have to answer for it.
 */
import * as z from 'zod';
import type { KeyRecord } from '../../../core/keys/api-key.ts';
import { ClientPolicy } from '../../../core/tenant/client.ts';
import { CONFIRM_POLICIES } from '../../../core/keys/confirm-policy.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const stored = {
  key_id: z.string().min(1),
  status: z.enum(['active', 'revoked']),
  display: z.string(),
  name: z.string().optional(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().optional(),
};
const limit = z.int().positive().optional();

const KeyItem = z.discriminatedUnion('kind', [
  z.object({
    ...stored,
    kind: z.literal('api'),
    client_id: z.string().min(1),
    type: z.enum(['solo', 'client', 'platform']),
    orgs: z.array(z.string().min(1)).optional(),
    require_user: z.boolean().optional(),
    rpm: limit,
    monthly: limit,
    confirm: z.enum(CONFIRM_POLICIES).optional(),
    policy: ClientPolicy,
  }),
  z.object({
    ...stored,
    kind: z.literal('operator'),
    scope: z.enum(['all', 'client']),
    client_id: z.string().min(1).optional(),
  }),
]);

/** The whole item, its primary key included. */
export function toKeyItem(hash: string, record: KeyRecord): Item {
  const shared = {
    ...itemKeys.key(hash),
    kind: record.kind,
    key_id: record.keyId,
    status: record.status,
    display: record.display,
    name: record.name,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
  };
  if (record.kind === 'api') {
    const { clientId, type, orgs, requireUser, limits, policy, confirm } = record;
    return toItem({
      ...shared,
      client_id: clientId,
      type,
      orgs,
      require_user: requireUser,
      rpm: limits.rpm,
      monthly: limits.monthly,
      policy,
      confirm,
    });
  }
  if (record.scope === 'all') return toItem({ ...shared, scope: 'all' });
  return toItem({ ...shared, scope: 'client', client_id: record.scope.clientId });
}

/** Throws on an item that this code cannot have written: such a key is refused, never guessed at. */
export function fromKeyItem(item: Readonly<Item>): KeyRecord {
  const row = KeyItem.parse(fromItem(item));
  const shared = {
    keyId: row.key_id,
    status: row.status,
    display: row.display,
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
  if (row.kind === 'api') {
    const { kind, client_id: clientId, type, orgs, require_user: requireUser, rpm, monthly, policy, confirm } = row;
    return { ...shared, kind, clientId, type, orgs, requireUser, limits: { rpm, monthly }, policy, confirm };
  }
  const { kind, scope, client_id: clientId } = row;
  if (scope === 'all') return { ...shared, kind, scope };
  if (clientId === undefined) throw new TypeError('an operator key of one client names no client');
  return { ...shared, kind, scope: { clientId } };
}
