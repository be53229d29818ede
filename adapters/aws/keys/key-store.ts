/** Finds a key by its hash. Strongly consistent and never cached: a revoked key fails on its next request. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KeyStore } from '../../../core/keys/api-key.ts';
import { fromKeyItem } from './key-item.ts';
import { getRow } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import { fromTenantKeyItem } from './tenant-key-item.ts';

export function createKeyStore({
  dynamodb,
  table,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}): KeyStore {
  return {
    async find(keyHash) {
      const item = await getRow(dynamodb, table, itemKeys.key(keyHash));
      return item === undefined ? undefined : fromKeyItem(item);
    },

    async findTenantKey(keyHash) {
      const item = await getRow(dynamodb, table, itemKeys.tenantKey(keyHash));
      return item === undefined ? undefined : fromTenantKeyItem(item);
    },
  };
}
