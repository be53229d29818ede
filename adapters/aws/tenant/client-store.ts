/**
 * Clients, as the admin function sees them. The directory row is written before the record, so every client that
 * can have keys can be listed.
 */
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ClientRecord } from '../../../core/tenant/client.ts';
import type { ClientStore } from '../../../core/tenant/client-admin.ts';
import * as z from 'zod';
import { encodeId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { getRow, inParallel, pageOfRows, primaryKey, queryRows, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import { fromClientItem, fromDirectoryItem, toClientItem, toDirectoryItem } from './client-item.ts';
import { fromUserItem } from './user-item.ts';

const SortKey = z.object({ sk: z.string() });

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
    return item === undefined ? undefined : fromClientItem(item);
  }

  return {
    find,

    async page(ask) {
      const { items, next } = await pageOfRows(dynamodb, table, itemKeys.client.directories(), ask);
      // A directory row whose record was never written is passed over.
      const clients = await inParallel(items, (item) => find(fromDirectoryItem(item)));
      return { rows: clients.filter((client) => client !== undefined), next };
    },

    async directory(ask) {
      const { items, next } = await pageOfRows(dynamodb, table, itemKeys.client.directories(), ask);
      const rows = items.map((item) => {
        const id = fromDirectoryItem(item);
        return { id, position: encodeId(id) };
      });
      return { rows, next };
    },

    async add(client) {
      await putNew(toDirectoryItem(client));
      return putNew(toClientItem(client));
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
            ExpressionAttributeValues: toItem(Object.fromEntries(fields.map(({ value }, i) => [`:v${i}`, value]))),
          }),
        ),
      );
    },

    async remove(clientId) {
      const take = (row: { readonly pk: string; readonly sk: string }) =>
        dynamodb.send(new DeleteItemCommand({ TableName: table, Key: primaryKey(row) }));
      // The record first: from then on no key of this client is made.
      await take(itemKeys.client.record(clientId));
      await take(itemKeys.client.directory(clientId));
      for (const rows of [itemKeys.app.allSettings(clientId), itemKeys.client.users(clientId)]) {
        const items = await queryRows(dynamodb, table, rows, ['sk']);
        await inParallel(items, (item) => take({ pk: rows.pk, sk: SortKey.parse(fromItem(item)).sk }));
      }
    },

    async users(clientId) {
      return (await queryRows(dynamodb, table, itemKeys.client.users(clientId))).map(fromUserItem);
    },
  };
}
