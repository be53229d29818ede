/** Who may do what: operators only, and an operator of one client with that client only. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { CONTRACT } from '../../../lambda/admin/contract.ts';
import type { Endpoint } from '../../../lambda/admin/resource/endpoint.ts';
import { routeAdmin } from '../../../lambda/admin/route.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import type { Principal } from '../../../core/keys/principal.ts';
import { EVERYONE, onlyOf, setUpAdmin, type AdminSetUp } from './set-up.ts';

let world: AdminSetUp;
let acmeKey: string;
let otherKey: string;
beforeAll(async () => {
  world = await setUpAdmin();
  acmeKey = (await world.call('POST', '/admin/v1/keys', { client: 'acme', type: 'solo' })).body.id as string;
  otherKey = (await world.call('POST', '/admin/v1/keys', { client: 'other', type: 'solo' })).body.id as string;
});
afterAll(() => world.stop());

/** Everything that is stored. */
async function rows() {
  const scan = (TableName: string) => world.db.client.send(new ScanCommand({ TableName }));
  const found = [
    ...((await scan(world.db.keysTable)).Items ?? []),
    ...((await scan(world.db.tenantsTable)).Items ?? []),
  ];
  return found.map((item) => JSON.stringify(item)).toSorted();
}

const acme = onlyOf('acme');
const tenant: Principal = {
  kind: 'tenant',
  keyId: 'k_1',
  keyType: 'platform',
  clientId: 'acme',
  tenant: tenantId({ client: 'acme' }),
  limits: {},
  policy: { inline_credentials: 'accept' },
  confirm: 'destructive',
};

/** What belongs to another client, to every client or to the platform. */
const FOREIGN: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['GET', '/clients/other'],
  ['PATCH', '/clients/other', { policy: { inline_credentials: 'refuse' } }],
  ['DELETE', '/clients/other'],
  ['POST', '/clients', { id: 'third' }],
  ['GET', '/keys?client=other'],
  ['POST', '/keys', { client: 'other', type: 'solo' }],
  ['PATCH', '/keys/{other}', { rpm: 1 }],
  ['POST', '/keys/{other}/revoke'],
  ['POST', '/keys/{other}/rotate'],
  ['GET', '/issues?client=other'],
  ['GET', '/failures?client=other'],
  ['PATCH', '/issues/x?client=other', { status: 'closed' }],
  ['PUT', '/oauth-apps', { client: 'other', provider: 'kommo', client_id: 'x', client_secret: 'y' }],
  ['PUT', '/oauth-apps', { client: 'other', org: 'o', provider: 'kommo', client_id: 'x', client_secret: 'y' }],
  ['PUT', '/oauth-apps', { provider: 'kommo', client_id: 'x', client_secret: 'y' }],
  ['GET', '/oauth-apps?client=other'],
  ['DELETE', '/oauth-apps?client=other&provider=kommo'],
  ['DELETE', '/oauth-apps?provider=kommo'],
  ['POST', '/oauth-apps/test', { client: 'other', provider: 'kommo' }],
  ['POST', '/oauth-apps/test', { provider: 'kommo' }],
  ['GET', '/clients/other/settings'],
  ['PATCH', '/clients/other/settings', { org_app: 'refuse' }],
  ['GET', '/clients/other/orgs'],
  ['GET', '/clients/other/orgs/o'],
  ['PATCH', '/clients/other/orgs/o', { brand: { name: 'x' } }],
  ['GET', '/clients/other/events'],
  ['PUT', '/clients/other/events', { url: 'https://hooks.example.com/' }],
  ['DELETE', '/clients/other/events'],
  ['POST', '/clients/other/events/test'],
  ['POST', '/connect-links', { client: 'other', provider: 'kommo' }],
  ['GET', '/connections?client=other'],
  ['DELETE', '/connections?client=other&provider=kommo'],
  ['GET', '/usage?client=other'],
  ['GET', '/operators'],
  ['POST', '/operators', {}],
  ['POST', '/operators', { client: 'acme' }],
  ['POST', '/operators/op_1/revoke'],
];

/** Endpoints with an id of a client, or of something that belongs to one, in what they take. */
const NAMING = Object.entries<Endpoint>(CONTRACT).filter(([, { scope, path, query, body }]) => {
  const named = [query, body].some((schema) => schema instanceof z.ZodObject && 'client' in schema.shape);
  return scope === 'all' || named || /\{id\}/.test(path);
});

describe('the admin API', () => {
  it.each<[string, Principal]>([
    ['an API key', tenant],
    ['a rejected request', { kind: 'rejected', problem: 'user_id twice' }],
  ])('serves nothing to %s', async (_name, principal) => {
    for (const path of ['/admin/v1/keys', '/admin/v1/clients', '/admin/v1/openapi.json', '/admin/v1/nothing'])
      expect((await world.call('GET', path, undefined, principal)).status).toBe(403);
  });

  it('shows an operator of one client that client and its keys only', async () => {
    expect((await world.call('GET', '/admin/v1/clients', undefined, acme)).body).toMatchObject({
      clients: [{ id: 'acme' }],
    });
    expect((await world.call('GET', '/admin/v1/keys', undefined, acme)).body).toMatchObject({
      keys: [{ id: acmeKey }],
    });
    expect((await world.call('GET', '/admin/v1/issues', undefined, acme)).body).toEqual({ issues: [] });
  });

  it('shows an operator of a client that does not exist an empty list', async () => {
    expect((await world.call('GET', '/admin/v1/clients', undefined, onlyOf('none'))).body).toEqual({ clients: [] });
  });

  it('refuses an operator of one client at every endpoint that names a client', () => {
    const tried = FOREIGN.map(([method, path]) => routeAdmin(method, `/admin/v1${path.replace(/\?.*/, '')}`));
    const operations = new Set(tried.map((target) => (target.kind === 'found' ? target.operation : target.kind)));
    // `POST /clients` names one by its id.
    expect([...operations].toSorted()).toEqual(['createClient', ...NAMING.map(([name]) => name)].toSorted());
  });

  it.each(FOREIGN.map(([method, path, body]) => [method, path, body] as const))(
    'refuses an operator of one client %s %s in plain words',
    async (method, path, body) => {
      const before = await rows();
      const { status, body: refused } = await world.call(
        method,
        `/admin/v1${path.replace('{other}', otherKey)}`,
        body,
        acme,
      );
      expect(status).toBe(403);
      expect(refused).toEqual({
        error: { code: 'forbidden', message: expect.stringContaining('one client only'), next: expect.any(String) },
      });
      expect(await rows()).toEqual(before);
    },
  );

  it('refuses an operator of one client every client whose id only looks like its own', async () => {
    for (const id of ['acme2', 'acm', 'a', 'ACME', 'acme ', 'acme/x', 'acme#o', 'acmé', '*', 'a%63me']) {
      await world.call('POST', '/admin/v1/keys', { client: id, type: 'solo' });
      const at = encodeURIComponent(id);
      for (const [method, path, body] of [
        ['GET', `/clients/${at}`],
        ['PATCH', `/clients/${at}`, { policy: { inline_credentials: 'refuse' } }],
        ['GET', `/keys?client=${at}`],
        ['POST', '/keys', { client: id, type: 'solo' }],
        ['GET', `/usage?client=${at}`],
        ['GET', `/connections?client=${at}`],
      ] as const)
        expect([id, path, (await world.call(method, `/admin/v1${path}`, body, acme)).status]).toEqual([id, path, 403]);
    }
    expect((await world.call('GET', '/admin/v1/clients', undefined, acme)).body).toMatchObject({
      clients: [{ id: 'acme' }],
    });
  });

  it('lets an operator of one client manage that client', async () => {
    const made = await world.call('POST', '/admin/v1/keys', { client: 'acme', type: 'client' }, acme);
    expect(made.status).toBe(201);
    const rotated = await world.call('POST', `/admin/v1/keys/${String(made.body.id)}/rotate`, undefined, acme);
    expect(rotated.status).toBe(201);
    const revoked = await world.call('POST', `/admin/v1/keys/${String(rotated.body.id)}/revoke`, undefined, acme);
    expect(revoked.status).toBe(200);
    const changed = await world.call(
      'PATCH',
      '/admin/v1/clients/acme',
      { policy: { inline_credentials: 'refuse' } },
      acme,
    );
    expect(changed.body).toMatchObject({ id: 'acme', policy: { inline_credentials: 'refuse' } });
  });
});

describe('operator keys', () => {
  it('are made for every client or for one, shown once, and taken by the admin API alone', async () => {
    const all = await world.call('POST', '/admin/v1/operators', { name: 'deploy' });
    world.now += 1000;
    const one = await world.call('POST', '/admin/v1/operators', { client: 'acme', expires_in: '1h' });
    expect(all.body).toMatchObject({ scope: 'all', client: null, name: 'deploy', status: 'active', expires_at: null });
    expect(one.body).toMatchObject({ scope: 'client', client: 'acme', expires_at: '2026-11-22T11:00:01.000Z' });
    for (const { body } of [all, one]) {
      expect(await world.authorize(body.operator_key as string, 'admin')).toBe('operator');
      expect(await world.authorize(body.operator_key as string, 'mcp')).toBe('forbidden');
    }
    const listed = await world.call('GET', '/admin/v1/operators');
    const ids = (listed.body.operators as { id: unknown }[]).map(({ id }) => id);
    expect(ids).toEqual([all.body.id, one.body.id].map(String).toSorted((a, b) => (a < b ? -1 : 1)));
    expect(listed.text).not.toContain(all.body.operator_key);
  });

  it('fail with their next request once revoked, and stay in the list', async () => {
    const { body } = await world.call('POST', '/admin/v1/operators', {});
    const revoked = await world.call('POST', `/admin/v1/operators/${String(body.id)}/revoke`);
    expect([revoked.status, revoked.body.status]).toEqual([200, 'revoked']);
    expect(await world.authorize(body.operator_key as string, 'admin')).toBe('unauthorized');
  });

  it('cannot be revoked or rotated as API keys, nor API keys as theirs', async () => {
    const { body } = await world.call('POST', '/admin/v1/operators', {});
    for (const path of [
      `/keys/${String(body.id)}/revoke`,
      `/keys/${String(body.id)}/rotate`,
      `/operators/${acmeKey}/revoke`,
    ])
      expect((await world.call('POST', `/admin/v1${path}`, undefined, EVERYONE)).status).toBe(404);
    expect(await world.authorize(body.operator_key as string, 'admin')).toBe('operator');
  });
});
