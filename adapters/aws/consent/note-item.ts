/** A note about a consent as an item of its tenant's partition. */
import * as z from 'zod';
import { ConsentState, type ConsentNote } from '../../../core/consent/note.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const NoteItem = z.object({ state: ConsentState, ticket: z.string().optional(), ttl: z.number() });

/** The whole item, its primary key included. `ttl` is in seconds since 1970. */
export function toNoteItem(
  tenant: TenantId,
  { provider, connection, state, linkHash }: ConsentNote,
  ttl: number,
): Item {
  return toItem({ ...itemKeys.tenant.consent(tenant, provider, connection), state, ticket: linkHash, ttl });
}

/** What the row says beside its key, which names the account. */
export function fromNoteItem(item: Readonly<Item>) {
  const { state, ticket: linkHash, ttl } = NoteItem.parse(fromItem(item));
  return { state, linkHash, ttl };
}
