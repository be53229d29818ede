/** Stores tenant keys: one write that never replaces a row. The role behind it can neither read nor change one. */
import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TenantKeyWriter } from '../../../core/keys/tenant-key.ts';
import { toTenantKeyItem } from './tenant-key-item.ts';

export function createTenantKeyWriter({
  dynamodb,
  table,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}): TenantKeyWriter {
  return {
    async add(hash, record) {
      await dynamodb.send(
        new PutItemCommand({
          TableName: table,
          Item: toTenantKeyItem(hash, record),
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    },
  };
}
