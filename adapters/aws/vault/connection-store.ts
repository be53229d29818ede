/** Connections in the tenant's own partition. Everything goes through the tenant's session. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DeleteItemCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Connection, ConnectionStore } from '../../../core/vault/connection.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { queryRows } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';

const S = z.object({ S: z.string() }).transform(({ S: text }) => text);
const B = z.object({ B: z.instanceof(Uint8Array) }).transform(({ B: bytes }) => bytes);

const Item = z.object({
  provider: S,
  name: S,
  auth: S,
  account: S,
  facts: z.object({ M: z.record(z.string(), S) }).transform(({ M }) => M),
  status: S.pipe(z.enum(['active', 'needs_reconnecting'])),
  connected_at: S,
  version: S,
  edk: B,
  iv: B,
  ct: B,
  tag: B,
  lease_until: z
    .object({ N: z.string() })
    .transform(({ N }) => Number(N))
    .optional(),
});

export function createConnectionStore({ sessions, table }: Omit<TenantStoreDeps, 'clock'>): ConnectionStore {
  return {
    async list(tenant, provider) {
      const { dynamodb } = await sessions(tenant);
      const found = (await queryRows(dynamodb, table, itemKeys.tenant.connections(tenant, provider))).map(fromItem);
      return found.toSorted((a, b) => (a.connectedAt < b.connectedAt ? -1 : 1));
    },

    async put(tenant, connection) {
      const { dynamodb } = await sessions(tenant);
      const item = { ...keyOf(tenant, connection), ...toItem(connection) };
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: item }));
    },

    async remove(tenant, provider, name, version) {
      const { dynamodb } = await sessions(tenant);
      const command = new DeleteItemCommand({
        TableName: table,
        Key: keyOf(tenant, { provider, name }),
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
          ExpressionAttributeValues: {
            ':dead': { S: 'needs_reconnecting' },
            ':active': ACTIVE,
            ':version': { S: version },
          },
        },
      );
      return marked !== undefined;
    },

    async get(tenant, provider, name) {
      const { dynamodb } = await sessions(tenant);
      const { Item: found } = await dynamodb.send(
        new GetItemCommand({ TableName: table, Key: keyOf(tenant, { provider, name }), ConsistentRead: true }),
      );
      return found === undefined ? undefined : fromItem(found);
    },

    async lease(tenant, connection, { holder, now, until }) {
      const leased = await update(tenant, connection, {
        UpdateExpression: 'SET lease_holder = :holder, lease_until = :until',
        ConditionExpression:
          '#version = :version AND #status = :active AND (attribute_not_exists(lease_until) OR lease_until <= :now)',
        ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
        ExpressionAttributeValues: {
          ':holder': { S: holder },
          ':until': { N: String(until) },
          ':now': { N: String(now) },
          ':active': ACTIVE,
          ':version': { S: connection.version },
        },
        ReturnValues: 'ALL_NEW',
      });
      return leased === undefined ? undefined : fromItem(leased);
    },

    async release(tenant, connection, holder) {
      await update(tenant, connection, {
        UpdateExpression: 'REMOVE lease_holder, lease_until',
        ConditionExpression: 'lease_holder = :holder',
        ExpressionAttributeValues: { ':holder': { S: holder } },
      });
    },

    async storeRenewed(tenant, connection, replaces) {
      const { version, envelope } = connection;
      const stored = await update(tenant, connection, {
        UpdateExpression:
          'SET #version = :version, #status = :active, edk = :edk, iv = :iv, ct = :ct, tag = :tag REMOVE lease_holder, lease_until',
        ConditionExpression: '#version = :replaces',
        ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
        ExpressionAttributeValues: {
          ':version': { S: version },
          ':replaces': { S: replaces },
          ':active': ACTIVE,
          ':edk': { B: envelope.edk },
          ':iv': { B: envelope.iv },
          ':ct': { B: envelope.ct },
          ':tag': { B: envelope.tag },
        },
      });
      return stored !== undefined;
    },
  };

  /** The attributes asked for, or undefined when the condition refused the update. */
  async function update(
    tenant: TenantId,
    connection: Pick<Connection, 'provider' | 'name'>,
    input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
  ): Promise<Record<string, AttributeValue> | undefined> {
    const { dynamodb } = await sessions(tenant);
    const command = new UpdateItemCommand({ ...input, TableName: table, Key: keyOf(tenant, connection) });
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
    ExpressionAttributeValues: { ':version': { S: version } },
  };
}

const ACTIVE: AttributeValue = { S: 'active' };

function keyOf(
  tenant: TenantId,
  { provider, name }: Pick<Connection, 'provider' | 'name'>,
): Record<string, AttributeValue> {
  const { pk, sk } = itemKeys.tenant.connection(tenant, provider, name);
  return { pk: { S: pk }, sk: { S: sk } };
}

function toItem(connection: Connection): Record<string, AttributeValue> {
  const { provider, name, auth, accountName: account, facts, status, connectedAt, version, envelope } = connection;
  return {
    provider: { S: provider },
    name: { S: name },
    auth: { S: auth },
    account: { S: account },
    facts: { M: Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, { S: value }])) },
    status: { S: status },
    connected_at: { S: connectedAt },
    version: { S: version },
    edk: { B: envelope.edk },
    iv: { B: envelope.iv },
    ct: { B: envelope.ct },
    tag: { B: envelope.tag },
  };
}

function fromItem(item: Record<string, AttributeValue>): Connection {
  const { account, connected_at, lease_until, edk, iv, ct, tag, ...rest } = Item.parse(item);
  return {
    ...rest,
    accountName: account,
    connectedAt: connected_at,
    leaseUntil: lease_until,
    envelope: { v: 1, edk, iv, ct, tag },
  };
}
