/** An OAuth app as an item of its client's partition, or of the platform's. A public app has nothing sealed. */
import * as z from 'zod';
import type { StoredApp } from '../../../core/oauth/app-admin.ts';
import type { Envelope } from '../../../core/vault/envelope.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';
import { EnvelopeItem, envelopeIn, toEnvelopeItem } from '../vault/envelope-item.ts';

const AppItem = EnvelopeItem.partial().extend({
  client: z.string().optional(),
  org: z.string().optional(),
  provider: z.string(),
  client_id: z.string(),
  created_at: z.string(),
});

export interface SealedApp extends Omit<StoredApp, 'hasSecret'> {
  readonly sealed?: Envelope | undefined;
}

/** The whole item, its primary key included. */
export function toAppItem({ owner, provider, clientId, createdAt, sealed }: SealedApp): Item {
  return toItem({
    ...itemKeys.app.oauthApp(owner, provider),
    client: owner.client,
    org: owner.org,
    provider,
    client_id: clientId,
    created_at: createdAt,
    ...(sealed === undefined ? {} : toEnvelopeItem(sealed)),
  });
}

export function fromAppItem(item: Readonly<Item>): SealedApp {
  const row = AppItem.parse(fromItem(item));
  const { client, org, provider, client_id: clientId, created_at: createdAt } = row;
  return { owner: { client, org }, provider, clientId, createdAt, sealed: envelopeIn(row) };
}
