/**
 * Events in the partition of their client, written in a tenant's own session, which can add one and take it back by its
 * exact key, and read none: other tenants of the client write to the same partition.
 */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EVENT_TTL_MS, type Outbox } from '../../../core/event/outbox.ts';
import { tenantTags, type TenantId } from '../../../core/tenant/tenant.ts';
import { toItem } from '../attributes.ts';
import { primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';

export function createOutbox({ sessions, table }: Omit<TenantStoreDeps, 'clock'>): Outbox {
  const rowOf = (tenant: TenantId, { at, id }: { readonly at: string; readonly id: string }) =>
    itemKeys.outbox.event(tenantTags(tenant).client, at, id);

  return {
    async put(tenant, { id, at, body }, dueAt) {
      const { dynamodb } = await sessions(tenant);
      const expires = Math.floor((Date.parse(at) + EVENT_TTL_MS) / 1000);
      const item = { ...rowOf(tenant, { at, id }), id, at, body, attempts: 0, next_at: dueAt, ttl: expires };
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: toItem(item) }));
    },

    async takeBack(tenant, event) {
      const { dynamodb } = await sessions(tenant);
      await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: primaryKey(rowOf(tenant, event)) }));
    },
  };
}
