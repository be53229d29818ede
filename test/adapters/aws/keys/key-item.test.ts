/** A key survives the way into the table and back, whatever its ids and names hold. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import type { ApiKeyRecord, KeyRecord, OperatorKeyRecord } from '../../../../core/keys/api-key.ts';
import { fromKeyItem, toKeyItem } from '../../../../adapters/aws/keys/key-item.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';

const stored = {
  keyId: 'k_1',
  status: 'active',
  display: 'allmcp_Ab3d…',
  createdAt: '2026-11-22T10:00:00.000Z',
} as const;
const api: ApiKeyRecord = {
  ...stored,
  kind: 'api',
  clientId: 'acme',
  type: 'platform',
  orgs: ['öst', 'a#b'],
  requireUser: true,
  name: 'build server',
  expiresAt: '2027-01-01T00:00:00.000Z',
  limits: { rpm: 60, monthly: 10_000 },
  policy: { inline_credentials: 'refuse' },
};
const operator: OperatorKeyRecord = { ...stored, kind: 'operator', scope: { clientId: 'acme' } };

describe('a key in the Keys table', () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.stop());

  it.each<[string, KeyRecord]>([
    ['an API key with everything set', api],
    [
      'an API key with nothing optional',
      { ...stored, kind: 'api', clientId: 'c', type: 'solo', limits: {}, policy: api.policy },
    ],
    ['an operator key of one client', operator],
    ['an operator key of every client', { ...operator, scope: 'all' }],
  ])('reads back %s as it was stored', async (_name, record) => {
    await db.client.send(new PutItemCommand({ TableName: db.keysTable, Item: toKeyItem('h', record) }));
    const found = await db.client.send(
      new GetItemCommand({ TableName: db.keysTable, Key: { pk: { S: 'KEY#h' } }, ConsistentRead: true }),
    );
    expect(fromKeyItem(found.Item ?? {})).toEqual(record);
  });

  it('reads back any client id, organization and name', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1 }), text, (clientId, orgs, name) => {
        const record: ApiKeyRecord = { ...api, clientId, orgs, name };
        expect(fromKeyItem(toKeyItem('h', record))).toEqual(record);
      }),
    );
  });

  it('gives an old item without a policy field the default of that field', () => {
    const item = { ...toKeyItem('h', api), policy: { M: {} } };
    expect(fromKeyItem(item)).toMatchObject({ policy: { inline_credentials: 'accept' } });
  });

  it.each([
    ['of an unknown kind', { kind: { S: 'root' } }],
    ['with an unknown status', { status: { S: 'maybe' } }],
    ['with a limit of zero', { rpm: { N: '0' } }],
    ['with an expiry that is no instant', { expires_at: { S: 'soon' } }],
    ['without a client', { client_id: { S: '' } }],
  ])('refuses an item %s', (_name, broken) => {
    expect(() => fromKeyItem({ ...toKeyItem('h', api), ...broken })).toThrow();
  });

  it('refuses an operator item of one client that names none', () => {
    expect(() => fromKeyItem({ ...toKeyItem('h', { ...operator, scope: 'all' }), scope: { S: 'client' } })).toThrow();
  });

  it('never carries a ttl, so an expired key stays in the list', () => {
    expect(toKeyItem('h', api)).not.toHaveProperty('ttl');
  });
});
