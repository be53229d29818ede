import { SILENT } from '../../fakes/log.ts';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnectionStore } from '../../../adapters/aws/vault/connection-store.ts';
import { createKeyLimiter } from '../../../adapters/aws/meter/key-limiter.ts';
import type { TenantSessions } from '../../../adapters/aws/tenant-session.ts';
import { createUsageStore } from '../../../adapters/aws/meter/usage-store.ts';
import type { Connection } from '../../../core/vault/connection.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
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
    expect(Buffer.from((await store.get(tenant, 'p', 'b'))?.envelope.ct ?? []).toString()).toBe('b');
    expect((await store.first(tenant, 'p'))?.name).toBe('b');
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
    expect(answers.find(({ ok }) => !ok)).toEqual({ ok: false, limit: 7, of: 'minute', retryAfter: 30 });
    now += 30_000;
    expect(await meter.request(principal)).toEqual({ ok: true });
  });

  it('take all messages of a request or none, in one write', async () => {
    const meter = createKeyLimiter({ sessions, table: TENANTS_TABLE, clock: () => 1_800_000_000_000, log: SILENT });
    const principal = principalOf({}, { keyId: 'k_batch', limits: { rpm: 10 } });
    await meter.request(principal, 1);
    const before = writes;
    expect((await meter.request(principal, 40)).ok).toBe(false);
    expect((await meter.request(principal, 10)).ok).toBe(false);
    expect((await meter.request(principal, 9)).ok).toBe(true);
    expect((await meter.request(principal, 1)).ok).toBe(false);
    // What can never fit is not even asked.
    expect(writes - before).toBe(3);
    const first = principalOf({}, { keyId: 'k_first', limits: { rpm: 10 } });
    expect((await meter.request(first, 11)).ok).toBe(false);
    expect((await meter.request(first, 10)).ok).toBe(true);
  });

  it('count calls per month over all tenants of the key, and reset with the month', async () => {
    let now = Date.parse('2026-11-30T23:59:50Z');
    const meter = createKeyLimiter({ sessions, table: TENANTS_TABLE, clock: () => now, log: SILENT });
    const of = (user: string) => principalOf({ user }, { keyId: 'k_month', limits: { monthly: 2 } });
    const one = await meter.reserve(of('a'), 1);
    expect((await meter.reserve(of('b'), 2)).ok).toBe(false);
    expect((await meter.reserve(of('b'), 1)).ok).toBe(true);
    expect(await meter.reserve(of('c'), 1)).toEqual({ ok: false, limit: 2, of: 'month', retryAfter: 10 });
    expect(await meter.used(of('d'))).toEqual({ calls: 2, left: 0 });
    if (one.ok) await one.giveBack(1);
    expect(await meter.used(of('d'))).toEqual({ calls: 1, left: 1 });
    const across = await meter.reserve(of('b'), 1);
    now += 10_000;
    expect(await meter.used(of('d'))).toEqual({ calls: 0, left: 2 });
    expect((await meter.reserve(of('a'), 1)).ok).toBe(true);
    // What was set aside before the month ended is given back to that month.
    if (across.ok) await across.giveBack(1);
    expect(await meter.used(of('d'))).toEqual({ calls: 1, left: 1 });
  });

  it('leave three quarters of the month to others whatever one tenant key does', async () => {
    const meter = createKeyLimiter({ sessions, table: TENANTS_TABLE, clock: () => 1_800_000_000_000, log: SILENT });
    const limits = { monthly: 100 };
    const parent = principalOf({}, { keyId: 'k_parent', limits });
    const browser = principalOf({ user: 'x' }, { keyId: 'k_parent', tenantKeyId: 'tk_1', limits });
    const another = principalOf({ user: 'y' }, { keyId: 'k_parent', tenantKeyId: 'tk_2', limits });
    expect((await meter.reserve(browser, 20)).ok).toBe(true);
    expect(await meter.reserve(browser, 6)).toMatchObject({ ok: false, limit: 25, of: 'share' });
    expect(await meter.used(browser)).toEqual({ calls: 20, left: 5 });
    const last = await meter.reserve(browser, 5);
    expect(await meter.used(browser)).toEqual({ calls: 25, left: 0 });
    expect((await meter.reserve(another, 25)).ok).toBe(true);
    expect(await meter.used(parent)).toEqual({ calls: 50, left: 50 });
    if (last.ok) await last.giveBack(5);
    expect(await meter.used(browser)).toEqual({ calls: 45, left: 5 });
    expect((await meter.reserve(parent, 55)).ok).toBe(true);
    // Refused by the month: the share is as before.
    expect(await meter.reserve(browser, 1)).toMatchObject({ ok: false, limit: 100, of: 'month' });
    expect(await meter.used(browser)).toEqual({ calls: 100, left: 0 });
  });

  it('cost nothing for a key that has none, but the note of the day it was used', async () => {
    const meter = createKeyLimiter({ sessions, table: TENANTS_TABLE, clock: Date.now, log: SILENT });
    const principal = principalOf({}, { keyId: 'k_free' });
    const before = writes;
    for (let i = 0; i < 5; i += 1) await meter.request(principal);
    await meter.reserve(principal, 3);
    expect(writes - before).toBe(1);
  });
});
