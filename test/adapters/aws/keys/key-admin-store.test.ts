/** The order of writes: whatever instant a crash comes at, no usable key is left that cannot be revoked by its id. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PutItemCommand, ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createClientStore } from '../../../../adapters/aws/tenant/client-store.ts';
import { createKeyAdminStore } from '../../../../adapters/aws/keys/key-admin-store.ts';
import { createKeyStore } from '../../../../adapters/aws/keys/key-store.ts';
import { hashKey } from '../../../../core/keys/api-key.ts';
import { DEFAULT_POLICY } from '../../../../core/tenant/client-admin.ts';
import { createKeyAdmin } from '../../../../core/keys/key-admin.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';

let db: TestDynamoDb;
beforeEach(async () => {
  db = await startDynamoDb();
});
afterEach(() => db.stop());

/** A client whose process dies before its n-th write. */
function dyingBefore(n: number): DynamoDBClient {
  let writes = 0;
  const send = async (command: object) => {
    if (!/Get|Query/.test(command.constructor.name) && (writes += 1) >= n) throw new Error('killed');
    return db.client.send(command as PutItemCommand);
  };
  return { send } as unknown as DynamoDBClient;
}

function adminOver(client: DynamoDBClient) {
  const clients = createClientStore({ dynamodb: client, table: db.tenantsTable });
  const store = createKeyAdminStore({
    dynamodb: client,
    clock: Date.now,
    tables: { keys: db.keysTable, tenants: db.tenantsTable },
  });
  return { clients, store, admin: createKeyAdmin({ keys: store, clients, clock: () => 0 }) };
}

const wanted = { clientId: 'acme', type: 'solo', limits: {} } as const;
const scan = async (table: string) => (await db.client.send(new ScanCommand({ TableName: table }))).Items ?? [];

const ALL = { limit: 100 };

describe('creating a key', () => {
  it('writes directory, client, owner and reference before the key', async () => {
    await adminOver(db.client).admin.createKey(wanted);
    for (let n = 1; n <= 5; n += 1) {
      const fresh = await startDynamoDb();
      await db.stop();
      db = fresh;
      await expect(adminOver(dyingBefore(n)).admin.createKey(wanted)).rejects.toThrow('killed');
      expect((await scan(db.tenantsTable)).length).toBe(n - 1);
      expect(await scan(db.keysTable)).toEqual([]);
    }
    // The fifth write was the key itself: with it allowed, the key is there and can be revoked by its id.
    const made = await adminOver(dyingBefore(6)).admin.createKey(wanted);
    expect(made.ok).toBe(true);
    const [key] = (await adminOver(db.client).store.apiKeys('acme', ALL)).rows;
    expect(key && (await adminOver(db.client).store.findApiKey(key.record.keyId))).toMatchObject({ hash: key?.hash });
  });

  it('after a crash passes over the reference that has no key, and works again', async () => {
    await expect(adminOver(dyingBefore(5)).admin.createKey(wanted)).rejects.toThrow();
    const { admin, store, clients } = adminOver(db.client);
    expect((await store.apiKeys('acme', ALL)).rows).toEqual([]);
    expect((await clients.page(ALL)).rows).toMatchObject([{ id: 'acme' }]);
    expect((await admin.createKey(wanted)).ok).toBe(true);
    expect((await store.apiKeys('acme', ALL)).rows).toHaveLength(1);
    await store.rewrite('acme', { inline_credentials: 'refuse' });
    expect(await scan(db.keysTable)).toHaveLength(1);
  });

  it('heals a client whose record was not written', async () => {
    await expect(adminOver(dyingBefore(2)).admin.createKey(wanted)).rejects.toThrow();
    const { clients } = adminOver(db.client);
    expect((await clients.page(ALL)).rows).toEqual([]);
    expect(await clients.add({ id: 'acme', createdAt: new Date(0).toISOString(), policy: DEFAULT_POLICY })).toBe(true);
    expect((await clients.page(ALL)).rows).toMatchObject([{ id: 'acme' }]);
  });

  it('writes an operator reference before an operator key', async () => {
    await expect(adminOver(dyingBefore(2)).admin.createOperator({ scope: 'all' })).rejects.toThrow();
    expect(await scan(db.keysTable)).toEqual([]);
    expect((await adminOver(db.client).store.operatorKeys(ALL)).rows).toEqual([]);
  });

  it('stores the hash and never the key', async () => {
    const made = await adminOver(db.client).admin.createKey(wanted);
    if (!made.ok) throw new Error('not made');
    const stored = JSON.stringify([...(await scan(db.keysTable)), ...(await scan(db.tenantsTable))]);
    expect(stored).not.toContain(made.value.key);
    expect(stored).toContain(hashKey(made.value.key));
  });
});

describe('changing a key', () => {
  it('never creates one that is not there', async () => {
    const { store } = adminOver(db.client);
    expect(await store.revoke('nothing')).toBeUndefined();
    expect(await store.expire('nothing', new Date(0).toISOString())).toBe(false);
    await store.setPolicy('nothing', DEFAULT_POLICY);
    expect(await scan(db.keysTable)).toEqual([]);
  });

  it('does not set a new expiry on a revoked key', async () => {
    const { admin, store } = adminOver(db.client);
    const made = await admin.createKey(wanted);
    if (!made.ok) throw new Error('not made');
    const hash = hashKey(made.value.key);
    expect([await store.revoke(hash), await store.revoke(hash)]).toEqual(['active', 'revoked']);
    expect(await store.expire(hash, new Date(0).toISOString())).toBe(false);
    expect(await createKeyStore({ dynamodb: db.client, table: db.keysTable }).find(hash)).toMatchObject({
      status: 'revoked',
      expiresAt: undefined,
    });
  });
});

describe('a policy set while its copies are being written', () => {
  it('is the one the copies end with', async () => {
    const { admin, store, clients } = adminOver(db.client);
    const made = await admin.createKey(wanted);
    if (!made.ok) throw new Error('not made');
    let meddled = false;
    const settled = createKeyAdmin({
      clients,
      clock: () => 0,
      keys: {
        ...store,
        // Another operator changes the policy between our read of it and our write of the key.
        async add(key) {
          if (!meddled) await clients.changePolicy('acme', { inline_credentials: 'refuse' });
          meddled = true;
          await store.add(key);
        },
      },
    });
    const second = await settled.createKey(wanted);
    if (!second.ok) throw new Error('not made');
    const stored = await createKeyStore({ dynamodb: db.client, table: db.keysTable }).find(hashKey(second.value.key));
    expect(stored).toMatchObject({ policy: { inline_credentials: 'refuse' } });
    expect(second.value.record.policy).toEqual({ inline_credentials: 'refuse' });
  });
});
