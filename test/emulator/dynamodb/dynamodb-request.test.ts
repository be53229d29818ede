/** What IAM is asked for each DynamoDB operation. */
import { describe, expect, it } from '@jest/globals';
import { dynamodbRequests } from '../../../emulator/dynamodb/dynamodb-request.ts';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/T';
const ask = (operation: string, payload: Record<string, unknown>) =>
  dynamodbRequests(operation, payload, {
    shapeOf: (table) => (table === 'T' ? { arn: ARN, hashKeys: { '': 'pk', byName: 'name' } } : undefined),
    arnOf: (table) => `arn:unknown/${table}`,
  });
const keysOf = (operation: string, payload: Record<string, unknown>) =>
  ask(operation, { TableName: 'T', ...payload })?.map(({ context }) => context.get('dynamodb:LeadingKeys'));
const row = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });

describe('a DynamoDB call', () => {
  it.each(['GetItem', 'UpdateItem', 'DeleteItem'])('%s carries the hash key of Key', (operation) => {
    expect(keysOf(operation, { Key: row('a') })).toEqual([['a']]);
  });

  it('PutItem carries the hash key of Item', () => {
    expect(keysOf('PutItem', { Item: row('a') })).toEqual([['a']]);
  });

  it.each([
    ['pk = :v', {}, ['a']],
    ['#p = :v AND begins_with(sk, :w)', { '#p': 'pk' }, ['a']],
    ['begins_with(sk, :w) and (pk = :v)', {}, ['a']],
    [':v = pk', {}, ['a']],
    ['pk = :v AND pk = :w', {}, ['a', 'b']],
    ['sk = :v', {}, undefined],
    ['#p = :v', { '#p': 'sk' }, undefined],
    ['', {}, undefined],
  ])(
    'Query with %j and names %j has the leading keys %j',
    (KeyConditionExpression, ExpressionAttributeNames, expected) => {
      const ExpressionAttributeValues = { ':v': { S: 'a' }, ':w': { S: 'b' } };
      expect(keysOf('Query', { KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues })).toEqual([
        expected,
      ]);
    },
  );

  it('reads the older KeyConditions of a Query as well', () => {
    expect(
      keysOf('Query', { KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } } }),
    ).toEqual([['a']]);
  });

  it('a Query on an index asks for the index and its own hash key', () => {
    const [asked] =
      ask('Query', {
        TableName: 'T',
        IndexName: 'byName',
        KeyConditionExpression: 'name = :v',
        ExpressionAttributeValues: { ':v': { S: 'a' } },
      }) ?? [];
    expect(asked?.resource).toBe(`${ARN}/index/byName`);
    expect(asked?.context.get('dynamodb:LeadingKeys')).toEqual(['a']);
  });

  it('Scan has no leading keys', () => {
    expect(keysOf('Scan', {})).toEqual([undefined]);
  });

  it('BatchGetItem carries every key, per table', () => {
    expect(keysOf('BatchGetItem', { RequestItems: { T: { Keys: [row('a'), row('b')] } } })).toEqual([['a', 'b']]);
  });

  it('BatchWriteItem carries the keys of puts and deletes', () => {
    const T = [{ PutRequest: { Item: row('a') } }, { DeleteRequest: { Key: row('b') } }];
    expect(keysOf('BatchWriteItem', { RequestItems: { T } })).toEqual([['a', 'b']]);
  });

  it('a transaction asks for each of its writes as itself', () => {
    const asked = ask('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'T', Item: row('a') } },
        { ConditionCheck: { TableName: 'T', Key: row('b') } },
      ],
    });
    expect(asked?.map(({ action, context }) => [action, context.get('dynamodb:LeadingKeys')])).toEqual([
      ['dynamodb:PutItem', ['a']],
      ['dynamodb:ConditionCheckItem', ['b']],
    ]);
    expect(asked?.[0]?.context.get('dynamodb:EnclosingOperation')).toBe('TransactWriteItems');
  });

  it('carries ReturnValues and Select only when the call names them', () => {
    const [plain] = ask('UpdateItem', { TableName: 'T', Key: row('a') }) ?? [];
    const [asked] = ask('UpdateItem', { TableName: 'T', Key: row('a'), ReturnValues: 'ALL_OLD' }) ?? [];
    expect(plain?.context.get('dynamodb:ReturnValues')).toBeUndefined();
    expect(asked?.context.get('dynamodb:ReturnValues')).toBe('ALL_OLD');
    const [counted] = ask('Query', { TableName: 'T', Select: 'COUNT' }) ?? [];
    expect(counted?.context.get('dynamodb:Select')).toBe('COUNT');
  });

  it('names every attribute that its expressions touch, placeholders filled in', () => {
    const [asked] =
      ask('UpdateItem', {
        TableName: 'T',
        Key: row('a'),
        UpdateExpression: 'SET #s = :x, facts.inner = if_not_exists(facts.inner, :y) REMOVE gone',
        ConditionExpression: 'attribute_exists(version) AND n < :z',
        ExpressionAttributeNames: { '#s': 'set' },
      }) ?? [];
    expect(new Set(asked?.context.get('dynamodb:Attributes'))).toEqual(
      new Set(['pk', 'sk', 'set', 'facts', 'gone', 'version', 'n']),
    );
  });

  it('takes a table ARN for the table, and gives an unknown table an ARN of its own', () => {
    expect(ask('GetItem', { TableName: ARN, Key: row('a') })?.[0]?.resource).toBe(ARN);
    expect(ask('GetItem', { TableName: 'Other', Key: row('a') })?.[0]?.resource).toBe('arn:unknown/Other');
  });

  it('is not served when its operation is unknown', () => {
    expect(ask('ExecuteStatement', { Statement: 'select' })).toBeUndefined();
  });
});
