/** A connection as an item of its tenant's partition. A lease is written and taken away by updates alone. */
import * as z from 'zod';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import type { Connection, ConnectionFacts } from '../../../core/vault/connection.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';
import { EnvelopeItem, fromEnvelopeItem, toEnvelopeItem } from './envelope-item.ts';

const FactsItem = z.object({
  provider: z.string(),
  name: z.string(),
  auth: z.string(),
  account: z.string(),
  facts: z.record(z.string(), z.string()),
  status: z.enum(['active', 'needs_reconnecting']),
  connected_at: z.string(),
  version: z.string(),
});
const ConnectionItem = EnvelopeItem.extend({ ...FactsItem.shape, lease_until: z.number().optional() });

/** The attributes of a connection's facts: what a list reads, and nothing of the envelope. */
export const FACTS_ATTRIBUTES: readonly string[] = Object.keys(FactsItem.shape);

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
  return { ...factsOf(row), leaseUntil: row.lease_until, envelope: fromEnvelopeItem(row) };
}

/** Of an item that may be no more than `FACTS_ATTRIBUTES`. */
export function fromFactsItem(item: Readonly<Item>): ConnectionFacts {
  return factsOf(FactsItem.parse(fromItem(item)));
}

function factsOf({ account, connected_at, ...row }: z.infer<typeof FactsItem>): ConnectionFacts {
  const { provider, name, auth, facts, status, version } = row;
  return { provider, name, auth, accountName: account, facts, status, connectedAt: connected_at, version };
}
