/**
 * Events in the partition of their client, written in a tenant's own session, which can add one and take it back by its
 * exact key, and read none: other tenants of the client write to the same partition.
 */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Outbox } from '../../../core/event/outbox.ts';
import { tenantTags } from '../../../core/tenant/tenant.ts';
import { primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';
import { toEventItem } from './event-item.ts';

export function createOutbox({ sessions, table }: Omit<TenantStoreDeps, 'clock'>): Outbox {
  return {
    async put(tenant, event, dueAt) {
      const { dynamodb } = await sessions(tenant);
      const item = toEventItem(tenantTags(tenant).client, event, dueAt);
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: item }));
    },

    async takeBack(tenant, { at, id }) {
      const { dynamodb } = await sessions(tenant);
      const Key = primaryKey(itemKeys.outbox.event(tenantTags(tenant).client, at, id));
      await dynamodb.send(new DeleteItemCommand({ TableName: table, Key }));
    },
  };
}
