/**
 * Clients, as the admin function sees them. The directory row is written before the record, so every client that
 * can have keys can be listed.
 */
import { PutItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { ClientPolicy, type ClientRecord } from '../../../core/tenant/client.ts';
import type { ClientStore, Issue } from '../../../core/tenant/client-admin.ts';
import { fromItem, toAttribute, toItem, type Item } from '../attributes.ts';
import { getRow, inParallel, primaryKey, queryRows, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';

const DirectoryItem = z.object({ id: z.string().min(1) });
const ClientItem = z.object({ id: z.string().min(1), created_at: z.iso.datetime(), policy: ClientPolicy });
const IssueItem = z.object({
  id: z.string(),
  at: z.string(),
  key_id: z.string(),
  org: z.string().default(''),
  user: z.string().default(''),
  summary: z.string(),
  description: z.string(),
  references: z.array(z.string()).default([]),
});

export function createClientStore({
  dynamodb,
  table,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}): ClientStore {
  async function putNew(item: Item): Promise<boolean> {
    return unlessRefused(
      dynamodb.send(
        new PutItemCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
      ),
    );
  }

  async function find(clientId: string): Promise<ClientRecord | undefined> {
    const item = await getRow(dynamodb, table, itemKeys.client.record(clientId));
    return item === undefined ? undefined : toClient(item);
  }

  return {
    find,

    async list() {
      const directory = await queryRows(dynamodb, table, itemKeys.client.directories());
      const clients = await inParallel(directory, (item) => find(DirectoryItem.parse(fromItem(item)).id));
      return clients
        .filter((client) => client !== undefined)
        .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : Number(a.createdAt > b.createdAt)));
    },

    async add({ id, createdAt, policy }) {
      await putNew(toItem({ ...itemKeys.client.directory(id), id, created_at: createdAt }));
      return putNew(toItem({ ...itemKeys.client.record(id), id, created_at: createdAt, policy }));
    },

    async changePolicy(clientId, change) {
      const fields = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
      if (fields.length === 0) return (await find(clientId)) !== undefined;
      return unlessRefused(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: primaryKey(itemKeys.client.record(clientId)),
            // Field by field, so that two changes of different fields at the same time both last.
            UpdateExpression: `SET ${fields.map((_, i) => `policy.#f${i} = :v${i}`).join(', ')}`,
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: Object.fromEntries(fields.map(({ name }, i) => [`#f${i}`, name])),
            ExpressionAttributeValues: Object.fromEntries(fields.map(({ value }, i) => [`:v${i}`, toAttribute(value)])),
          }),
        ),
      );
    },

    async issues(clientId) {
      const items = await queryRows(dynamodb, table, itemKeys.client.issues(clientId));
      return items.map((item) => toIssue(clientId, item)).toReversed();
    },
  };
}

function toClient(item: Item): ClientRecord {
  const { id, created_at: createdAt, policy } = ClientItem.parse(fromItem(item));
  return { id, createdAt, policy };
}

function toIssue(clientId: string, item: Item): Issue {
  const { key_id: keyId, org, user, ...issue } = IssueItem.parse(fromItem(item));
  return { ...issue, clientId, keyId, org: org === '' ? undefined : org, user: user === '' ? undefined : user };
}
