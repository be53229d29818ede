/** An event that waits, as an item of its client's partition. */
import * as z from 'zod';
import type { OutgoingEvent } from '../../../core/event/connection-event.ts';
import { EVENT_TTL_MS, type QueuedEvent } from '../../../core/event/outbox.ts';
import { encodeId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const EventItem = z.object({
  sk: z.string(),
  id: z.string().regex(/^[A-Za-z0-9_-]+$/),
  at: z.iso.datetime(),
  body: z.string(),
  attempts: z.int(),
  next_at: z.int(),
  ttl: z.int(),
});

/**
 * The whole item, its primary key included.
 * @param client encoded, as in the tags of a tenant.
 */
export function toEventItem(client: string, { id, at, body }: OutgoingEvent, dueAt: number): Item {
  const ttl = Math.floor((Date.parse(at) + EVENT_TTL_MS) / 1000);
  return toItem({ ...itemKeys.outbox.event(client, at, id), id, at, body, attempts: 0, next_at: dueAt, ttl });
}

/**
 * Undefined for a row that no event was written as. Also for one that says it is another: leasing it would fail each
 * time and keep the others waiting.
 * @param client its id.
 */
export function fromEventItem(client: string, item: Readonly<Item>): QueuedEvent | undefined {
  const { data, success } = EventItem.safeParse(fromItem(item));
  if (!success || data.sk !== itemKeys.outbox.event(encodeId(client), data.at, data.id).sk) return undefined;
  const { id, at, body, attempts, next_at: dueAt, ttl } = data;
  return { client, id, at, body, attempts, dueAt, expiresAt: ttl * 1000 };
}
