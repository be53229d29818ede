import { afterEach, describe, expect, it } from '@jest/globals';
import { create, type LevelIterator } from 'dynalite/db/index.js';
import { closeIterators, openDynamoDb, type DynamoDb } from '../../../emulator/dynamodb/dynamodb.ts';

const PLACE = { account: '000000000000', region: 'us-east-1' };
const TABLE = {
  TableName: 'rows',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
};
const QUERY = {
  TableName: 'rows',
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': { S: 'a' } },
};

async function statusOf(db: DynamoDb): Promise<unknown> {
  const { Table } = await db.call('DescribeTable', { TableName: 'rows' });
  return (Table as { TableStatus: string }).TableStatus;
}

describe('the tables of the laptop', () => {
  let open: DynamoDb | undefined;
  afterEach(() => open?.close());

  it('answer a query in order, a page at a time', async () => {
    const db = (open = await openDynamoDb(PLACE));
    await db.call('CreateTable', TABLE);
    // A new table is there a moment later, as in AWS.
    while ((await statusOf(db)) !== 'ACTIVE') await new Promise((resolve) => setImmediate(resolve));
    for (const sk of ['3', '1', '2'])
      await db.call('PutItem', { TableName: 'rows', Item: { pk: { S: 'a' }, sk: { S: sk } } });
    const first = await db.call('Query', { ...QUERY, Limit: 2 });
    const rest = await db.call('Query', { ...QUERY, ExclusiveStartKey: first['LastEvaluatedKey'] });
    const keys = [...(first['Items'] as []), ...(rest['Items'] as [])].map(({ sk }: { sk: { S: string } }) => sk.S);
    expect(keys).toEqual(['1', '2', '3']);
  });
});

describe('an iterator of the database', () => {
  it('is closed when its reader is done, and when it leaves early', async () => {
    const store = create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    const opened: LevelIterator[] = [];
    const closed: LevelIterator[] = [];
    const values = store.db.values.bind(store.db);
    store.db.values = (options) => {
      const iterator = values(options);
      opened.push(iterator);
      const close = iterator.close.bind(iterator);
      iterator.close = () => {
        closed.push(iterator);
        return close();
      };
      return iterator;
    };
    closeIterators(store.db);
    await store.db.open();
    const { createValueStream } = store.db as unknown as {
      createValueStream: (options: object) => AsyncIterable<never>;
    };
    for await (const value of createValueStream({})) expect(value).toBeUndefined();
    const left = createValueStream({}) as unknown as { destroy: () => void; once: (e: 'close', f: () => void) => void };
    const gone = new Promise<void>((resolve) => left.once('close', resolve));
    left.destroy();
    await gone;
    expect(opened).toHaveLength(2);
    expect(closed).toEqual(opened);
    await store.db.close();
  });
});
