/** A webhook as an item of its client's partition, and the item of the directory by which it is found. */
import * as z from 'zod';
import type { Subscriber } from '../../../core/event/outbox.ts';
import type { WebhookFacts } from '../../../core/event/webhook-admin.ts';
import type { Envelope } from '../../../core/vault/envelope.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';
import { EnvelopeItem, fromEnvelopeItem, toEnvelopeItem } from '../vault/envelope-item.ts';

const SubscriberItem = z.object({ client: z.string().min(1), since: z.iso.datetime() });
const WebhookItem = EnvelopeItem.extend({
  url: z.string().min(1),
  since: z.iso.datetime(),
  changed_at: z.iso.datetime(),
  previous: EnvelopeItem.extend({ until: z.int() }).optional(),
});

export interface StoredWebhook extends WebhookFacts {
  readonly sealed: Envelope;
  /** The secret before this one, and until when it signs: milliseconds since 1970. */
  readonly previous?: { readonly sealed: Envelope; readonly until: number } | undefined;
}

/** The whole item, its primary key included. */
export function toWebhookItem(client: string, { url, since, changedAt, sealed, previous }: StoredWebhook): Item {
  return toItem({
    ...itemKeys.app.webhook(client),
    url,
    since,
    changed_at: changedAt,
    ...toEnvelopeItem(sealed),
    previous: previous && { ...toEnvelopeItem(previous.sealed), until: previous.until },
  });
}

export function fromWebhookItem(item: Readonly<Item>): StoredWebhook {
  const row = WebhookItem.parse(fromItem(item));
  const { url, since, changed_at: changedAt, previous } = row;
  return {
    url,
    since,
    changedAt,
    sealed: fromEnvelopeItem(row),
    previous: previous && { sealed: fromEnvelopeItem(previous), until: previous.until },
  };
}

/** The whole item, its primary key included. */
export function toSubscriberItem({ client, since }: Subscriber): Item {
  return toItem({ ...itemKeys.client.eventDirectory(client), client, since });
}

/** Undefined for a row that is none. */
export function fromSubscriberItem(item: Readonly<Item>): Subscriber | undefined {
  return SubscriberItem.safeParse(fromItem(item)).data;
}
