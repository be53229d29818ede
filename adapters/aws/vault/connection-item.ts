/** A connection as an item of its tenant's partition. A lease is written and taken away by updates alone. */
import * as z from 'zod';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { accountLabel, type Connection } from '../../../core/vault/connection.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';
import { EnvelopeItem, fromEnvelopeItem, toEnvelopeItem } from './envelope-item.ts';

const ConnectionItem = EnvelopeItem.extend({
  provider: z.string(),
  name: z.string(),
  auth: z.string(),
  account: z.string(),
  facts: z.record(z.string(), z.string()),
  status: z.enum(['active', 'needs_reconnecting']),
  connected_at: z.string(),
  version: z.string(),
  lease_until: z.number().optional(),
});

/** The whole item, its primary key included. */
export function toConnectionItem(tenant: TenantId, connection: Connection): Item {
  const { provider, name, auth, accountName, facts, status, connectedAt, version, envelope } = connection;
  return toItem({
    ...itemKeys.tenant.connection(tenant, provider, name),
    provider,
    name,
    auth,
    account: accountName,
    facts,
    status,
    connected_at: connectedAt,
    version,
    ...toEnvelopeItem(envelope),
  });
}

export function fromConnectionItem(item: Readonly<Item>): Connection {
  const row = ConnectionItem.parse(fromItem(item));
  const { provider, name, auth, account, facts, status, connected_at, version, lease_until } = row;
  return {
    provider,
    name,
    auth,
    // Rows of before there was a rule for it hold what the provider sent.
    accountName: accountLabel(account) ?? provider,
    facts,
    status,
    connectedAt: connected_at,
    version,
    leaseUntil: lease_until,
    envelope: fromEnvelopeItem(row),
  };
}
