/** Failures of a client's calls, as the admin function reads them. What has ended is passed over: DynamoDB deletes late. */
import { QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Failure, FailureReader } from '../../../core/meter/failure.ts';
import type { Clock } from '../../../core/time.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { getRow, primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import { fromOperatorsItem } from './failure-item.ts';

/** What one request reads at most, however few of the failures are the wanted ones. */
const MAX_PAGES = 10;
const PAGE = 100;

const StoredItem = z.object({ sk: z.string(), ttl: z.number() });

export function createFailureReader({
  dynamodb,
  table,
  clock,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}): FailureReader {
  const isKept = (item: Item): boolean => StoredItem.parse(fromItem(item)).ttl > Math.floor(clock() / 1000);

  async function page(client: string, before: string | undefined) {
    const { pk, prefix } = itemKeys.client.failures(client);
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: toItem({ ':pk': pk, ':prefix': prefix }),
        ScanIndexForward: false,
        Limit: PAGE,
        ...(before === undefined ? {} : { ExclusiveStartKey: primaryKey({ pk, sk: prefix + before }) }),
      }),
    );
    return { items: Items, isLast: LastEvaluatedKey === undefined };
  }

  return {
    async list(client, { org, user, limit, from }) {
      const { prefix } = itemKeys.client.failures(client);
      const failures: Failure[] = [];
      let seen = from;
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const { items, isLast } = await page(client, seen);
        for (const item of items) {
          if (failures.length === limit) return { failures, next: seen };
          seen = StoredItem.parse(fromItem(item)).sk.slice(prefix.length);
          const failure = fromOperatorsItem(item);
          const isWanted = (org === undefined || failure.org === org) && (user === undefined || failure.user === user);
          if (isWanted && isKept(item)) failures.push(failure);
        }
        if (isLast) return { failures };
      }
      return { failures, next: seen };
    },

    async find(client, reference) {
      const item = await getRow(dynamodb, table, itemKeys.client.failureReference(client, reference));
      return item === undefined || !isKept(item) ? undefined : fromOperatorsItem(item);
    },
  };
}
