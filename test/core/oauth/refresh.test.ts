/** The life of a token: one renewal at a time in all environments, and no way to lose an account by our own doing. */
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnectionStore } from '../../../adapters/aws/vault/connection-store.ts';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import { RENEWAL_LEASE_MS } from '../../../core/oauth/refresh.ts';
import type { DataKeys } from '../../../core/vault/envelope.ts';
import { startDynamoDb, type TestDynamoDb } from '../../fakes/dynamodb.ts';
import { startVendor, type Quirks } from '../../fakes/oauth-provider.ts';
import { fakeConnections, fakeDataKeys } from '../../fakes/stores.ts';
import { createWorld, type World } from './rig.ts';

let ahead = 0;
beforeEach(() => {
  ahead = 0;
});
const clock = (): number => Date.now() + ahead;
const HOUR = 3_600_000;

async function connected(quirks: Partial<Quirks>, more: { connections?: ConnectionStore; dataKeys?: DataKeys } = {}) {
  const vendor = startVendor(clock, { rotation: 'single_use', ...quirks });
  const shared = { connections: more.connections ?? fakeConnections(), dataKeys: more.dataKeys ?? fakeDataKeys() };
  const environment = (changes: Partial<typeof shared> & { transport?: typeof vendor.transport } = {}): World =>
    createWorld({ provider: vendor.provider, transport: vendor.transport, clock, ...shared, ...changes });
  const world = environment();
  const finished = await world.finish(vendor.consent(await world.beginAt()));
  if (!finished.ok) throw new Error(finished.fault.problem);
  return { vendor, world, environment, ...shared };
}

describe('200 parallel calls over 4 environments', () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.stop());

  it.each([
    ['that is known to have expired', (): void => void (ahead = 2 * HOUR)],
    ['that the provider has ended', undefined],
  ])(
    'with a single-use token %s make exactly one renewal and 200 good answers',
    async (_how, expire) => {
      const kms = new KMSClient({ region: 'us-east-1' });
      const sessions = async () => ({ dynamodb: db.client, kms });
      const connections = () => createConnectionStore(sessions, db.tenantsTable);
      const { vendor, environment } = await connected({}, { connections: connections() });
      if (expire === undefined) vendor.endAccess();
      else expire();
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
    const { world, connections, vendor } = await connected({ skewSeconds: 600 });
    ahead = HOUR - 60_000;
    const row = (await world.stored())?.row;
    if (row === undefined) throw new Error('nothing is stored');
    await connections.lease(world.principal.tenant, row, {
      holder: 'other',
      now: clock(),
      until: clock() + RENEWAL_LEASE_MS,
    });
    expect(await world.call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(0);
  });

  it('of a process that died lapses, and the next caller renews', async () => {
    const { world, connections, vendor } = await connected({});
    ahead = 2 * HOUR;
    const row = (await world.stored())?.row;
    if (row === undefined) throw new Error('nothing is stored');
    await connections.lease(world.principal.tenant, row, { holder: 'dead', now: clock(), until: clock() + 600 });
    expect(await world.call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(1);
  });

  it("does not outlive its holder's failure", async () => {
    const { world, vendor } = await connected({});
    ahead = 2 * HOUR;
    vendor.troubles.push('fail_503');
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
    expect((await world.stored())?.row.leaseUntil).toBeUndefined();
    expect(await world.call()).toMatchObject({ ok: true });
  });
});

describe('a renewal that goes wrong', () => {
  it('keeps serving the token that has not ended yet', async () => {
    const { world, vendor } = await connected({ skewSeconds: 600 });
    ahead = HOUR - 60_000;
    vendor.troubles.push('fail_503');
    expect(await world.call()).toMatchObject({ ok: true });
    expect(vendor.counts).toMatchObject({ token: 2, refreshed: 0 });
  });

  it('is made good by the next call when the answer was lost before the token was used up', async () => {
    const { world, vendor } = await connected({});
    ahead = 2 * HOUR;
    vendor.troubles.push('drop_before');
    expect(await world.call('add_note', { text: 'a' })).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
    expect(vendor.notes).toEqual([]);
    expect(await world.call('add_note', { text: 'a' })).toMatchObject({ ok: true });
    expect(vendor.notes).toEqual(['a']);
  });

  it('says reconnect_required when the answer was lost after the token was used up, once to each who asks', async () => {
    const { world, vendor } = await connected({});
    ahead = 2 * HOUR;
    vendor.troubles.push('drop_after');
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'reconnect_required' } });
    const asked = vendor.counts.token;
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'reconnect_required' } });
    expect(vendor.counts.token).toBe(asked);
    expect((await world.stored())?.credential['refresh_token']).toBeDefined();
  });

  it('repeats the request at once where the refresh token outlives its use', async () => {
    const { world, vendor } = await connected({ rotation: 'none' });
    ahead = 2 * HOUR;
    vendor.troubles.push('drop_after');
    expect(await world.call()).toMatchObject({ ok: true });
  });

  it('does not believe invalid_grant when someone else has stored a newer pair', async () => {
    const { world, vendor, environment } = await connected({});
    ahead = 2 * HOUR;
    const slow = environment({
      transport: async (request, signal) => {
        // Held up on the way until the lease is over and another environment has renewed.
        if (request.url.pathname === '/token') {
          ahead += RENEWAL_LEASE_MS + 1;
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
    const { world, vendor, environment } = await connected({});
    ahead = 2 * HOUR;
    const slow = environment({
      transport: async (request, signal) => {
        const answer = await vendor.transport(request, signal);
        if (request.url.pathname === '/token') {
          ahead += RENEWAL_LEASE_MS + 1;
          expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'reconnect_required' } });
        }
        return answer;
      },
    });
    expect(await slow.call()).toMatchObject({ ok: true });
    expect((await world.stored())?.row.status).toBe('active');
    expect(await world.call()).toMatchObject({ ok: true });
  });

  it('is stored on a later attempt when the table is away for a moment: the pair exists nowhere else', async () => {
    const { vendor, environment, connections } = await connected({});
    ahead = 2 * HOUR;
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
    const { vendor, environment, connections } = await connected({});
    ahead = 2 * HOUR;
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
    const { world, vendor, environment, connections } = await connected({});
    ahead = 2 * HOUR;
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
    const { world, vendor, environment, connections } = await connected({});
    ahead = 2 * HOUR;
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
    const { vendor, environment } = await connected({ skewSeconds: 600 });
    ahead = HOUR - 60_000;
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
    const { world, connections, vendor } = await connected({});
    ahead = 2 * HOUR;
    const row = (await world.stored())?.row;
    if (row === undefined) throw new Error('nothing is stored');
    await connections.lease(world.principal.tenant, row, {
      holder: 'other',
      now: clock(),
      until: clock() + RENEWAL_LEASE_MS,
    });
    const hurried = await world.call('who_am_i', {}, AbortSignal.timeout(250));
    expect(hurried).toMatchObject({ ok: false, fault: { code: 'timeout' } });
    expect(vendor.counts.refreshed).toBe(0);
  });
});

describe('a process that dies while it renews', () => {
  /** Every port call counts; after the nth one nothing of this environment does anything any more. */
  function mortal(limit: number) {
    let calls = 0;
    const names: string[] = [];
    const step = <A extends readonly unknown[], R>(name: string, work: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (calls >= limit) throw new Error('dead');
        calls += 1;
        names.push(name);
        const done = await work(...args);
        // Done, and nobody left to hear of it.
        if (calls >= limit) throw new Error('dead');
        return done;
      };
    };
    const wrap = <T extends object>(port: T): T =>
      Object.fromEntries(
        Object.entries(port).map(([name, value]) => [
          name,
          typeof value === 'function' ? step(name, value as never) : value,
        ]),
      ) as T;
    return { wrap, names };
  }

  async function dieAfter(limit: number) {
    ahead = 0;
    const { vendor, world, environment, connections, dataKeys } = await connected({});
    const before = (await world.stored())?.credential['refresh_token'];
    ahead = 2 * HOUR;
    const { wrap, names } = mortal(limit);
    const { transport } = wrap({ transport: vendor.transport });
    const doomed = environment({ connections: wrap(connections), dataKeys: wrap(dataKeys), transport });
    Object.assign(doomed.deps, { sleep: async () => undefined });
    const died = await doomed.call().then(
      (result) => (result.ok ? 'lived' : result.fault.code),
      () => 'died',
    );
    const after = (await world.stored())?.credential['refresh_token'];
    const isLost = !vendor.isLive(after);
    ahead += RENEWAL_LEASE_MS + 1;
    const next = await environment().call();
    const status = (await world.stored())?.row.status;
    return { died, isLost, names, next, status, wasStored: after !== before, vendor };
  }

  it('never loses the account unless the provider has used the token up, and then says so plainly', async () => {
    const seen: string[] = [];
    let limit = 1;
    for (; limit < 40; limit += 1) {
      const { died, isLost, names, next, status, wasStored } = await dieAfter(limit);
      if (died === 'lived') break;
      const last = names.at(-1) ?? '';
      seen.push(`${last}${isLost ? ': lost' : ''}`);
      expect([limit, last, next.ok]).toEqual([limit, last, !isLost]);
      if (!next.ok) expect([next.fault.code, status]).toEqual(['reconnect_required', 'needs_reconnecting']);
      else expect(status).toBe('active');
      // What was stored is never what was lost.
      expect(isLost && wasStored).toBe(false);
    }
    // Between the provider's answer and the write there is no step of ours that could fail.
    expect(seen).toEqual(['list', 'decrypt', 'lease', 'generate', 'transport: lost', 'storeRenewed', 'transport']);
  }, 60_000);
});
