/** Finds a key by its hash. Strongly consistent and never cached: a revoked key fails on its next request. */
import { GetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KeyStore } from '../core/api-key.ts';
import { fromKeyItem } from './key-item.ts';
import { keyRow } from './schema.ts';

export function createKeyStore(dynamodb: DynamoDBClient, table: string): KeyStore {
  return {
    async find(keyHash) {
      const { pk } = keyRow(keyHash);
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : fromKeyItem(Item);
    },
  };
}
