/** Connect links, connections and usage of one tenant through the admin API, and the catalogue. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ErrorBody } from '../../../lambda/admin/contract.ts';
import { createConnectionStore } from '../../../adapters/aws/vault/connection-store.ts';
import { createConnectLinkStore } from '../../../adapters/aws/connect/link-store.ts';
import { createUsageStore } from '../../../adapters/aws/meter/usage-store.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { isRightCode } from '../../../core/connect/link-code.ts';
import { onlyOf, PUBLIC_URL, setUpAdmin, type AdminSetUp } from './set-up.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
  await world.call('POST', '/admin/v1/clients', { id: 'acme' });
});
afterAll(() => world.stop());

const parts = { client: 'acme', org: 'jsm', user: 'ann' };
const ann = tenantId(parts);
const QUERY = 'client=acme&org=jsm&user=ann';

describe('a connect link', () => {
  const link = (body: object) =>
    world.call('POST', '/admin/v1/connect-links', { ...parts, provider: 'bitrix24', ...body }, onlyOf('acme'));
  const storedLinkOf = async (url: unknown) => {
    const secret = String(url).split('/').at(-1) ?? '';
    const store = createConnectLinkStore({
      dynamodb: world.db.client,
      sessions: world.sessions,
      table: world.db.tenantsTable,
      clock: () => world.now,
    });
    return { secret, stored: await store.find(hashSecret(secret)) };
  };

  it('opens the page of the tenant and account it was made for', async () => {
    const { status, body, headers } = await link({ connection: 'work' });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(body).toSorted()).toEqual(['code', 'expires_at', 'url']);
    expect(body).toMatchObject({
      url: expect.stringMatching(/^https:\/\/mcp\.example\.com\/v1\/connect\/[\w-]{43}$/),
      code: expect.stringMatching(/^[A-Z2-8]{3}-[A-Z2-8]{3}$/),
      expires_at: '2026-11-22T10:10:00.000Z',
    });
    expect(String(body.url).startsWith(PUBLIC_URL)).toBe(true);
    const { secret, stored } = await storedLinkOf(body.url);
    expect(stored).toMatchObject({ ...parts, tenant: ann, provider: 'bitrix24', connection: 'work' });
    expect(stored && isRightCode(stored, secret, String(body.code))).toBe(true);
  });

  it("is for the default account and, without a user, for the client's one default user", async () => {
    const { body } = await link({ user: undefined });
    const { stored } = await storedLinkOf(body.url);
    expect(stored).toMatchObject({ tenant: tenantId({ client: 'acme' }), connection: 'default' });
    expect([stored?.org, stored?.user]).toEqual([undefined, undefined]);
  });

  it('returns only to addresses that the client has set', async () => {
    const return_url = 'https://app.example.com/done?x=1';
    const refused = await link({ return_url });
    expect(refused.status).toBe(400);
    expect(ErrorBody.parse(refused.body).error.next).toContain('return_urls');
    await world.call('PATCH', '/admin/v1/clients/acme/settings', { return_urls: ['https://app.example.com/done'] });
    const { body, status } = await link({ return_url });
    expect([status, (await storedLinkOf(body.url)).stored?.returnUrl]).toEqual([201, return_url]);
    expect((await link({ return_url: 'https://app.example.com.evil.example/done' })).status).toBe(400);
  });

  it('is not made for a provider that needs an app which nobody has stored', async () => {
    const refused = await link({ provider: 'google_sheets' });
    expect(refused.status).toBe(409);
    expect(ErrorBody.parse(refused.body).error.message).toContain('no app is stored');
    expect(ErrorBody.parse(refused.body).error.next).toContain('oauth-apps');
    const app = { client: 'acme', provider: 'google_sheets', client_id: 'x', client_secret: 'y' };
    await world.call('PUT', '/admin/v1/oauth-apps', app);
    expect((await link({ provider: 'google_sheets' })).status).toBe(201);
    await world.call('PATCH', '/admin/v1/clients/acme/settings', { org_app: 'refuse' });
    const strict = await link({ provider: 'google_sheets' });
    expect(strict.status).toBe(409);
    const { message, next } = ErrorBody.parse(strict.body).error;
    expect(message).toContain('needs an app of its own');
    expect(message).not.toContain('no app is stored');
    expect(next).toContain('with --client and --org');
    expect((await link({ provider: 'google_sheets', user: undefined })).status).toBe(201);
  });

  it.each([
    [{ provider: 'bitrix' }, 404, /bitrix24/],
    [{ client: 'nobody' }, 403, /operator key/],
    [{ connection: 'Work Account' }, 400, /./],
    [{ connection: '' }, 400, /./],
    [{ user: '' }, 400, /./],
    [{ provider_key: 'bitrix24' }, 400, /./],
  ])('is not made for %j', async (change, status, next) => {
    const refused = await link(change);
    expect(refused.status).toBe(status);
    expect(ErrorBody.parse(refused.body).error.next).toMatch(next);
  });

  it('leaves neither its secret nor its code in a log line or in a row', async () => {
    const { body } = await link({});
    const { secret } = await storedLinkOf(body.url);
    const { Items } = await world.db.client.send(new ScanCommand({ TableName: world.db.tenantsTable }));
    const kept = JSON.stringify(Items) + world.lines.join('\n');
    expect(kept).toContain('TICKET#');
    expect(kept).not.toContain(secret);
    expect(kept).not.toContain(String(body.code));
  });
});

describe('connections', () => {
  const store = () => createConnectionStore({ sessions: world.sessions, table: world.db.tenantsTable });
  const connect = (name: string, tenant = ann) =>
    store().put(tenant, {
      provider: 'bitrix24',
      name,
      auth: 'webhook',
      accountName: `Ann (${name})`,
      facts: { portal: 'canary-portal.bitrix24.com' },
      status: 'active',
      connectedAt: new Date(world.now).toISOString(),
      version: 'v1',
      envelope: { v: 1, edk: Buffer.from('e'), iv: Buffer.from('i'), ct: Buffer.from('c'), tag: Buffer.from('t') },
    });

  it('are listed with facts about the account and nothing of a credential', async () => {
    await connect('default');
    await createUsageStore({ sessions: world.sessions, table: world.db.tenantsTable, clock: () => world.now }).count(
      ann,
      'bitrix24',
      'default',
      false,
    );
    const listed = await world.call('GET', `/admin/v1/connections?${QUERY}`, undefined, onlyOf('acme'));
    expect(listed.body).toEqual({
      connections: [
        {
          provider_key: 'bitrix24',
          connection: 'default',
          account: 'Ann (default)',
          status: 'active',
          connected_at: '2026-11-22T10:00:00.000Z',
          last_used_at: '2026-11-22T10:00:00.000Z',
        },
      ],
    });
    expect((await world.call('GET', '/admin/v1/connections?client=acme&user=ann')).body).toEqual({ connections: [] });
    expect((await world.call('GET', '/admin/v1/connections')).status).toBe(400);
  });

  it('are removed one at a time, by name where there are several', async () => {
    await connect('work');
    const remove = (more: string) => world.call('DELETE', `/admin/v1/connections?${QUERY}&provider=bitrix24${more}`);
    const unclear = await remove('');
    expect(unclear.status).toBe(409);
    expect(ErrorBody.parse(unclear.body).error.next).toContain('default, work');
    expect((await remove('&connection=work')).body).toEqual({
      status: 'disconnected',
      provider_key: 'bitrix24',
      connection: 'work',
      revoked_at_provider: false,
    });
    expect((await remove('&connection=work')).status).toBe(404);
    expect((await remove('')).body).toMatchObject({ connection: 'default' });
    expect((await remove('')).status).toBe(404);
    expect(await store().list(ann)).toEqual([]);
  });

  it('are not removed for an organization without its user, which would be the default user', async () => {
    const solo = tenantId({ client: 'acme' });
    await connect('default', solo);
    const query = 'client=acme&org=jsm&provider=bitrix24';
    const { status, body } = await world.call('DELETE', `/admin/v1/connections?${query}`);
    expect([status, ErrorBody.parse(body).error.message]).toEqual([
      400,
      expect.stringContaining('user: name the user'),
    ]);
    expect(await store().list(solo)).toHaveLength(1);
    expect((await world.call('DELETE', `/admin/v1/connections?${query}&userId=ann`)).status).toBe(400);
    expect((await world.call('DELETE', '/admin/v1/connections?client=acme&provider=bitrix24')).status).toBe(200);
  });

  it('are announced to their client when they are removed, with the ids as they were sent', async () => {
    const parts = { client: 'acme', org: 'ü'.repeat(100), user: 'bob' };
    await connect('told', tenantId(parts));
    const query = new URLSearchParams({ ...parts, provider: 'bitrix24' }).toString();
    expect((await world.call('DELETE', `/admin/v1/connections?${query}`)).status).toBe(200);
    const { Items = [] } = await world.db.client.send(new ScanCommand({ TableName: world.db.tenantsTable }));
    const told = Items.filter(({ pk }) => pk?.S === 'Q#acme').map(({ body }) => JSON.parse(body?.S ?? '') as object);
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'connection.removed', org_id: parts.org, user_id: 'bob', connection: 'told' }),
    );
    expect(JSON.stringify(told)).not.toContain('canary');
  });
});

describe('usage', () => {
  it('is shown by month and account, newest first', async () => {
    const tenant = tenantId({ client: 'acme', user: 'counted' });
    let now = Date.parse('2026-10-05T00:00:00.000Z');
    const usage = createUsageStore({ sessions: world.sessions, table: world.db.tenantsTable, clock: () => now });
    await usage.count(tenant, 'bitrix24', 'default', false);
    now = Date.parse('2026-11-06T00:00:00.000Z');
    await usage.count(tenant, 'bitrix24', 'default', true);
    await usage.count(tenant, 'bitrix24', 'default', false);
    const path = '/admin/v1/usage?client=acme&user=counted';
    const october = {
      month: '2026-10',
      provider_key: 'bitrix24',
      connection: 'default',
      calls: 1,
      failures: 0,
      last_used_at: '2026-10-05T00:00:00.000Z',
    };
    const { body } = await world.call('GET', path, undefined, onlyOf('acme'));
    expect(body).toEqual({
      usage: [
        { ...october, month: '2026-11', calls: 2, failures: 1, last_used_at: '2026-11-06T00:00:00.000Z' },
        october,
      ],
    });
    expect((await world.call('GET', `${path}&month=2026-10`)).body).toEqual({ usage: [october] });
    expect((await world.call('GET', `${path}&month=2026-1`)).status).toBe(400);
  });
});

describe('the catalogue', () => {
  it('names each provider with its ways of signing in, categories and tools', async () => {
    const { body } = await world.call('GET', '/admin/v1/providers', undefined, onlyOf('acme'));
    const providers = body.providers as Record<string, { name?: string; id?: string }[]>[];
    expect(providers.map(({ key }) => key)).toEqual(['bitrix24', 'google_sheets', 'iiko', 'kommo']);
    expect(providers[1]).toMatchObject({
      auth: [{ id: 'oauth', kind: 'oauth2' }],
      source: 'own',
      verified: true,
      level: 'documented',
    });
    expect(providers[0]?.tools?.map(({ name }) => name)).toContain('bitrix24_list_deals');
  });
});
