/** Connections in the tenant's own partition. Everything goes through the tenant's session. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type DeleteItemCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Connection, ConnectionFacts, ConnectionStore } from '../../../core/vault/connection.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { toItem, type Item } from '../attributes.ts';
import { firstRows, getRow, primaryKey, queryRows } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';
import {
  FACTS_ATTRIBUTES,
  fromConnectionItem,
  fromFactsItem,
  fromTimeoutsItem,
  toConnectionItem,
} from './connection-item.ts';

export function createConnectionStore({ sessions, table }: Omit<TenantStoreDeps, 'clock'>): ConnectionStore {
  const rowOf = (tenant: TenantId, { provider, name }: Pick<Connection, 'provider' | 'name'>) =>
    itemKeys.tenant.connection(tenant, provider, name);

  async function list(tenant: TenantId, provider?: string): Promise<readonly ConnectionFacts[]> {
    const { dynamodb } = await sessions(tenant);
    const range = itemKeys.tenant.connections(tenant, provider);
    const items = await queryRows(dynamodb, table, range, FACTS_ATTRIBUTES);
    return items.map(fromFactsItem).toSorted((a, b) => (a.connectedAt < b.connectedAt ? -1 : 1));
  }

  async function get(tenant: TenantId, provider: string, name: string): Promise<Connection | undefined> {
    const { dynamodb } = await sessions(tenant);
    const item = await getRow(dynamodb, table, rowOf(tenant, { provider, name }));
    return item === undefined ? undefined : fromConnectionItem(item);
  }

  return {
    list,

    async first(tenant, provider) {
      const { dynamodb } = await sessions(tenant);
      const [only, another] = await firstRows(dynamodb, table, itemKeys.tenant.connections(tenant, provider), 2);
      // Nearly everybody has one: a single read, with all that the call needs.
      if (only === undefined || another === undefined) return only && fromConnectionItem(only);
      const [oldest] = await list(tenant, provider);
      return oldest && get(tenant, provider, oldest.name);
    },

    async put(tenant, connection) {
      const { dynamodb } = await sessions(tenant);
      const item = toConnectionItem(tenant, connection);
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: item }));
    },

    async remove(tenant, provider, name, version) {
      const { dynamodb } = await sessions(tenant);
      const command = new DeleteItemCommand({
        TableName: table,
        Key: primaryKey(rowOf(tenant, { provider, name })),
        ReturnValues: 'ALL_OLD',
        ...(version === undefined ? {} : ofVersion(version)),
      });
      const removed = await unlessRefused(dynamodb.send(command));
      return removed?.Attributes !== undefined;
    },

    async needsReconnecting(tenant, provider, name, version) {
      // Refused when someone has stored a newer credential, removed it, or said so before.
      const marked = await update(
        tenant,
        { provider, name },
        {
          UpdateExpression: 'SET #status = :dead',
          ConditionExpression: '#version = :version AND #status = :active',
          ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
          ExpressionAttributeValues: toItem({
            ':dead': 'needs_reconnecting',
            ':active': 'active',
            ':version': version,
          }),
        },
      );
      return marked !== undefined;
    },

    get,

    async lease(tenant, connection, { holder, now, until }) {
      const leased = await update(tenant, connection, {
        UpdateExpression: 'SET lease_holder = :holder, lease_until = :until',
        ConditionExpression:
          // The holder's own is the first try of this very call, whose answer was lost.
          '#version = :version AND #status = :active AND (attribute_not_exists(lease_until) OR lease_until <= :now OR lease_holder = :holder)',
        ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
        ExpressionAttributeValues: toItem({
          ':holder': holder,
          ':until': until,
          ':now': now,
          ':active': 'active',
          ':version': connection.version,
        }),
        ReturnValues: 'ALL_NEW',
      });
      return leased === undefined ? undefined : fromConnectionItem(leased);
    },

    async release(tenant, connection, holder) {
      await update(tenant, connection, {
        UpdateExpression: 'REMOVE lease_holder, lease_until',
        ConditionExpression: 'lease_holder = :holder',
        ExpressionAttributeValues: toItem({ ':holder': holder }),
      });
    },

    async storeRenewed(tenant, connection, replaces) {
      const { version, envelope } = connection;
      const stored = await update(tenant, connection, {
        UpdateExpression:
          'SET #version = :version, #status = :active, edk = :edk, iv = :iv, ct = :ct, tag = :tag REMOVE lease_holder, lease_until',
        ConditionExpression: '#version = :replaces',
        ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
        ExpressionAttributeValues: toItem({
          ':version': version,
          ':replaces': replaces,
          ':active': 'active',
          ':edk': envelope.edk,
          ':iv': envelope.iv,
          ':ct': envelope.ct,
          ':tag': envelope.tag,
        }),
      });
      return stored !== undefined;
    },

    async countTimeout(tenant, connection, most, until) {
      const counted = await update(tenant, connection, {
        UpdateExpression: 'ADD timeouts :one',
        // Counting must not bring back a connection that was removed meanwhile, nor speak of one that took its place.
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: toItem({ ':one': 1, ':version': connection.version }),
        ReturnValues: 'UPDATED_NEW',
      });
      if (counted === undefined || fromTimeoutsItem(counted) < most) return;
      await update(tenant, connection, {
        UpdateExpression: 'SET down_until = :until',
        ConditionExpression: 'timeouts >= :most',
        ExpressionAttributeValues: toItem({ ':until': until, ':most': most }),
      });
    },

    async forgetTimeouts(tenant, connection) {
      await update(tenant, connection, {
        UpdateExpression: 'REMOVE timeouts, down_until',
        ConditionExpression: 'attribute_exists(timeouts)',
      });
    },

    async claimProbe(tenant, connection, until) {
      const claimed = await update(tenant, connection, {
        UpdateExpression: 'SET down_until = :until',
        ConditionExpression: 'down_until = :seen',
        ExpressionAttributeValues: toItem({ ':until': until, ':seen': connection.downUntil }),
      });
      return claimed !== undefined;
    },
  };

  /** The attributes asked for, or undefined when the condition refused the update. */
  async function update(
    tenant: TenantId,
    connection: Pick<Connection, 'provider' | 'name'>,
    input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
  ): Promise<Item | undefined> {
    const { dynamodb } = await sessions(tenant);
    const command = new UpdateItemCommand({ ...input, TableName: table, Key: primaryKey(rowOf(tenant, connection)) });
    const updated = await unlessRefused(dynamodb.send(command));
    return updated && (updated.Attributes ?? {});
  }
}

/** What was answered, or undefined when the condition refused it. */
async function unlessRefused<T>(sent: Promise<T>): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

function ofVersion(version: string): Partial<DeleteItemCommandInput> {
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: toItem({ ':version': version }),
  };
}
