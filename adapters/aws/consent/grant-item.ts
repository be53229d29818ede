/** A consent that was asked for, as an item that is found by the hash of its state. */
import * as z from 'zod';
import type { PendingGrant } from '../../../core/consent/pending.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const Hash = z.string().length(64);
const GrantItem = z.object({
  client: z.string().min(1),
  org: z.string().optional(),
  user: z.string().optional(),
  provider: z.string(),
  auth: z.string(),
  connection: z.string(),
  client_id: z.string(),
  redirect_uri: z.string(),
  browser_hash: Hash,
  facts: z.record(z.string(), z.string()),
  scopes: z.array(z.string()),
  ticket: Hash.optional(),
  return_url: z.string().optional(),
  expires_at: z.number(),
});

/** The whole item, its primary key included. */
export function toGrantItem(grant: PendingGrant): Item {
  return toItem({
    ...itemKeys.pending.grant(grant.hash),
    client: grant.client,
    org: grant.org,
    user: grant.user,
    provider: grant.provider,
    auth: grant.auth,
    connection: grant.connection,
    facts: grant.facts,
    scopes: grant.scopes,
    ticket: grant.linkHash,
    client_id: grant.clientId,
    redirect_uri: grant.redirectUri,
    browser_hash: grant.browserHash,
    return_url: grant.returnUrl,
    expires_at: grant.expiresAt,
    ttl: Math.ceil(grant.expiresAt / 1000),
  });
}

export function fromGrantItem(hash: string, item: Readonly<Item>): PendingGrant {
  const row = GrantItem.parse(fromItem(item));
  const { ticket, client_id, redirect_uri, browser_hash, return_url, expires_at, ...rest } = row;
  return {
    ...rest,
    hash,
    tenant: tenantId(rest),
    linkHash: ticket,
    clientId: client_id,
    redirectUri: redirect_uri,
    browserHash: browser_hash,
    returnUrl: return_url,
    expiresAt: expires_at,
  };
}
