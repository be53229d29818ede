/** Every list in pages: nothing lost, nothing twice, and a cursor good for its own list only. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnectionStore } from '../../../adapters/aws/vault/connection-store.ts';
import { createUsageStore } from '../../../adapters/aws/meter/usage-store.ts';
import { KEEP_ISSUES_DAYS, issueId, MAX_REPORTS_A_DAY } from '../../../core/tenant/issue.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { CONTRACT } from '../../../lambda/admin/contract.ts';
import { principalOf } from '../../fakes/principal.ts';
import { onlyOf, setUpAdmin, type AdminSetUp } from './set-up.ts';

const DAY_MS = 86_400_000;
/** Not in the order of their creation, and with ids that are encoded or hashed in keys. */
const CLIENTS = ['zeta', 'acme', 'Ärger #1', 'x'.repeat(200), 'm/1'];
const OF_ACME = 'client=acme';

let world: AdminSetUp;
const usageOf = () =>
  createUsageStore({ sessions: world.sessions, table: world.db.tenantsTable, clock: () => world.now });

async function report(client: string, user: string, summary: string): Promise<boolean> {
  world.now += 1_000;
  const principal = principalOf({ client, user }, { clientId: client });
  const id = issueId(world.now, summary.replaceAll(/[^a-z0-9]/g, ''));
  return usageOf().report(principal, { id, at: world.now, summary, description: 'd', references: [] });
}

beforeAll(async () => {
  world = await setUpAdmin();
  for (const client of CLIENTS) await world.call('POST', '/admin/v1/clients', { id: client });
  for (const client of ['acme', 'zeta'])
    for (let i = 0; i < 4; i += 1) await world.call('POST', '/admin/v1/keys', { client, type: 'platform' });
  for (let i = 0; i < 5; i += 1) await world.call('POST', '/admin/v1/operators', {});
  for (let i = 0; i < 5; i += 1) {
    const brand = { brand: { name: `n${i}` } };
    await world.call('PATCH', `/admin/v1/clients/acme/orgs/${encodeURIComponent(`o ${i}`)}`, brand);
  }
  const app = { client_id: 'i', client_secret: 's', provider: 'kommo' };
  for (const owner of [{}, { client: 'acme' }, { client: 'acme', org: 'o 1' }, { client: 'zeta' }])
    await world.call('PUT', '/admin/v1/oauth-apps', { ...app, ...owner });
  const connections = createConnectionStore({ sessions: world.sessions, table: world.db.tenantsTable });
  const bytes = Buffer.from('x');
  for (let i = 0; i < 5; i += 1)
    await connections.put(tenantId({ client: 'acme', user: 'ann' }), {
      provider: 'kommo',
      name: `n${i}`,
      auth: 'oauth',
      accountName: 'Ann',
      facts: {},
      status: 'active',
      connectedAt: new Date(world.now - i * DAY_MS).toISOString(),
      version: 'v',
      envelope: { v: 1, edk: bytes, iv: bytes, ct: bytes, tag: bytes },
    });
  for (let i = 0; i < 5; i += 1) await report('acme', 'ann', `acme ${i}`);
  for (let i = 0; i < 2; i += 1) await report('zeta', 'bob', `zeta ${i}`);
});
afterAll(() => world.stop());

type Row = Readonly<Record<string, unknown>>;

async function pages(path: string, field: string, limit: number): Promise<readonly (readonly Row[])[]> {
  const found: Row[][] = [];
  let cursor: string | undefined;
  do {
    const query = `limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`;
    const { status, body } = await world.call('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
    expect([path, status]).toEqual([path, 200]);
    found.push(body[field] as Row[]);
    cursor = body['next_cursor'] as string | undefined;
  } while (cursor !== undefined && found.length < 100);
  return found;
}

const LISTS = [
  ['/admin/v1/clients', 'clients', 5],
  ['/admin/v1/keys', 'keys', 8],
  [`/admin/v1/keys?${OF_ACME}`, 'keys', 4],
  ['/admin/v1/operators', 'operators', 5],
  ['/admin/v1/issues', 'issues', 7],
  [`/admin/v1/issues?${OF_ACME}`, 'issues', 5],
  ['/admin/v1/issues?status=open', 'issues', 7],
  ['/admin/v1/oauth-apps', 'oauth_apps', 4],
  [`/admin/v1/oauth-apps?${OF_ACME}`, 'oauth_apps', 2],
  ['/admin/v1/clients/acme/orgs', 'orgs', 5],
  [`/admin/v1/connections?${OF_ACME}&user=ann`, 'connections', 5],
] as const;

describe.each(LISTS)('%s', (path, field, size) => {
  it.each([1, 2, 3, 100])('gives everything once in pages of %d, and none larger', async (limit) => {
    const found = await pages(path, field, limit);
    expect(Math.max(...found.map((page) => page.length))).toBeLessThanOrEqual(limit);
    const rows = found.flat();
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(size);
    expect(rows).toHaveLength(size);
    expect(rows).toEqual((await pages(path, field, 100)).flat());
  });

  it.each(['0', '101', 'x', '-1', '1.5', ''])('refuses a limit of %j', async (limit) => {
    const { status } = await world.call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`);
    expect(status).toBe(400);
  });

  it('refuses the cursor of another list, and one that is made up', async () => {
    const other = path.startsWith('/admin/v1/clients?') ? '/admin/v1/operators' : '/admin/v1/clients';
    const { body } = await world.call('GET', `${other}?limit=1`);
    for (const cursor of [String(body['next_cursor']), 'x', Buffer.from('{"d":"","p":[]}').toString('base64url')]) {
      if (other === path && cursor === body['next_cursor']) continue;
      const { status } = await world.call('GET', `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`);
      expect([cursor, status]).toEqual([cursor, 400]);
    }
  });
});

describe('a list of the admin API', () => {
  it('is in pages, all of them but the catalogue and the months of one user', () => {
    const lists = Object.entries(CONTRACT).filter(([name]) => name.startsWith('list'));
    const whole = lists.filter(([, { query }]) => !('cursor' in query.shape)).map(([name]) => name);
    expect(whole).toEqual(['listProviders']);
  });

  it('gives fifty rows when nobody says how many, and goes on from there', async () => {
    for (let i = 0; i < 60; i += 1) await world.call('POST', '/admin/v1/keys', { client: 'many', type: 'solo' });
    const first = (await world.call('GET', '/admin/v1/keys?client=many')).body;
    expect(first['keys']).toHaveLength(50);
    const cursor = String(first['next_cursor']);
    const second = (await world.call('GET', `/admin/v1/keys?client=many&cursor=${cursor}`)).body;
    expect([(second['keys'] as Row[]).length, second['next_cursor']]).toEqual([10, undefined]);
    // The same cursor with another filter would skip rows of another client.
    expect((await world.call('GET', `/admin/v1/keys?client=acme&cursor=${cursor}`)).status).toBe(400);
  });
});

describe('reports', () => {
  it('are at most twenty a day for one tenant, and that is no other tenant’s concern', async () => {
    for (let i = 0; i < MAX_REPORTS_A_DAY; i += 1) expect(await report('capped', 'u', `r${i}`)).toBe(true);
    expect(await report('capped', 'u', 'one more')).toBe(false);
    expect(await report('capped', 'v', 'other')).toBe(true);
    world.now += DAY_MS;
    expect(await report('capped', 'u', 'tomorrow')).toBe(true);
  });

  it('are closed and noted by their id alone, or with their client, and found by their status', async () => {
    const [issue] = (await world.call('GET', `/admin/v1/issues?${OF_ACME}&limit=1`)).body['issues'] as Row[];
    const path = `/admin/v1/issues/${String(issue?.['id'])}`;
    const closed = await world.call('PATCH', path, { status: 'closed', note: 'fixed' });
    expect(closed.body).toEqual({ ...issue, status: 'closed', note: 'fixed', changed_at: expect.any(String) });
    const open = (await pages(`/admin/v1/issues?${OF_ACME}&status=open`, 'issues', 2)).flat();
    expect(open.map(({ id }) => id)).not.toContain(issue?.['id']);
    expect((await pages(`/admin/v1/issues?${OF_ACME}&status=closed`, 'issues', 2)).flat()).toEqual([closed.body]);
    const reopened = await world.call('PATCH', `${path}?${OF_ACME}`, { status: 'open' }, onlyOf('acme'));
    expect(reopened.body).toMatchObject({ status: 'open', note: 'fixed' });
  });

  it('of another client, or that nobody filed, are not found and not made', async () => {
    const [issue] = (await world.call('GET', '/admin/v1/issues?client=zeta&limit=1')).body['issues'] as Row[];
    const close = (id: unknown, query = '', principal = onlyOf('acme')) =>
      world.call('PATCH', `/admin/v1/issues/${String(id)}${query}`, { status: 'closed' }, principal);
    expect((await close(issue?.['id'])).status).toBe(404);
    expect((await close(issue?.['id'], '?client=zeta')).status).toBe(403);
    for (const id of [issueId(world.now, 'none'), 'old-style-id', 'x%23y', 'x'.repeat(400)])
      expect((await close(id)).status).toBe(404);
    expect((await world.call('PATCH', `/admin/v1/issues/${String(issue?.['id'])}`, {})).status).toBe(400);
    expect((await world.call('GET', '/admin/v1/issues?client=zeta&status=closed')).body).toEqual({ issues: [] });
  });

  it('are gone after ninety days, whether or not the table has deleted them', async () => {
    const before = world.now;
    world.now += (KEEP_ISSUES_DAYS + 2) * DAY_MS;
    expect((await pages('/admin/v1/issues', 'issues', 3)).flat()).toEqual([]);
    world.now = before;
  });
});
