/** Settings of clients and organizations through the admin API. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onlyOf, setUpAdmin, type AdminSetUp } from './set-up.ts';

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
  await world.call('POST', '/admin/v1/clients', { id: 'ä/b' });
});
afterAll(() => world.stop());

const CLIENT = '/admin/v1/clients/%C3%A4%2Fb';
const NO_BRAND = { name: null, logo_url: null, color: null };

describe("a client's settings", () => {
  it('are defaults until something is set', async () => {
    expect((await world.call('GET', `${CLIENT}/settings`)).body).toEqual({
      client: 'ä/b',
      brand: NO_BRAND,
      return_urls: [],
      embedding_origins: [],
      org_app: 'fall_back',
    });
  });

  it('change where they are named, and stay where they are not', async () => {
    const patch = (body: object) => world.call('PATCH', `${CLIENT}/settings`, body, onlyOf('ä/b'));
    await patch({ brand: { name: 'Acme', color: '#1d4ed8' }, return_urls: ['https://app.example.com/done'] });
    await patch({ embedding_origins: ['https://app.example.com'], org_app: 'refuse' });
    const { body } = await patch({ brand: { color: null } });
    expect(body).toEqual({
      client: 'ä/b',
      brand: { ...NO_BRAND, name: 'Acme' },
      return_urls: ['https://app.example.com/done'],
      embedding_origins: ['https://app.example.com'],
      org_app: 'refuse',
    });
    expect((await world.call('GET', `${CLIENT}/settings`)).body).toEqual(body);
  });

  it('take a picture of 64 KB', async () => {
    const logo_url = `data:image/png;base64,${'A'.repeat(65_536 - 22)}`;
    expect((await world.call('PATCH', `${CLIENT}/settings`, { brand: { logo_url } })).status).toBe(200);
    const larger = await world.call('PATCH', `${CLIENT}/settings`, { brand: { logo_url: `${logo_url}A` } });
    expect(larger.status).toBe(400);
    await world.call('PATCH', `${CLIENT}/settings`, { brand: { logo_url: null } });
  });

  it.each([
    [{ return_urls: ['http://app.example.com/'] }],
    [{ return_urls: ['https://*.example.com/'] }],
    [{ brand: { name: 'a\u202Eb' } }],
    [{ return_urls: ['javascript:alert(1)'] }],
    [{ return_urls: ['https://user:pw@app.example.com/'] }],
    [{ return_urls: null }],
    [{ embedding_origins: ['https://app.example.com/path'] }],
    [{ embedding_origins: ['*'] }],
    [{ embedding_origins: ['https://*'] }],
    [{ embedding_origins: ['https://*.example.com'] }],
    [{ embedding_origins: ['https://app.example.com;script-src'] }],
    [{ embedding_origins: ['https://app.example.com,sandbox'] }],
    [{ org_app: 'maybe' }],
    [{ brand: { logo_url: 'https://elsewhere.example.com/logo.png' } }],
    [{ brand: { logo_url: 'data:text/html,x' } }],
    [{ brand: { color: 'red;}' } }],
    [{ brand: { name: 'a\nb' } }],
    [{ brand: { title: 'x' } }],
    [{ unknown: true }],
  ])('are not changed by %j', async (body) => {
    const before = await world.call('GET', `${CLIENT}/settings`);
    expect((await world.call('PATCH', `${CLIENT}/settings`, body)).status).toBe(400);
    expect((await world.call('GET', `${CLIENT}/settings`)).body).toEqual(before.body);
  });

  it('belong to a client that is there', async () => {
    for (const path of ['settings', 'orgs', 'orgs/jsm'])
      expect((await world.call('GET', `/admin/v1/clients/nobody/${path}`)).status).toBe(404);
    expect((await world.call('PATCH', '/admin/v1/clients/nobody/settings', {})).status).toBe(404);
    expect((await world.call('PATCH', '/admin/v1/clients/nobody/orgs/jsm', {})).status).toBe(404);
  });
});

describe('organizations', () => {
  it('are listed when they have settings or apps, and need neither', async () => {
    expect((await world.call('GET', `${CLIENT}/orgs`)).body).toEqual({ orgs: [] });
    expect((await world.call('GET', `${CLIENT}/orgs/any%23one`)).body).toEqual({
      client: 'ä/b',
      org: 'any#one',
      brand: NO_BRAND,
    });
    const changed = await world.call('PATCH', `${CLIENT}/orgs/b%2Fc`, { brand: { name: 'Bee', color: '#fff' } });
    expect(changed.body).toEqual({ client: 'ä/b', org: 'b/c', brand: { name: 'Bee', logo_url: null, color: '#fff' } });
    const app = { client: 'ä/b', org: 'a', provider: 'google_sheets', client_id: 'x', client_secret: 'y' };
    await world.call('PUT', '/admin/v1/oauth-apps', app);
    await world.call('PUT', '/admin/v1/oauth-apps', { ...app, org: undefined });
    expect((await world.call('GET', `${CLIENT}/orgs`)).body).toEqual({
      orgs: [
        { org: 'a', name: null, color: null, oauth_apps: ['google_sheets'] },
        { org: 'b/c', name: 'Bee', color: '#fff', oauth_apps: [] },
      ],
    });
  });

  it('have a look of their own and nothing else', async () => {
    for (const body of [{ return_urls: [] }, { org_app: 'refuse' }, { name: 'x' }])
      expect((await world.call('PATCH', `${CLIENT}/orgs/jsm`, body)).status).toBe(400);
  });
});
