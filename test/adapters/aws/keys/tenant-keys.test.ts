/** A tenant key on its way into the Keys table and back, through the real SDK. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { toKeyItem } from '../../../../adapters/aws/keys/key-item.ts';
import { createKeyStore } from '../../../../adapters/aws/keys/key-store.ts';
import { fromTenantKeyItem, toTenantKeyItem } from '../../../../adapters/aws/keys/tenant-key-item.ts';
import { createTenantKeyWriter } from '../../../../adapters/aws/keys/tenant-key-writer.ts';
import type { TenantKeyRecord } from '../../../../core/keys/api-key.ts';
import { idProblem } from '../../../../core/tenant/tenant.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';
import { apiKeyRecord } from '../../../fakes/keys.ts';

const record: TenantKeyRecord = {
  keyId: 'tk_1',
  display: 'allmcp_Ab3d…',
  parentHash: 'parent',
  parentId: 'k_1',
  clientId: 'acme',
  org: 'a#b',
  user: 'öst',
  createdAt: '2026-11-22T10:00:00.000Z',
  expiresAt: '2026-11-22T10:15:00.001Z',
};
const { org: _org, user: _user, ...solo } = record;

describe('a tenant key in the Keys table', () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.stop());

  it.each([
    ['of a user of an organization', 'h1', record],
    ['of the default user', 'h2', solo],
  ])('%s reads back as it was stored', async (_whose, hash, stored) => {
    await createTenantKeyWriter({ dynamodb: db.client, table: db.keysTable }).add(hash, stored);
    const keys = createKeyStore({ dynamodb: db.client, table: db.keysTable });
    expect(await keys.findTenantKey(hash)).toEqual(stored);
    expect(await keys.find(hash)).toBeUndefined();
  });

  it('never replaces one that is there', async () => {
    const writer = createTenantKeyWriter({ dynamodb: db.client, table: db.keysTable });
    await writer.add('h3', record);
    await expect(writer.add('h3', { ...record, user: 'eve' })).rejects.toThrow();
    expect(await createKeyStore({ dynamodb: db.client, table: db.keysTable }).findTenantKey('h3')).toMatchObject({
      user: 'öst',
    });
  });

  it('may be deleted from the second on in which it has expired, and not before', async () => {
    await createTenantKeyWriter({ dynamodb: db.client, table: db.keysTable }).add('h4', record);
    const { Item } = await db.client.send(
      new GetItemCommand({ TableName: db.keysTable, Key: { pk: { S: 'TKEY#h4' } } }),
    );
    expect(Item?.['ttl']).toEqual({ N: String(Date.parse('2026-11-22T10:15:01Z') / 1000) });
  });

  it('is read as a tenant key or not at all: a client or operator key in its place opens nothing', async () => {
    const stored = { status: 'active', keyId: 'op_1', display: '', createdAt: record.createdAt } as const;
    const others = [toKeyItem('h5', apiKeyRecord()), toKeyItem('h5', { ...stored, kind: 'operator', scope: 'all' })];
    for (const other of others) {
      const Item = { ...other, pk: { S: 'TKEY#h5' } };
      await db.client.send(new PutItemCommand({ TableName: db.keysTable, Item }));
      const keys = createKeyStore({ dynamodb: db.client, table: db.keysTable });
      await expect(keys.findTenantKey('h5')).rejects.toThrow();
      expect(await keys.find('h5')).toBeUndefined();
    }
  });

  it('reads back any organization and user', () => {
    const id = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => idProblem(text) === undefined);
    fc.assert(
      fc.property(id, id, (org, user) => {
        expect(fromTenantKeyItem(toTenantKeyItem('h', { ...record, org, user }))).toEqual({ ...record, org, user });
      }),
    );
  });

  it.each([
    ['without the key it was made with', { parent_hash: { S: '' } }],
    ['without a client', { client_id: { S: '' } }],
    ['with an empty user', { user: { S: '' } }],
    ['with an expiry that is no instant', { expires_at: { S: 'soon' } }],
  ])('refuses an item %s', (_name, broken) => {
    expect(() => fromTenantKeyItem({ ...toTenantKeyItem('h', record), ...broken })).toThrow();
  });
});
