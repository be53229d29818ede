/** Failures of a client's calls, as the admin function reads them. What has ended is passed over: DynamoDB deletes late. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Failure, FailureReader } from '../../../core/meter/failure.ts';
import type { Clock } from '../../../core/time.ts';
import { fromItem, type Item } from '../attributes.ts';
import { getRow, pageOfRows } from '../rows.ts';
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

  return {
    async page(client, { limit, after }, { org, user }) {
      const range = itemKeys.client.failures(client);
      const rows: Failure[] = [];
      let seen = after;
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const { items, next } = await pageOfRows(
          dynamodb,
          table,
          range,
          { limit: PAGE, after: seen },
          { newest: true },
        );
        for (const item of items) {
          if (rows.length === limit) return { rows, next: seen };
          seen = StoredItem.parse(fromItem(item)).sk.slice(range.prefix.length);
          const failure = fromOperatorsItem(item);
          const isWanted = (org === undefined || failure.org === org) && (user === undefined || failure.user === user);
          if (isWanted && isKept(item)) rows.push(failure);
        }
        if (next === undefined) return { rows };
      }
      return { rows, next: seen };
    },

    async find(client, reference) {
      const item = await getRow(dynamodb, table, itemKeys.client.failureReference(client, reference));
      return item === undefined || !isKept(item) ? undefined : fromOperatorsItem(item);
    },
  };
}
