/**
 * A key as an item of the Keys table. Attribute names are those of the records in `core/api-key.ts`; limits lie
 * flat, the policy copy is a map. Expiry is compared by code, so the item carries no `ttl`: a key must never
 * vanish from the list of those who have to answer for it.
 */
import { z } from 'zod';
import type { KeyRecord } from '../core/api-key.ts';
import { ClientPolicy } from '../core/client.ts';
import { fromItem, toItem, type Item } from './attributes.ts';
import { keyRow } from './schema.ts';

const stored = {
  keyId: z.string().min(1),
  status: z.enum(['active', 'revoked']),
  display: z.string(),
  name: z.string().optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
};
const limit = z.int().positive().optional();

const KeyItem = z.discriminatedUnion('kind', [
  z.object({
    ...stored,
    kind: z.literal('api'),
    clientId: z.string().min(1),
    type: z.enum(['solo', 'client', 'platform']),
    orgs: z.array(z.string().min(1)).optional(),
    rpm: limit,
    monthly: limit,
    policy: ClientPolicy,
  }),
  z.object({
    ...stored,
    kind: z.literal('operator'),
    scope: z.enum(['all', 'client']),
    clientId: z.string().min(1).optional(),
  }),
]);

/** The whole item, its primary key included. */
export function toKeyItem(hash: string, record: KeyRecord): Item {
  if (record.kind === 'api') {
    const { limits, ...fields } = record;
    return toItem({ ...keyRow(hash), ...fields, ...limits });
  }
  const { scope, ...fields } = record;
  const narrowed = scope === 'all' ? { scope } : { scope: 'client', clientId: scope.clientId };
  return toItem({ ...keyRow(hash), ...fields, ...narrowed });
}

/** Throws on an item that this code cannot have written: such a key is refused, never guessed at. */
export function fromKeyItem(item: Readonly<Item>): KeyRecord {
  const row = KeyItem.parse(fromItem(item));
  if (row.kind === 'api') {
    const { rpm, monthly, ...fields } = row;
    return { ...fields, limits: { rpm, monthly } };
  }
  const { scope, clientId, ...fields } = row;
  if (scope === 'all') return { ...fields, scope };
  if (clientId === undefined) throw new TypeError('an operator key of one client names no client');
  return { ...fields, scope: { clientId } };
}
