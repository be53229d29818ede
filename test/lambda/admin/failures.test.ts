/** Failed calls through the admin API: by reference, by client, and only to operators who manage the client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createUsageStore } from '../../../adapters/aws/meter/usage-store.ts';
import { tenantMark } from '../../../core/log.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { onlyOf, setUpAdmin, type AdminSetUp } from './set-up.ts';

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
  for (const id of ['acme', 'globex']) await world.call('POST', '/admin/v1/clients', { id });
  await fail('r-ann', { client: 'acme', org: 'jsm', user: 'ann' });
  await fail('r-bob', { client: 'acme', org: 'jsm', user: 'bob' });
  await fail('r-solo', { client: 'acme' });
  await fail('r-other', { client: 'globex', org: 'jsm', user: 'ann' });
});
afterAll(() => world.stop());

async function fail(reference: string, parts: { client: string; org?: string; user?: string }): Promise<void> {
  world.now += 1_000;
  const clock = (): number => world.now;
  const store = createUsageStore({ sessions: world.sessions, table: world.db.tenantsTable, clock });
  await store.noteFailure(tenantId(parts), {
    reference,
    tool: 'kommo_list_leads',
    provider: 'kommo',
    code: 'provider_down',
    at: new Date(world.now).toISOString(),
    keyId: 'k_1',
    org: parts.org,
    user: parts.user,
    cause: { host: 'acme.kommo.com', status: 503 },
  });
}

const list = async (query: string, as?: Parameters<AdminSetUp['call']>[3]) => {
  const { status, body } = await world.call('GET', `/admin/v1/failures?${query}`, undefined, as);
  const rows = (body.failures ?? []) as readonly Record<string, unknown>[];
  return { status, body, rows, references: rows.map(({ reference }) => reference) };
};

describe('failed calls', () => {
  it('are listed newest first, with whose they were and where they broke off', async () => {
    const { status, rows, references } = await list('client=acme');
    expect([status, references]).toEqual([200, ['r-solo', 'r-bob', 'r-ann']]);
    expect(rows[2]).toEqual({
      reference: 'r-ann',
      at: '2026-11-22T10:00:01.000Z',
      client: 'acme',
      org: 'jsm',
      user: 'ann',
      tenant: tenantMark(tenantId({ client: 'acme', org: 'jsm', user: 'ann' })),
      key_id: 'k_1',
      tenant_key_id: null,
      tool: 'kommo_list_leads',
      provider: 'kommo',
      code: 'provider_down',
      cause: { host: 'acme.kommo.com', status: 503, vendor_code: null, broke: null },
    });
    expect((await list('client=acme&org=jsm&user=ann')).references).toEqual(['r-ann']);
    expect((await list('client=acme&org=jsm')).references).toEqual(['r-bob', 'r-ann']);
    expect((await list('client=acme&user=nobody')).references).toEqual([]);
  });

  it('are found by reference among all clients that the operator manages, and no others', async () => {
    expect((await list('reference=r-other')).rows).toMatchObject([{ client: 'globex', user: 'ann' }]);
    expect((await list('reference=r-other&client=acme')).status).toBe(404);
    expect((await list('reference=r-other', onlyOf('globex'))).references).toEqual(['r-other']);
    expect((await list('reference=r-other', onlyOf('acme'))).status).toBe(404);
    expect((await list('client=globex', onlyOf('acme'))).status).toBe(403);
    expect((await list('client=nobody')).status).toBe(404);
    expect((await list('reference=r-none')).status).toBe(404);
  });

  it('come page by page, each once', async () => {
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body, references } = await list(`client=acme&limit=2${cursor}`);
      seen.push(...references);
      cursor = body.next_cursor === undefined ? '' : `&cursor=${body.next_cursor as string}`;
    } while (cursor !== '');
    expect(seen).toEqual(['r-solo', 'r-bob', 'r-ann']);
  });

  it('need a client or a reference, and take no cursor of another list', async () => {
    expect((await list('')).status).toBe(400);
    expect((await list('client=acme&limit=0')).status).toBe(400);
    expect((await list('client=acme&limit=101')).status).toBe(400);
    expect((await list('reference=a%20b')).status).toBe(400);
    for (const cursor of ['', '!!', 'AAAA', '2030'])
      expect((await list(`client=acme&cursor=${cursor}`)).status).toBe(400);
  });

  it('are shown for seven days, however late the row is deleted', async () => {
    const before = world.now;
    world.now += 7 * 86_400_000;
    expect((await list('client=acme')).references).toEqual([]);
    expect((await list('reference=r-ann')).status).toBe(404);
    world.now = before;
  });
});
