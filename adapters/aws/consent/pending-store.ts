/** Consents that were asked for. One write remembers, one conditional delete gives it back: to one caller, once. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { PendingGrants } from '../../../core/consent/pending.ts';
import { primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import { fromGrantItem, toGrantItem } from './grant-item.ts';
import type { Clock } from '../../../core/time.ts';

/** @param dynamodb with the connect function's own role. */
export function createGrantStore({
  dynamodb,
  table,
  clock,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}): PendingGrants {
  return {
    async put(grant) {
      // A state is 32 random bytes: one that is there already is no new one.
      const ConditionExpression = 'attribute_not_exists(pk)';
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: toGrantItem(grant), ConditionExpression }));
    },

    async take(hash) {
      const Key = primaryKey(itemKeys.pending.grant(hash));
      try {
        const { Attributes } = await dynamodb.send(
          new DeleteItemCommand({
            TableName: table,
            Key,
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValues: 'ALL_OLD',
          }),
        );
        if (Attributes === undefined) return undefined;
        const grant = fromGrantItem(hash, Attributes);
        return grant.expiresAt <= clock() ? undefined : grant;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },
  };
}
