/** How the stores read and write rows: strongly consistent, page by page, a few at a time. */
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { PageAsk } from '../../core/page.ts';
import * as z from 'zod';
import { fromItem, toItem, type Item } from './attributes.ts';

/** Reads at the same time: enough to hide the round trip, few enough for one Lambda's sockets. */
const PARALLEL = 25;

export function primaryKey(row: { readonly pk: string; readonly sk?: string }): Item {
  return toItem({ pk: row.pk, sk: row.sk });
}

export async function getRow(
  dynamodb: DynamoDBClient,
  table: string,
  row: { readonly pk: string; readonly sk?: string },
): Promise<Item | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: table, Key: primaryKey(row), ConsistentRead: true }),
  );
  return Item;
}

/**
 * Every row of a partition whose sort key begins with the prefix, in the order of the sort key.
 * @param attributes what to read of each; everything when left out.
 */
export async function queryRows(
  dynamodb: DynamoDBClient,
  table: string,
  { pk, prefix }: { readonly pk: string; readonly prefix: string },
  attributes: readonly string[] = [],
): Promise<readonly Item[]> {
  const found: Item[] = [];
  const names = attributes.map((name, i) => [`#a${i}`, name] as const);
  const only = {
    ProjectionExpression: names.map(([at]) => at).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names),
  };
  let from: Item | undefined;
  do {
    const page = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: toItem({ ':pk': pk, ':prefix': prefix }),
        ...(names.length === 0 ? {} : only),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    found.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found;
}

/** The first rows of such a range, whole, at most `most`; with `newest` the last ones, from the end. */
export async function firstRows(
  dynamodb: DynamoDBClient,
  table: string,
  { pk, prefix }: { readonly pk: string; readonly prefix: string },
  most: number,
  { newest = false }: { readonly newest?: boolean } = {},
): Promise<readonly Item[]> {
  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: toItem({ ':pk': pk, ':prefix': prefix }),
      Limit: most,
      ScanIndexForward: !newest,
    }),
  );
  return Items ?? [];
}

export interface RowPage {
  readonly items: readonly Item[];
  /** What follows the prefix in the sort key of the last item, when there are more. */
  readonly next: string | undefined;
}

/** One page of such a range; its position is what follows the prefix in a sort key, so that none leads out of the range. */
export async function pageOfRows(
  dynamodb: DynamoDBClient,
  table: string,
  { pk, prefix }: { readonly pk: string; readonly prefix: string },
  { limit, after }: PageAsk,
  { newest = false }: { readonly newest?: boolean } = {},
): Promise<RowPage> {
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: toItem({ ':pk': pk, ':prefix': prefix }),
      // One more than is given, to know whether there is more.
      Limit: limit + 1,
      ScanIndexForward: !newest,
      ...(after === undefined ? {} : { ExclusiveStartKey: primaryKey({ pk, sk: prefix + after }) }),
    }),
  );
  const items = Items.slice(0, limit);
  // A page ends early where a megabyte is full.
  const isMore = Items.length > limit || LastEvaluatedKey !== undefined;
  return { items, next: isMore ? positionOf(items.at(-1), prefix) : undefined };
}

/** The part of an update that sets these attributes, and takes others away; DynamoDB has words of its own for some. */
export function setting(item: Item, removed: readonly string[] = []) {
  const set = Object.entries(item).map(([name, value], i) => ({ name, value, at: `#s${i}`, as: `:s${i}` }));
  const gone = removed.map((name, i) => ({ name, at: `#r${i}` }));
  const remove = gone.length === 0 ? '' : ` REMOVE ${gone.map(({ at }) => at).join(', ')}`;
  const sets = set.length === 0 ? '' : `SET ${set.map(({ at, as }) => `${at} = ${as}`).join(', ')}`;
  return {
    UpdateExpression: `${sets}${remove}`.trim(),
    ExpressionAttributeNames: Object.fromEntries([...set, ...gone].map(({ at, name }) => [at, name])),
    ExpressionAttributeValues: Object.fromEntries(set.map(({ as, value }) => [as, value])),
  };
}

/** Applies `work` to every row, a few at a time, and keeps the order. */
export async function inParallel<Row, Out>(rows: readonly Row[], work: (row: Row) => Promise<Out>): Promise<Out[]> {
  const out: Out[] = [];
  for (let i = 0; i < rows.length; i += PARALLEL)
    out.push(...(await Promise.all(rows.slice(i, i + PARALLEL).map(work))));
  return out;
}

/** True when the write was done, false when its condition refused it. */
export async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const SortKey = z.object({ sk: z.string() });

function positionOf(item: Item | undefined, prefix: string): string | undefined {
  return item === undefined ? undefined : SortKey.parse(fromItem(item)).sk.slice(prefix.length);
}
