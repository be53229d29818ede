/** The life of a token: one renewal at a time in all environments, and no way to lose an account by our own doing. */
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnectionStore } from '../../../adapters/aws/vault/connection-store.ts';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import { RENEWAL_LEASE_MS } from '../../../core/oauth/refresh.ts';
import { startDynamoDb, type TestDynamoDb } from '../../fakes/dynamodb.ts';
import { setUpConnected } from './set-up.ts';

const HOUR = 3_600_000;

describe('200 parallel calls over 4 environments', () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.stop());

  it.each([
    ['that is known to have expired', 2 * HOUR],
    ['that the provider has ended', undefined],
  ])(
    'with a single-use token %s make exactly one renewal and 200 good answers',
    async (_how, ahead) => {
      const kms = new KMSClient({ region: 'us-east-1' });
      const sessions = async () => ({ dynamodb: db.client, kms });
      const connections = () => createConnectionStore({ sessions, table: db.tenantsTable });
      const { time, vendor, environment } = await setUpConnected({}, { connections: connections() });
      if (ahead === undefined) vendor.endAccess();
      else time.ahead = ahead;
      vendor.troubles.push('slow');
      const environments = Array.from({ length: 4 }, () => environment({ connections: connections() }));
      // The table is emulated in this very process, so a loaded machine gets more time than a caller would.
      const patience = AbortSignal.timeout(100_000);
      const calls = environments.flatMap((each) =>
        Array.from({ length: 50 }, () => each.call('who_am_i', {}, patience)),
      );
      expect((await Promise.all(calls)).filter(({ ok }) => ok)).toHaveLength(200);
      expect(vendor.counts).toMatchObject({ refreshed: 1, refusedRefreshes: 0 });
    },
    120_000,
  );
});

describe('a lease', () => {
  it('that is held by someone else is not waited for while the token still works', async () => {
    const { time, world, connections, vendor } = await setUpConnected({ skewSeconds: 600 });
    time.ahead = HOUR - 60_000;
    const row = (await world.stored())?.row;
    if (row === undefined) throw new Error('nothing is stored');
    await connections.lease(world.principal.tenant, row, {
      holder: 'other',
      now: time.now(),
      until: time.now() + RENEWAL_LEASE_MS,
    });
    expect(await world.call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(0);
  });

  it('of a process that died lapses, and the next caller renews', async () => {
    const { time, world, connections, vendor } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    const row = (await world.stored())?.row;
    if (row === undefined) throw new Error('nothing is stored');
    await connections.lease(world.principal.tenant, row, { holder: 'dead', now: time.now(), until: time.now() + 600 });
    expect(await world.call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(1);
  });

  it("does not outlive its holder's failure", async () => {
    const { time, world, vendor } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    vendor.troubles.push('fail_503');
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
    expect((await world.stored())?.row.leaseUntil).toBeUndefined();
    expect(await world.call()).toMatchObject({ ok: true });
  });
});

describe('a renewal that goes wrong', () => {
  it('keeps serving the token that has not ended yet', async () => {
    const { time, world, vendor } = await setUpConnected({ skewSeconds: 600 });
    time.ahead = HOUR - 60_000;
    vendor.troubles.push('fail_503');
    expect(await world.call()).toMatchObject({ ok: true });
    expect(vendor.counts).toMatchObject({ token: 2, refreshed: 0 });
  });

  it('is made good by the next call when only the request was lost', async () => {
    const { time, world, vendor } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    vendor.troubles.push('drop_before');
    expect(await world.call('add_note', { text: 'a' })).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
    expect(vendor.notes).toEqual([]);
    expect(await world.call('add_note', { text: 'a' })).toMatchObject({ ok: true });
    expect(vendor.notes).toEqual(['a']);
  });

  it('says reconnect_required when the token was used up and the response lost', async () => {
    const { time, world, vendor } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    vendor.troubles.push('drop_after');
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'reconnect_required' } });
    const asked = vendor.counts.token;
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'reconnect_required' } });
    expect(vendor.counts.token).toBe(asked);
    expect((await world.stored())?.credential['refresh_token']).toBeDefined();
  });

  it('repeats the request at once where the refresh token outlives its use', async () => {
    const { time, world, vendor } = await setUpConnected({ rotation: 'none' });
    time.ahead = 2 * HOUR;
    vendor.troubles.push('drop_after');
    expect(await world.call()).toMatchObject({ ok: true });
  });

  it('does not believe invalid_grant when someone else has stored a newer pair', async () => {
    const { time, world, vendor, environment } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    const slow = environment({
      transport: async (request, signal) => {
        // Held up on the way until the lease is over and another environment has renewed.
        if (request.url.pathname === '/token') {
          time.ahead += RENEWAL_LEASE_MS + 1;
          expect(await world.call()).toMatchObject({ ok: true });
        }
        return vendor.transport(request, signal);
      },
    });
    expect(await slow.call()).toMatchObject({ ok: true });
    expect(vendor.counts).toMatchObject({ refreshed: 1, refusedRefreshes: 1 });
    expect((await world.stored())?.row.status).toBe('active');
  });

  it('wins over a verdict of death that was given while its own answer was on the way', async () => {
    const { time, world, vendor, environment } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    const slow = environment({
      transport: async (request, signal) => {
        const answer = await vendor.transport(request, signal);
        if (request.url.pathname === '/token') {
          time.ahead += RENEWAL_LEASE_MS + 1;
          expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'reconnect_required' } });
        }
        return answer;
      },
    });
    expect(await slow.call()).toMatchObject({ ok: true });
    expect((await world.stored())?.row.status).toBe('active');
    expect(await world.call()).toMatchObject({ ok: true });
  });

  it('is stored on a later attempt when the table is away', async () => {
    const { time, vendor, environment, connections } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    let failures = 3;
    const shaky: ConnectionStore = {
      ...connections,
      storeRenewed: async (...args) => {
        failures -= 1;
        if (failures >= 0) throw new Error('the table is away');
        return connections.storeRenewed(...args);
      },
    };
    expect(await environment({ connections: shaky }).call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(1);
  });

  it('goes on with its own pair when the write was done and only its answer was lost', async () => {
    const { time, vendor, environment, connections } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    let isFirst = true;
    const deaf: ConnectionStore = {
      ...connections,
      storeRenewed: async (...args) => {
        const stored = await connections.storeRenewed(...args);
        if (!isFirst) return stored;
        isFirst = false;
        throw new Error('the answer was lost');
      },
    };
    expect(await environment({ connections: deaf }).call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(1);
  });

  it('says not_connected when the account was disconnected meanwhile, and brings nothing back', async () => {
    const { time, world, vendor, environment, connections } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    const during = environment({
      transport: async (request, signal) => {
        await connections.remove(world.principal.tenant, 'vendor', 'default');
        return vendor.transport(request, signal);
      },
    });
    expect(await during.call()).toMatchObject({ ok: false, fault: { code: 'not_connected' } });
    expect(await world.stored()).toBeUndefined();
  });

  /** Disconnected while the renewal is on its way; `revoke` is what the provider does when it is told. */
  async function orphaned(revoke?: () => Promise<never>) {
    const { time, world, vendor, environment, connections } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    const received: string[] = [];
    const during = environment({
      transport: async (request, signal) => {
        if (request.url.pathname.endsWith('/revoke') && revoke !== undefined) return revoke();
        const answer = await vendor.transport(request, signal);
        if (request.url.pathname !== '/token') return answer;
        received.push((JSON.parse(answer.text) as { refresh_token: string }).refresh_token);
        await connections.remove(world.principal.tenant, 'vendor', 'default');
        return answer;
      },
    });
    const called = await during.call();
    return { called, vendor, received, stored: await world.stored() };
  }

  it('revokes the pair it received when the account was disconnected meanwhile: nobody else knows it', async () => {
    const { called, vendor, received, stored } = await orphaned();
    expect(called).toMatchObject({ ok: false, fault: { code: 'not_connected' } });
    expect([stored, received.length, vendor.counts.revoked, vendor.isLive(received[0])]).toEqual([
      undefined,
      1,
      1,
      false,
    ]);
  });

  it('says not_connected also when the pair it received cannot be revoked', async () => {
    const { called, vendor, received } = await orphaned(async () => Promise.reject(new Error('away')));
    expect(called).toMatchObject({ ok: false, fault: { code: 'not_connected' } });
    expect([vendor.counts.revoked, vendor.isLive(received[0])]).toEqual([0, true]);
  });

  it('uses the pair before for a minute while the vendor does not know the new one everywhere', async () => {
    const { time, vendor, environment } = await setUpConnected({ skewSeconds: 600 });
    time.ahead = HOUR - 60_000;
    const behind = environment({
      transport: async (request, signal) => {
        const isNew = vendor.counts.refreshed > 0 && request.url.pathname.startsWith('/api');
        const old = isNew && first !== undefined && !request.headers['authorization']?.includes(first);
        return old
          ? { status: 401, headers: {}, text: '{"error":"expired_token"}' }
          : vendor.transport(request, signal);
      },
    });
    const first = (await behind.stored())?.credential['access_token'];
    expect(await behind.call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(1);
  });

  it('ends a call whose caller has no more time, without a renewal', async () => {
    const { time, world, connections, vendor } = await setUpConnected({});
    time.ahead = 2 * HOUR;
    const row = (await world.stored())?.row;
    if (row === undefined) throw new Error('nothing is stored');
    await connections.lease(world.principal.tenant, row, {
      holder: 'other',
      now: time.now(),
      until: time.now() + RENEWAL_LEASE_MS,
    });
    const hurried = await world.call('who_am_i', {}, AbortSignal.timeout(250));
    expect(hurried).toMatchObject({ ok: false, fault: { code: 'timeout' } });
    expect(vendor.counts.refreshed).toBe(0);
  });
});
