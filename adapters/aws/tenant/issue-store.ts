/** Reports of a client, as operators read and close them. */
import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type DynamoDBClient,
  type UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { timeOfIssue, type Issue, type IssueStore } from '../../../core/tenant/issue.ts';
import type { Clock } from '../../../core/time.ts';
import { toItem, type Item } from '../attributes.ts';
import { pageOfRows, primaryKey, setting } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import { fromIssueItem } from './issue-item.ts';

/** How many pages a search reads, before it says where it stopped. */
const MOST_PAGES = 10;
const SEARCHED_ROWS = 100;

export function createIssueStore({
  dynamodb,
  table,
  clock,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}): IssueStore {
  const read = (clientId: string, item: Item): Issue | undefined =>
    fromIssueItem(clientId, item, Math.floor(clock() / 1000));
  const positionOf = ({ at, id }: Issue): string => `${at}#${id}`;

  const page: IssueStore['page'] = async (clientId, { limit, after }, status) => {
    const rows: Issue[] = [];
    let from = after;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const wanted = status === undefined ? limit - rows.length : SEARCHED_ROWS;
      const range = itemKeys.client.issues(clientId);
      const { items, next } = await pageOfRows(
        dynamodb,
        table,
        range,
        { limit: wanted, after: from },
        { newest: true },
      );
      for (const issue of items.map((item) => read(clientId, item))) {
        if (issue === undefined || (status !== undefined && issue.status !== status)) continue;
        rows.push(issue);
        // There may be none after it that fits: then the next page is an empty one.
        if (status !== undefined && rows.length === limit) return { rows, next: positionOf(issue) };
      }
      if (next === undefined || rows.length === limit) return { rows, next };
      from = next;
    }
    return { rows, next: from };
  };

  /** Where the report is. The id says so, but for one of an older version, which is looked for. */
  async function keyOf(clientId: string, id: string): Promise<Item | undefined> {
    const time = timeOfIssue(id);
    if (time !== undefined) return primaryKey(itemKeys.client.issue(clientId, new Date(time).toISOString(), id));
    let from: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const { rows, next } = await page(clientId, { limit: SEARCHED_ROWS, after: from });
      const found = rows.find((issue) => issue.id === id);
      if (found !== undefined) return primaryKey(itemKeys.client.issue(clientId, found.at, id));
      if (next === undefined) return undefined;
      from = next;
    }
    return undefined;
  }

  return {
    page,

    async change(clientId, id, { status, note }) {
      const Key = await keyOf(clientId, id);
      if (Key === undefined) return undefined;
      const change = toItem({ status, note, changed_at: new Date(clock()).toISOString() });
      const { ExpressionAttributeNames, ...update } = setting(change);
      const changed = await updated(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key,
            ...update,
            ExpressionAttributeNames,
            // Never makes a report that nobody filed.
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return changed && read(clientId, changed);
    },
  };
}

async function updated(sent: Promise<UpdateItemCommandOutput>): Promise<Item | undefined> {
  try {
    return (await sent).Attributes;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
