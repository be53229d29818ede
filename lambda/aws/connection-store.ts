/** Connections in the tenant's own partition. Everything goes through the tenant's session. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Connection, ConnectionStore } from '../core/connection.ts';
import { tenantRow } from './schema.ts';
import type { TenantSessions } from './tenant-session.ts';

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
});

export function createConnectionStore(sessions: TenantSessions, table: string): ConnectionStore {
  return {
    async list(tenant, provider) {
      const { dynamodb } = await sessions(tenant);
      const { pk, prefix } = tenantRow.connections(tenant, provider);
      const found: Connection[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await dynamodb.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        found.push(...(page.Items ?? []).map(fromItem));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return found.toSorted((a, b) => (a.connectedAt < b.connectedAt ? -1 : 1));
    },

    async put(tenant, connection) {
      const { dynamodb } = await sessions(tenant);
      const { pk, sk } = tenantRow.connection(tenant, connection.provider, connection.name);
      await dynamodb.send(
        new PutItemCommand({ TableName: table, Item: { pk: { S: pk }, sk: { S: sk }, ...toItem(connection) } }),
      );
    },

    async remove(tenant, provider, name) {
      const { dynamodb } = await sessions(tenant);
      const { pk, sk } = tenantRow.connection(tenant, provider, name);
      const { Attributes } = await dynamodb.send(
        new DeleteItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } }, ReturnValues: 'ALL_OLD' }),
      );
      return Attributes !== undefined;
    },

    async needsReconnecting(tenant, provider, name, version) {
      const { dynamodb } = await sessions(tenant);
      const { pk, sk } = tenantRow.connection(tenant, provider, name);
      try {
        await dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: pk }, sk: { S: sk } },
            UpdateExpression: 'SET #status = :dead',
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
            ExpressionAttributeValues: { ':dead': { S: 'needs_reconnecting' }, ':version': { S: version } },
          }),
        );
      } catch (error) {
        // Someone has stored a newer credential, or removed it: the failure is no longer about what is stored.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

function toItem(connection: Connection): Record<string, AttributeValue> {
  const { provider, name, auth, account, facts, status, connectedAt, version, envelope } = connection;
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
  const { connected_at, edk, iv, ct, tag, ...rest } = Item.parse(item);
  return { ...rest, connectedAt: connected_at, envelope: { v: 1, edk, iv, ct, tag } };
}
