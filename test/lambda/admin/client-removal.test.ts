/** Deleting a client: only an empty one, and what is left is said. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAnnouncedConnections } from '../../../adapters/aws/event/announced-connections.ts';
import { removeClient } from '../../../core/tenant/client-removal.ts';
import { tenantId, type TenantParts } from '../../../core/tenant/tenant.ts';
import { onlyOf, setUpAdmin, type AdminSetUp } from './set-up.ts';

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
});
afterAll(() => world.stop());

const call = (method: string, path: string, body?: object) => world.call(method, `/admin/v1${path}`, body);
const remove = (client: string) => call('DELETE', `/clients/${encodeURIComponent(client)}`);
const left = async (client: string) => {
  const { status, body } = await remove(client);
  expect(status).toBe(409);
  return (body.error as { message: string }).message;
};

async function connect(parts: TenantParts): Promise<void> {
  const clock = (): number => world.now;
  const store = createAnnouncedConnections({ sessions: world.sessions, table: world.db.tenantsTable, clock });
  const bytes = Buffer.from('x');
  await store.put(tenantId(parts), {
    provider: 'kommo',
    name: 'default',
    auth: 'token',
    accountName: 'Ann',
    facts: {},
    status: 'active',
    connectedAt: new Date(world.now).toISOString(),
    version: 'v1',
    envelope: { v: 1, edk: bytes, iv: bytes, ct: bytes, tag: bytes },
  });
}

describe('deleting a client', () => {
  it('that is empty takes its settings too, so that one of the same id finds nothing', async () => {
    await call('POST', '/clients', { id: 'a/b ü' });
    const path = `/clients/${encodeURIComponent('a/b ü')}`;
    await call('PATCH', `${path}/settings`, { brand: { name: 'Old' } });
    await call('PATCH', `${path}/orgs/jsm`, { brand: { name: 'Old org' } });
    const { status, body } = await remove('a/b ü');
    expect([status, body]).toEqual([200, { id: 'a/b ü', status: 'deleted' }]);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('GET', '/clients')).text).not.toContain('a/b');
    expect((await remove('a/b ü')).status).toBe(404);
    await call('POST', '/clients', { id: 'a/b ü' });
    expect((await call('GET', `${path}/settings`)).body).toMatchObject({ brand: { name: null } });
    expect((await call('GET', `${path}/orgs`)).body).toEqual({ orgs: [] });
  });

  it('with keys that work is refused, and done when they are revoked or have expired', async () => {
    const { body } = await call('POST', '/keys', { client: 'keyed', type: 'solo' });
    await call('POST', '/keys', { client: 'keyed', type: 'solo', expires_in: '1h' });
    expect(await left('keyed')).toContain('2 working keys');
    await call('POST', `/keys/${body.id as string}/revoke`);
    expect(await left('keyed')).toContain('1 working key.');
    world.now += 3_600_000;
    expect((await remove('keyed')).status).toBe(200);
  });

  it.each([{ user: 'ann' }, { org: 'jsm', user: 'ann' }, { user: 'x'.repeat(200) }, {}])(
    'with an account of a user is refused until that is removed: %j',
    async (whose) => {
      await call('POST', '/clients', { id: 'used' });
      await connect({ client: 'used', ...whose });
      expect(await left('used')).toContain('connected accounts');
      const query = new URLSearchParams({ client: 'used', provider: 'kommo', ...whose }).toString();
      expect((await call('DELETE', `/connections?${query}`)).status).toBe(200);
      expect((await remove('used')).status).toBe(200);
    },
  );

  it('with an app, a webhook or an operator of its own names each', async () => {
    await call('POST', '/clients', { id: 'full' });
    await call('PUT', '/oauth-apps', {
      client: 'full',
      org: 'o',
      provider: 'kommo',
      client_id: 'x',
      client_secret: 'y',
    });
    await call('PUT', '/clients/full/events', { url: 'https://hooks.example.com/' });
    await call('POST', '/operators', { client: 'full' });
    const message = await left('full');
    for (const what of ['1 OAuth app', 'a webhook', '1 working operator key']) expect(message).toContain(what);
    expect((await call('GET', '/clients/full')).status).toBe(200);
  });

  it('is for operators of every client', async () => {
    await call('POST', '/clients', { id: 'mine' });
    expect((await world.call('DELETE', '/admin/v1/clients/mine', undefined, onlyOf('mine'))).status).toBe(403);
  });

  it('puts it back when a key was made at the same time', async () => {
    const client = {
      id: 'raced',
      createdAt: '2026-11-22T10:00:00.000Z',
      policy: { inline_credentials: 'accept' },
    } as const;
    let stored: typeof client | undefined = client;
    const clients = {
      find: async () => stored,
      add: async () => ((stored = client), true),
      remove: async () => void (stored = undefined),
    };
    let looked = 0;
    const meanwhile = async () => ((looked += 1) > 1 ? '1 working key' : undefined);
    const removed = await removeClient(clients as never, [meanwhile], 'raced');
    expect([removed.ok, stored]).toEqual([false, client]);
  });
});
