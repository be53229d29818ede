/** The pace of a provider, kept in one row and shared by every environment. */
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRateLimiter } from '../../../adapters/aws/meter/rate-limiter.ts';
import type { TenantSessions } from '../../../adapters/aws/tenant-session.ts';
import { LONGEST_WAIT_MS } from '../../../core/meter/rate-limit.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { provider as altegio } from '../../../providers/altegio/provider.ts';
import { provider as kommo } from '../../../providers/kommo/provider.ts';
import { startDynamoDb } from '../../fakes/dynamodb.ts';

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

describe('the shared rate limit', () => {
  const pace = { capacity: 50, perSecond: 2 };

  it('lets the burst through at once, then spaces calls, then refuses with a time to come back', async () => {
    const now = 1_800_000_000_000;
    const stores = [1, 2, 3].map(() => createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => now }));
    const waits: number[] = [];
    let refused = 0;
    for (let i = 0; i < 80; i += 1) {
      const slot = await stores[i % stores.length]?.take(tenant, 'burst', pace);
      if (slot === undefined || 'fault' in slot) {
        refused += 1;
        expect(slot?.fault).toMatchObject({ code: 'rate_limited', retry_after: 3 });
      } else waits.push(slot.waitMs);
    }
    // 50 at once, then 2 per second for the half of six seconds that one tenant may fill.
    expect(waits.filter((wait) => wait === 0)).toHaveLength(50);
    expect(waits.filter((wait) => wait > 0).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 6 }, (_, i) => (i + 1) * 500),
    );
    expect(refused).toBe(24);
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

  it('lets a tenant with one call stand behind half of the queue, whatever another one asks for', async () => {
    const now = 1_800_000_000_000;
    const limit = { capacity: 2, perSecond: 3 };
    const stores = [1, 2, 3].map(() => createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => now }));
    const ask = async (who: string, at: number) => {
      const slot = await stores[at % stores.length]?.take(
        tenantId({ client: 'acme', org: who, user: 'u' }),
        'fair',
        limit,
      );
      return slot !== undefined && 'waitMs' in slot ? slot.waitMs : undefined;
    };
    const hogs = await Promise.all(Array.from({ length: 50 }, (_, at) => ask('hog', at)));
    const waits = hogs.filter((wait) => wait !== undefined);
    expect(Math.max(...waits)).toBeLessThanOrEqual(LONGEST_WAIT_MS / 2);
    expect(waits.length).toBeGreaterThan(8);
    const others = [await ask('b', 0), await ask('c', 1), await ask('d', 2)];
    for (const wait of others) expect(wait).toBeLessThanOrEqual(LONGEST_WAIT_MS / 2 + 4 * 334);
    // However often the first asks again meanwhile.
    await Promise.all(Array.from({ length: 50 }, (_, at) => ask('hog', at)));
    expect(await ask('e', 0)).toBeLessThanOrEqual(LONGEST_WAIT_MS / 2 + 5 * 334);
  });

  it('keeps half of the queue for others against several who ask for much', async () => {
    const now = 1_800_000_000_000;
    const limit = { capacity: 1, perSecond: 10 };
    const store = createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => now });
    const ask = async (who: string) => {
      const slot = await store.take(tenantId({ client: 'acme', org: who, user: 'u' }), 'hogs', limit);
      return 'waitMs' in slot ? slot.waitMs : Infinity;
    };
    for (let round = 0; round < 60; round += 1) for (const hog of ['h1', 'h2', 'h3']) await ask(hog);
    expect(await ask('single')).toBeLessThan(LONGEST_WAIT_MS);
  });

  it('lets who was refused in again when those that waited are through', async () => {
    let now = 1_800_000_000_000;
    const store = createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => now });
    const limit = { capacity: 1, perSecond: 2 };
    const ask = async () => 'waitMs' in (await store.take(tenant, 'again', limit));
    while (await ask());
    now += 3_000;
    expect(await ask()).toBe(true);
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
      for (let i = 0; i < 40; i += 1) {
        const slot = await stores[i % stores.length]?.take(tenantId({ client: 'acme', user: `u${i % 7}` }), key, own);
        if (slot !== undefined && 'waitMs' in slot) sent.push(slot.waitMs);
      }
      expect(sent.length).toBeGreaterThan(12);
      const inSecondFrom = (from: number): number => sent.filter((at) => at >= from && at < from + 1_000).length;
      expect(Math.max(...sent.map(inSecondFrom))).toBeLessThanOrEqual(most);
    },
  );

  it('is kept apart by client and by scope', async () => {
    const store = createRateLimiter({ sessions, table: TENANTS_TABLE, clock: () => 1_800_000_000_000 });
    const tight = { capacity: 1, perSecond: 0.1 };
    expect(await store.take(tenant, 'one', tight)).toEqual({ waitMs: 0 });
    expect(await store.take(tenant, 'one', tight)).toMatchObject({ fault: { code: 'rate_limited' } });
    expect(await store.take(tenant, 'two', tight)).toEqual({ waitMs: 0 });
    expect(await store.take(tenantId({ client: 'globex', user: 'u' }), 'one', tight)).toEqual({ waitMs: 0 });
  });
});
