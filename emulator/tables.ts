/** Makes the template's tables exist, and removes rows whose time to live is over, as DynamoDB does in its own time. */
import { AwsError } from './wire/aws-error.ts';
import type { DynamoDb, Payload } from './dynamodb/dynamodb.ts';
import { StartRefused } from './start-refused.ts';
import type { TableModel } from './cloudformation/data-model.ts';

const POLL_MS = 10;
const MAX_POLLS = 500;

/** Throws StartRefused when a table of an older template cannot hold what this one declares. */
export async function ensureTables(dynamodb: DynamoDb, tables: readonly TableModel[]): Promise<void> {
  for (const table of tables) {
    const existing = await describe(dynamodb, table.name);
    if (existing === undefined) await createTable(dynamodb, table);
    else if (shape(existing) !== shape(table.create))
      throw new StartRefused(
        `The table ${table.name} in the data folder has other keys or indexes than this version needs. Start with an empty folder: --data DIR.`,
      );
  }
}

async function createTable(dynamodb: DynamoDb, table: TableModel): Promise<void> {
  await dynamodb.call('CreateTable', table.create);
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const described = await describe(dynamodb, table.name);
    if (described?.['TableStatus'] === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The table ${table.name} did not become active.`);
}

async function describe(dynamodb: DynamoDb, name: string): Promise<Payload | undefined> {
  try {
    return (await dynamodb.call('DescribeTable', { TableName: name }))['Table'] as Payload;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function shape(table: Payload): string {
  const indexes = [table['GlobalSecondaryIndexes'], table['LocalSecondaryIndexes']].flatMap((list) =>
    ((list ?? []) as readonly Payload[]).map(({ IndexName, KeySchema }) => ({ IndexName, KeySchema })),
  );
  return JSON.stringify([table['KeySchema'], indexes]);
}

/** Deletes expired rows of one table; a row that was renewed meanwhile stays. */
export async function removeExpired(dynamodb: DynamoDb, table: TableModel, now: number): Promise<void> {
  if (table.ttlAttribute === undefined) return;
  const expired = {
    ExpressionAttributeNames: { '#ttl': table.ttlAttribute },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1000)) } },
  };
  let from: unknown;
  do {
    const page = await dynamodb.call('Scan', {
      TableName: table.name,
      FilterExpression: '#ttl < :now',
      ...expired,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    for (const row of (page['Items'] ?? []) as readonly Payload[]) await removeOne(dynamodb, table, row, expired);
    from = page['LastEvaluatedKey'];
  } while (from !== undefined);
}

async function removeOne(dynamodb: DynamoDb, table: TableModel, row: Payload, expired: Payload): Promise<void> {
  const schema = table.create['KeySchema'] as readonly { readonly AttributeName: string }[];
  const Key = Object.fromEntries(schema.map(({ AttributeName }) => [AttributeName, row[AttributeName]]));
  try {
    await dynamodb.call('DeleteItem', { TableName: table.name, Key, ConditionExpression: '#ttl < :now', ...expired });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException') throw error;
  }
}
