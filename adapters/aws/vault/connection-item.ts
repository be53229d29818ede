/**
 * A connection as an item of its tenant's partition. A lease, and what was counted of timeouts, are written and taken away
 * by updates alone.
 */
import * as z from 'zod';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { accountLabel, type Connection, type ConnectionFacts } from '../../../core/vault/connection.ts';
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
const ConnectionItem = EnvelopeItem.extend({
  ...FactsItem.shape,
  lease_until: z.number().optional(),
  timeouts: z.number().optional(),
  down_until: z.number().optional(),
});
/** What a counted timeout answers. */
const TimeoutsItem = z.object({ timeouts: z.number() });

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
  const { lease_until: leaseUntil, down_until: downUntil, timeouts } = row;
  return { ...factsOf(row), leaseUntil, timeouts, downUntil, envelope: fromEnvelopeItem(row) };
}

export function fromTimeoutsItem(item: Readonly<Item>): number {
  return TimeoutsItem.parse(fromItem(item)).timeouts;
}

/** Of an item that may be no more than `FACTS_ATTRIBUTES`. */
export function fromFactsItem(item: Readonly<Item>): ConnectionFacts {
  return factsOf(FactsItem.parse(fromItem(item)));
}

function factsOf({ account, connected_at, ...row }: z.infer<typeof FactsItem>): ConnectionFacts {
  const { provider, name, auth, facts, status, version } = row;
  // Rows of before there was a rule for it hold what the provider sent.
  const accountName = accountLabel(account) ?? provider;
  return { provider, name, auth, accountName, facts, status, connectedAt: connected_at, version };
}
