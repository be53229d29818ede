/** The lease and the renewed credential: one contract, kept by the table and by the fake that other tests use. */
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnectionStore } from '../../../../adapters/aws/vault/connection-store.ts';
import type { Connection, ConnectionStore } from '../../../../core/vault/connection.ts';
import { tenantId } from '../../../../core/tenant/tenant.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';
import { fakeConnections } from '../../../fakes/stores.ts';

const tenant = tenantId({ client: 'acme', user: 'ann' });
const NOW = 1_000_000;
const UNTIL = NOW + 20_000;
const lease = { holder: 'h1', now: NOW, until: UNTIL };
const bytes = (text: string) => Buffer.from(text);

function connection(name: string, version = 'v1'): Connection {
  const part = bytes(version);
  return {
    provider: 'p',
    name,
    auth: 'oauth',
    accountName: 'Ann',
    facts: { host: 'h' },
    status: 'active',
    connectedAt: '2026-01-01T00:00:00.000Z',
    version,
    envelope: { v: 1, edk: part, iv: part, ct: part, tag: part },
  };
}

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

describe.each<[string, () => ConnectionStore]>([
  [
    'the table',
    () =>
      createConnectionStore({
        sessions: async () => ({ dynamodb: db.client, kms: new KMSClient({ region: 'us-east-1' }) }),
        table: db.tenantsTable,
      }),
  ],
  ['the fake', fakeConnections],
])('%s', (_name, open) => {
  let store: ConnectionStore;
  beforeAll(() => {
    store = open();
  });
  const get = (name: string) => store.get(tenant, 'p', name);

  it('lists facts without anything of the envelope, and gives the oldest whole', async () => {
    const other = tenantId({ client: 'acme', user: 'bob' });
    expect([await store.first(other, 'p'), await store.list(other, 'p')]).toEqual([undefined, []]);
    const newest = { ...connection('a'), connectedAt: '2026-03-01T00:00:00.000Z' };
    const oldest = { ...connection('z'), connectedAt: '2026-01-01T00:00:00.000Z' };
    await store.put(other, newest);
    expect(await store.first(other, 'p')).toMatchObject({ name: 'a', envelope: { v: 1 } });
    await store.put(other, { ...connection('m'), connectedAt: '2026-02-01T00:00:00.000Z' });
    await store.put(other, oldest);
    expect(await store.first(other, 'p')).toMatchObject({ name: 'z', envelope: { v: 1 } });
    const listed = await store.list(other, 'p');
    expect(listed.map(({ name }) => name)).toEqual(['z', 'm', 'a']);
    const { envelope: _envelope, ...facts } = oldest;
    expect(listed[0]).toEqual(facts);
  });

  it('counts timeouts in a row, rests from the third on, and lets one of many try again', async () => {
    const row = connection('hung');
    await store.put(tenant, row);
    const count = (until: number) => store.countTimeout(tenant, row, 3, until);
    await count(NOW);
    await count(NOW);
    expect(await get('hung')).toMatchObject({ timeouts: 2 });
    expect((await get('hung'))?.downUntil).toBeUndefined();
    await count(NOW + 30_000);
    const resting = await get('hung');
    expect(resting).toMatchObject({ timeouts: 3, downUntil: NOW + 30_000 });
    if (resting === undefined) throw new Error('removed');
    const claims = await Promise.all(Array.from({ length: 20 }, () => store.claimProbe(tenant, resting, NOW + 60_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect((await get('hung'))?.downUntil).toBe(NOW + 60_000);
    await store.forgetTimeouts(tenant, resting);
    const back = await get('hung');
    expect([back?.timeouts, back?.downUntil]).toEqual([undefined, undefined]);
  });

  it('counts nothing for a connection that was removed or replaced meanwhile', async () => {
    const row = connection('away');
    await store.countTimeout(tenant, row, 1, NOW);
    await store.forgetTimeouts(tenant, row);
    expect(await get('away')).toBeUndefined();
    await store.put(tenant, connection('away', 'v2'));
    await store.countTimeout(tenant, row, 1, NOW);
    expect((await get('away'))?.timeouts).toBeUndefined();
  });

  it('gives a lease to one of many who want it, with the row as it is stored', async () => {
    const row = connection('many');
    await store.put(tenant, row);
    const wanted = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.lease(tenant, row, { ...lease, holder: `h${i}` })),
    );
    const won = wanted.filter((given) => given !== undefined);
    expect(won).toHaveLength(1);
    expect(won[0]).toMatchObject({ name: 'many', version: 'v1', leaseUntil: UNTIL });
    expect((await get('many'))?.leaseUntil).toBe(UNTIL);
  });

  it('leases again when a lease is over or given back by its holder', async () => {
    const row = connection('again');
    await store.put(tenant, row);
    await store.lease(tenant, row, lease);
    expect(await store.lease(tenant, row, { holder: 'h2', now: UNTIL - 1, until: UNTIL })).toBeUndefined();
    expect(await store.lease(tenant, row, { holder: 'h2', now: UNTIL, until: UNTIL + 1 })).toMatchObject({
      name: 'again',
    });
    await store.release(tenant, row, 'h1');
    expect((await get('again'))?.leaseUntil).toBe(UNTIL + 1);
    await store.release(tenant, row, 'h2');
    expect((await get('again'))?.leaseUntil).toBeUndefined();
  });

  it('gives no lease on another version, on a dead connection, or on none', async () => {
    const row = connection('none');
    expect(await store.lease(tenant, row, lease)).toBeUndefined();
    expect(await get('none')).toBeUndefined();
    await store.put(tenant, row);
    expect(await store.lease(tenant, { ...row, version: 'v0' }, lease)).toBeUndefined();
    await store.needsReconnecting(tenant, 'p', 'none', 'v1');
    expect(await store.lease(tenant, row, lease)).toBeUndefined();
  });

  it('stores a renewed credential over the version it replaces and no other, and ends the lease', async () => {
    const row = connection('renew');
    await store.put(tenant, row);
    await store.lease(tenant, row, lease);
    expect(await store.storeRenewed(tenant, connection('renew', 'v2'), 'v1')).toBe(true);
    expect(await store.storeRenewed(tenant, connection('renew', 'v3'), 'v1')).toBe(false);
    const stored = await get('renew');
    expect([stored?.version, stored?.leaseUntil, Buffer.from(stored?.envelope.ct ?? []).toString()]).toEqual([
      'v2',
      undefined,
      'v2',
    ]);
  });

  it('brings a removed connection back neither with a renewed credential nor with a verdict', async () => {
    expect(await store.storeRenewed(tenant, connection('gone', 'v2'), 'v1')).toBe(false);
    expect(await store.needsReconnecting(tenant, 'p', 'gone', 'v1')).toBe(false);
    expect(await get('gone')).toBeUndefined();
  });

  it('removes the version that is named and no other, and without one whatever is there', async () => {
    await store.put(tenant, connection('versions', 'v2'));
    expect(await store.remove(tenant, 'p', 'versions', 'v1')).toBe(false);
    expect((await get('versions'))?.version).toBe('v2');
    expect(await store.remove(tenant, 'p', 'versions', 'v2')).toBe(true);
    expect(await store.remove(tenant, 'p', 'versions', 'v2')).toBe(false);
    await store.put(tenant, connection('versions', 'v3'));
    expect(await store.remove(tenant, 'p', 'versions')).toBe(true);
    expect(await get('versions')).toBeUndefined();
  });

  it('says that an account needs reconnecting to one caller, so that it is announced once', async () => {
    await store.put(tenant, connection('once'));
    const told = await Promise.all(Array.from({ length: 5 }, () => store.needsReconnecting(tenant, 'p', 'once', 'v1')));
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(await store.storeRenewed(tenant, connection('once', 'v2'), 'v1')).toBe(true);
    expect((await get('once'))?.status).toBe('active');
  });

  it('forgets a lease when the account is connected anew', async () => {
    await store.put(tenant, connection('anew'));
    await store.lease(tenant, connection('anew'), lease);
    await store.put(tenant, connection('anew', 'v2'));
    expect(await store.lease(tenant, connection('anew', 'v2'), { ...lease, holder: 'h2' })).toMatchObject({
      version: 'v2',
    });
  });
});
