/** A connect link as an item of its tenant's partition, and the item that says whose a hash is. */
import * as z from 'zod';
import type { ConnectLink } from '../../../core/connect/link.ts';
import type { TenantParts } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const OwnerItem = z.object({ client: z.string().min(1), org: z.string().optional(), user: z.string().optional() });
const LinkItem = z.object({
  provider: z.string().min(1),
  connection: z.string().min(1),
  code_hash: z.string().length(64),
  return_url: z.string().optional(),
  expires_at: z.number(),
  tries: z.number(),
});

const TriesItem = LinkItem.pick({ tries: true });

/** DynamoDB may delete it some time after it has ended; until then `expires_at` decides. */
const ttlOf = ({ expiresAt }: ConnectLink): number => Math.ceil(expiresAt / 1000);

/** The whole item, its primary key included. */
export function toLinkItem(link: ConnectLink): Item {
  return toItem({
    ...itemKeys.tenant.connectLink(link.tenant, link.hash),
    provider: link.provider,
    connection: link.connection,
    code_hash: link.codeHash,
    return_url: link.returnUrl,
    expires_at: link.expiresAt,
    tries: link.tries,
    ttl: ttlOf(link),
  });
}

/** What a counted try answers. */
export function fromTriesItem(item: Readonly<Item>): number {
  return TriesItem.parse(fromItem(item)).tries;
}

/** What the row itself knows of the link. */
export function fromLinkItem(item: Readonly<Item>) {
  const { code_hash: codeHash, return_url: returnUrl, expires_at: expiresAt, ...link } = LinkItem.parse(fromItem(item));
  return { ...link, codeHash, returnUrl, expiresAt };
}

/** The whole item, its primary key included. */
export function toLinkOwnerItem(link: ConnectLink): Item {
  const { hash, client, org, user } = link;
  return toItem({ ...itemKeys.pending.connectLinkOwner(hash), client, org, user, ttl: ttlOf(link) });
}

export function fromLinkOwnerItem(item: Readonly<Item>): TenantParts {
  return OwnerItem.parse(fromItem(item));
}
