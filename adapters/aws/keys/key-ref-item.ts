/** How a key is found by its public id: a reference among those of its client, or of the operators, and whose the id is. */
import * as z from 'zod';
import type { StoredKey } from '../../../core/keys/key-admin.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const KeyRefItem = z.object({ hash: z.string().min(1), lifetime: z.int().positive().optional() });
const KeyOwnerItem = z.object({ client: z.string().min(1) });

/** The whole item, its primary key included. */
export function toKeyRefItem({ hash, record, lifetime }: StoredKey): Item {
  const { keyId, createdAt } = record;
  const row =
    record.kind === 'api' ? itemKeys.client.keyRef(record.clientId, keyId) : itemKeys.client.operatorRef(keyId);
  return toItem({ ...row, hash, lifetime, key_id: keyId, created_at: createdAt });
}

export function fromKeyRefItem(item: Readonly<Item>): Pick<StoredKey, 'hash' | 'lifetime'> {
  return KeyRefItem.parse(fromItem(item));
}

/** The whole item, its primary key included. */
export function toKeyOwnerItem(keyId: string, client: string): Item {
  return toItem({ ...itemKeys.client.keyOwner(keyId), client });
}

/** The client's id. */
export function fromKeyOwnerItem(item: Readonly<Item>): string {
  return KeyOwnerItem.parse(fromItem(item)).client;
}
