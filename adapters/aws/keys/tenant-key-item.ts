/**
 * A tenant key as an item of the Keys table. Its partition has a prefix of its own and it is read by nothing else than
 * the functions below, so whatever is written there can never be taken for a client, platform or operator key.
 */
import * as z from 'zod';
import type { TenantKeyRecord } from '../../../core/keys/api-key.ts';
import { idProblem } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const id = z.string().refine((text) => idProblem(text) === undefined);

const TenantKeyItem = z.object({
  kind: z.literal('tenant'),
  key_id: z.string().min(1),
  display: z.string(),
  parent_hash: z.string().min(1),
  parent_id: z.string().min(1),
  client_id: z.string().min(1),
  org: id.optional(),
  user: id.optional(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});

/** The whole item, its primary key included. It may be deleted from the second on in which it has expired. */
export function toTenantKeyItem(hash: string, record: TenantKeyRecord): Item {
  return toItem({
    ...itemKeys.tenantKey(hash),
    kind: 'tenant',
    key_id: record.keyId,
    display: record.display,
    parent_hash: record.parentHash,
    parent_id: record.parentId,
    client_id: record.clientId,
    org: record.org,
    user: record.user,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    ttl: Math.ceil(Date.parse(record.expiresAt) / 1000),
  });
}

/** Throws on an item that this code cannot have written: such a key is refused, never guessed at. */
export function fromTenantKeyItem(item: Readonly<Item>): TenantKeyRecord {
  const row = TenantKeyItem.parse(fromItem(item));
  return {
    keyId: row.key_id,
    display: row.display,
    parentHash: row.parent_hash,
    parentId: row.parent_id,
    clientId: row.client_id,
    org: row.org,
    user: row.user,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
