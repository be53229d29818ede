import { SILENT } from '../../fakes/log.ts';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnectionStore } from '../../../adapters/aws/vault/connection-store.ts';
import { createKeyLimiter } from '../../../adapters/aws/meter/key-limiter.ts';
import { createRateLimiter } from '../../../adapters/aws/meter/rate-limiter.ts';
import type { TenantSessions } from '../../../adapters/aws/tenant-session.ts';
import { createUsageStore } from '../../../adapters/aws/meter/usage-store.ts';
import type { Connection } from '../../../core/vault/connection.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { provider as altegio } from '../../../providers/altegio/provider.ts';
import { provider as kommo } from '../../../providers/kommo/provider.ts';
import { startDynamoDb } from '../../fakes/dynamodb.ts';
import { principalOf } from '../../fakes/principal.ts';

let database: Awaited<ReturnType<typeof startDynamoDb>>;
const TENANTS_TABLE = 'Tenants';
let sessions: TenantSessions;
let writes = 0;
const tenant = tenantId({ client: 'acme', org: 'o', user: 'u' });

beforeAll(async () => {
  database = await startDynamoDb();
  const kms = new KMSClient({ region: 'us-east-1' });
  database.client.middlewareStack.add((next) => async (args) => ((writes += 1), next(args)), { step: 'initialize' });
  sessions = async () => ({ dynamodb: database.client, kms });
});
afterAll(() => database.stop());

function connection(name: string, connectedAt: string, more: Partial<Connection> = {}): Connection {
  const bytes = Buffer.from(name);
  const envelope = { v: 1 as const, edk: bytes, iv: bytes, ct: bytes, tag: bytes };
  return {
    provider: 'p',
    name,
    auth: 'token',
    accountName: 'Ann',
    facts: { site: 's' },
    status: 'active',
    connectedAt,
    version: 'v1',
    envelope,
    ...more,
  };
}

describe('the connection store', () => {
  it('gives back what was put, oldest first, to its own tenant', async () => {
    const store = createConnectionStore({ sessions, table: TENANTS_TABLE });
    await store.put(tenant, connection('b', '2026-01-02T00:00:00.000Z'));
    await store.put(tenant, connection('a', '2026-01-03T00:00:00.000Z'));
    const listed = await store.list(tenant, 'p');
    expect(listed.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(Buffer.from(listed[0]?.envelope.ct ?? []).toString()).toBe('b');
    expect(listed[0]).toMatchObject({ facts: { site: 's' }, version: 'v1' });
    expect(await store.list(tenantId({ client: 'acme', org: 'o' }))).toEqual([]);
    expect(await store.list(tenant, 'other')).toEqual([]);
  });

  it('marks a dead credential only while it is the stored one', async () => {
    const store = createConnectionStore({ sessions, table: TENANTS_TABLE });
    await store.put(tenant, connection('m', '2026-01-01T00:00:00.000Z', { version: 'v2' }));
    await store.needsReconnecting(tenant, 'p', 'm', 'v1');
    const status = async () => (await store.list(tenant, 'p')).find(({ name }) => name === 'm')?.status;
    expect(await status()).toBe('active');
    await store.needsReconnecting(tenant, 'p', 'm', 'v2');
    expect(await status()).toBe('needs_reconnecting');
  });

  it('says whether there was something to remove', async () => {
    const store = createConnectionStore({ sessions, table: TENANTS_TABLE });
    await store.put(tenant, connection('r', '2026-01-01T00:00:00.000Z'));
    expect([await store.remove(tenant, 'p', 'r'), await store.remove(tenant, 'p', 'r')]).toEqual([true, false]);
    await store.needsReconnecting(tenant, 'p', 'r', 'v1');
    expect((await store.list(tenant, 'p')).some(({ name }) => name === 'r')).toBe(false);
  });
});

describe('usage', () => {
  it('counts parallel calls exactly, by month', async () => {
    let now = Date.parse('2026-11-22T00:00:00Z');
    const store = createUsageStore({ sessions, table: TENANTS_TABLE, clock: () => now });
    await Promise.all(Array.from({ length: 40 }, (_, i) => store.count(tenant, 'p', 'default', i % 4 === 0)));
    expect(await store.read(tenant, '2026-11')).toEqual([
      {
        month: '2026-11',
        provider: 'p',
        connection: 'default',
        calls: 40,
        failures: 10,
        lastUsedAt: '2026-11-22T00:00:00.000Z',
      },
    ]);
    now = Date.parse('2026-12-01T00:00:00Z');
    expect(await store.read(tenant, '2026-12')).toEqual([]);
  });

  it('keeps failures for a week, newest first, even where the table has not yet deleted them', async () => {
    let now = Date.parse('2026-11-22T00:00:00Z');
    const store = createUsageStore({ sessions, table: TENANTS_TABLE, clock: () => now });
    for (const reference of ['r1', 'r2'])
      await store.noteFailure(tenant, {
        reference,
        tool: 't',
        code: 'timeout',
        at: new Date((now += 1_000)).toISOString(),
        keyId: 'k_1',
      });
    expect((await store.recentFailures(tenant)).map(({ reference }) => reference)).toEqual(['r2', 'r1']);
    now += 8 * 86_400_000;
    expect(await store.recentFailures(tenant)).toEqual([]);
  });
});

describe('the limits of a key', () => {
  it('let exactly as many requests through as the minute allows, however many come at once', async () => {
    let now = Date.parse('2026-11-22T00:00:30Z');
    const meter = createKeyLimiter({ sessions, table: TENANTS_TABLE, clock: () => now, log: SILENT });
    const principal = principalOf({}, { keyId: 'k_rpm', limits: { rpm: 7 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => meter.request(principal)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(7);
    expect(answers.find(({ ok }) => !ok)).toEqual({ ok: false, limit: 7, retryAfter: 30 });
    now += 30_000;
    expect(await meter.request(principal)).toEqual({ ok: true });
  });

  it('count calls per month over all tenants of the key, and reset with the month', async () => {
    let now = Date.parse('2026-11-30T23:59:50Z');
    const meter = createKeyLimiter({ sessions, table: TENANTS_TABLE, clock: () => now, log: SILENT });
    const of = (user: string) => principalOf({ user }, { keyId: 'k_month', limits: { monthly: 2 } });
    expect(await meter.call(of('a'))).toEqual({ ok: true });
    expect(await meter.call(of('b'))).toEqual({ ok: true });
    expect(await meter.call(of('c'))).toEqual({ ok: false, limit: 2, retryAfter: 10 });
    expect(await meter.used(of('d'))).toBe(2);
    await meter.giveBack(of('a'));
    expect(await meter.used(of('d'))).toBe(1);
    expect((await meter.call(of('b'))).ok).toBe(true);
    expect((await meter.call(of('c'))).ok).toBe(false);
    const fresh = principalOf({ user: 'e' }, { keyId: 'k_none', limits: { monthly: 2 } });
    await meter.giveBack(fresh);
    expect(await meter.used(fresh)).toBe(0);
    now += 10_000;
    expect(await meter.used(of('d'))).toBe(0);
    expect(await meter.call(of('a'))).toEqual({ ok: true });
  });

  it('cost nothing for a key that has none, but the note of the day it was used', async () => {
    const meter = createKeyLimiter({ sessions, table: TENANTS_TABLE, clock: Date.now, log: SILENT });
    const principal = principalOf({}, { keyId: 'k_free' });
    const before = writes;
    for (let i = 0; i < 5; i += 1) await meter.request(principal);
    await meter.call(principal);
    expect(writes - before).toBe(1);
  });
});

describe('the shared rate limit', () => {
  const pace = { capacity: 50, perSecond: 2, maxWaitMs: 8_000 };

  it('lets the burst through at once, then spaces calls, then refuses with a time to come back', async () => {
    const now = 1_800_000_000_000;
    const stores = [1, 2, 3].map(() => createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => now }));
    const waits: number[] = [];
    let refused = 0;
    for (let i = 0; i < 80; i += 1) {
      const slot = await stores[i % stores.length]?.take(tenant, 'burst', pace);
      if (slot === undefined || 'fault' in slot) {
        refused += 1;
        expect(slot?.fault).toMatchObject({ code: 'rate_limited', retry_after: 8 });
      } else waits.push(slot.waitMs);
    }
    // 50 at once, then 2 per second for the 8 seconds a call may wait.
    expect(waits.filter((wait) => wait === 0)).toHaveLength(50);
    expect(waits.filter((wait) => wait > 0).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 16 }, (_, i) => (i + 1) * 500),
    );
    expect(refused).toBe(14);
  });

  it('fills up again with time', async () => {
    let now = 1_800_000_000_000;
    const store = createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => now });
    for (let i = 0; i < 50; i += 1) await store.take(tenant, 'refill', pace);
    now += 5_000;
    const waits: unknown[] = [];
    for (let i = 0; i < 11; i += 1) waits.push(await store.take(tenant, 'refill', pace));
    expect(waits.filter((slot) => (slot as { waitMs: number }).waitMs === 0)).toHaveLength(10);
  });

  it('costs a quiet account one write per five calls', async () => {
    const store = createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => 1_800_000_000_000 });
    const before = writes;
    for (let i = 0; i < 10; i += 1) await store.take(tenant, 'quiet', pace);
    expect(writes - before).toBe(2);
  });

  it.each([
    { key: 'kommo', own: kommo.rateLimit, most: 7 },
    { key: 'altegio', own: altegio.rateLimit, most: 5 },
  ])(
    'of $key never puts more calls into one second than the vendor takes, a burst included',
    async ({ key, own, most }) => {
      if (own === undefined) throw new Error(`${key} has no rate limit`);
      const now = 1_800_000_000_000;
      const stores = [1, 2, 3, 4].map(() => createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => now }));
      const sent: number[] = [];
      for (let i = 0; i < 20; i += 1) {
        const slot = await stores[i % stores.length]?.take(tenant, key, own);
        if (slot !== undefined && 'waitMs' in slot) sent.push(slot.waitMs);
      }
      expect(sent).toHaveLength(20);
      const inSecondFrom = (from: number): number => sent.filter((at) => at >= from && at < from + 1_000).length;
      expect(Math.max(...sent.map(inSecondFrom))).toBeLessThanOrEqual(most);
    },
  );

  it('is kept apart by client and by scope', async () => {
    const store = createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => 1_800_000_000_000 });
    const tight = { capacity: 1, perSecond: 1, maxWaitMs: 0 };
    expect(await store.take(tenant, 'one', tight)).toEqual({ waitMs: 0 });
    expect(await store.take(tenant, 'one', tight)).toMatchObject({ fault: { code: 'rate_limited' } });
    expect(await store.take(tenant, 'two', tight)).toEqual({ waitMs: 0 });
    expect(await store.take(tenantId({ client: 'globex', user: 'u' }), 'one', tight)).toEqual({ waitMs: 0 });
  });
});
