/** OAuth apps through the admin API: stored, listed, tested and removed, and no secret on the way out. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ErrorBody } from '../../../lambda/admin/contract.ts';
import { EVERYONE, onlyOf, REDIRECT_URI, setUpAdmin, type AdminSetUp } from './set-up.ts';

const SECRET = 'canary-client-secret';

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
  for (const id of ['acme', 'other', 'strict']) await world.call('POST', '/admin/v1/clients', { id });
});
afterAll(() => world.stop());

const put = (body: object, principal = onlyOf('acme')) => world.call('PUT', '/admin/v1/oauth-apps', body, principal);
const everyone = EVERYONE;
const google = { provider: 'google_sheets', client_id: 'id-1', client_secret: SECRET };

async function problem(reply: ReturnType<typeof put>) {
  const { status, body } = await reply;
  return { status, ...ErrorBody.parse(body).error };
}

describe('an OAuth app', () => {
  it('is stored for an organization, a client or the platform, and says which address to register', async () => {
    expect(await put({ client: 'acme', org: 'jsm', ...google })).toMatchObject({
      status: 200,
      body: {
        level: 'org',
        client: 'acme',
        org: 'jsm',
        provider: 'google_sheets',
        client_id: 'id-1',
        has_secret: true,
        created_at: '2026-11-22T10:00:00.000Z',
        replaces: null,
        redirect_uri: REDIRECT_URI,
      },
    });
    expect((await put({ client: 'acme', ...google, client_id: 'id-2' })).body).toMatchObject({ level: 'client' });
    const platform = await world.call('PUT', '/admin/v1/oauth-apps', { ...google, client_id: 'id-3' });
    expect(platform.body).toMatchObject({ level: 'platform', client: null, org: null });
  });

  it('is listed for whoever may manage it, filtered as asked', async () => {
    await world.call('PUT', '/admin/v1/oauth-apps', { client: 'other', ...google, client_id: 'id-4' });
    const list = async (query: string, principal?: ReturnType<typeof onlyOf>) => {
      const { body } = await world.call('GET', `/admin/v1/oauth-apps${query}`, undefined, principal);
      expect(body.redirect_uri).toBe(REDIRECT_URI);
      return (body.oauth_apps as { client_id: string }[]).map(({ client_id }) => client_id).toSorted();
    };
    expect(await list('')).toEqual(['id-1', 'id-2', 'id-3', 'id-4']);
    expect(await list('', onlyOf('acme'))).toEqual(['id-1', 'id-2']);
    expect(await list('?client=acme&org=jsm')).toEqual(['id-1']);
    expect(await list('?client=acme&provider=kommo')).toEqual([]);
  });

  it('that takes the place of another one names the client id it replaces', async () => {
    const again = await put({ client: 'acme', ...google, client_id: 'id-2', client_secret: 'rotated' });
    expect(again.body.replaces).toBeNull();
    expect((await put({ client: 'acme', ...google, client_id: 'id-5' })).body.replaces).toBe('id-2');
  });

  it('is removed once, and then is not there', async () => {
    const path = '/admin/v1/oauth-apps?client=acme&org=gone&provider=google_sheets';
    await put({ client: 'acme', org: 'gone', ...google });
    expect(await world.call('DELETE', path)).toMatchObject({ status: 200, body: { org: 'gone', client_id: 'id-1' } });
    expect(await problem(world.call('DELETE', path))).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('stored again without a secret is refused until the app is removed', async () => {
    const owner = { client: 'acme', org: 'kept', provider: 'google_sheets' };
    await put({ ...google, ...owner });
    for (const client_id of ['id-1', 'id-2']) {
      const refused = await problem(put({ ...owner, client_id }));
      expect(refused).toMatchObject({ status: 409, code: 'conflict', message: expect.stringMatching(/stored secret/) });
      expect(refused.next).toContain('--client-secret-stdin');
    }
    const path = '/admin/v1/oauth-apps?client=acme&org=kept&provider=google_sheets';
    expect((await world.call('DELETE', path)).body).toMatchObject({ client_id: 'id-1', has_secret: true });
    expect((await put({ ...owner, client_id: 'id-1' })).body).toMatchObject({ has_secret: false });
    // A public app may become another public one, or get a secret.
    expect((await put({ ...owner, client_id: 'id-2' })).status).toBe(200);
    expect((await put({ ...google, ...owner })).body).toMatchObject({ has_secret: true });
  });

  it.each([
    ['a provider that there is not, naming the nearest', { provider: 'goggle_sheets' }, 404, /google_sheets/],
    [
      'a provider that is like none, naming all',
      { provider: 'zzzzzzzzz' },
      404,
      /bitrix24, google_sheets, iiko, kommo/,
    ],
    ['a provider without OAuth, naming how it is connected', { provider: 'iiko' }, 400, /API|login/i],
    ['an unknown client', { client: 'nobody' }, 404, /create/],
    [
      'a missing secret where the vendor gives one to every app',
      { provider: 'kommo', client_secret: undefined },
      400,
      /client_secret/,
    ],
  ])('is refused for %s', async (_name, change, status, next) => {
    const refused = await problem(put({ client: 'acme', ...google, ...change }, everyone));
    expect(refused.status).toBe(status);
    expect(refused.next).toMatch(next);
  });

  it.each([
    [{ client_id: '' }],
    [{ client_id: 'a\nb' }],
    [{ client_id: 'ä' }],
    [{ client_secret: '' }],
    [{ client_secret: `${SECRET}\u0000` }],
    [{ client_secret: `${SECRET}ä` }],
    [{ client_secret: SECRET.repeat(300) }],
    [{ client: undefined, org: 'jsm' }],
    [{ secret: SECRET }],
  ])('is refused with %j, and the refusal quotes no value', async (change) => {
    const { status, text } = await put({ client: 'acme', ...google, ...change }, everyone);
    expect(status).toBe(400);
    expect(text).not.toContain('canary');
  });

  it('may be public where the vendor takes PKCE', async () => {
    const made = await put({ client: 'acme', org: 'public', ...google, client_secret: undefined });
    expect(made.body).toMatchObject({ has_secret: false });
  });
});

describe('testing an OAuth app', () => {
  const test = (body: object, principal?: ReturnType<typeof onlyOf>) =>
    world.call('POST', '/admin/v1/oauth-apps/test', body, principal);
  const statusOf = (body: Record<string, unknown>) =>
    Object.fromEntries(
      (body.checks as { check: string; status: string }[]).map(({ check, status }) => [check, status]),
    );

  it('says that the app is there, and that the first consent proves its secret', async () => {
    const { status, body, text } = await test(
      { client: 'acme', org: 'jsm', provider: 'google_sheets' },
      onlyOf('acme'),
    );
    expect([status, body.ok, body.redirect_uri]).toEqual([200, true, REDIRECT_URI]);
    expect(body.app).toMatchObject({ level: 'org', client_id: 'id-1' });
    expect(statusOf(body)).toEqual({
      app: 'ok',
      authorize_url: 'ok',
      redirect_uri: 'untested',
      secret: 'untested',
    });
    expect(text).toContain('accounts.google.com');
    expect(text).toContain('the first consent proves');
  });

  it('opens no secret', async () => {
    await test({ client: 'acme', provider: 'google_sheets' });
    expect(new Set(world.kms.calls.map(({ operation }) => operation))).toEqual(new Set(['GenerateDataKey']));
  });

  it("falls back to the client's app and then the platform's, unless the client refuses that", async () => {
    const found = async (body: object) =>
      ((await test({ ...body, provider: 'google_sheets' })).body.app as { level: string } | null)?.level;
    expect(await found({ client: 'acme', org: 'none' })).toBe('client');
    expect(await found({ client: 'strict', org: 'none' })).toBe('platform');
    await world.call('PATCH', '/admin/v1/clients/strict/settings', { org_app: 'refuse' });
    const refused = await test({ client: 'strict', org: 'none', provider: 'google_sheets' });
    expect(refused.body).toMatchObject({ ok: false, app: null });
    expect(refused.text).toContain('org_app: refuse');
    // The client itself is no organization.
    expect(await found({ client: 'strict' })).toBe('platform');
  });

  it('fills in examples for what a person is asked before the redirect', async () => {
    await put({ client: 'acme', provider: 'bitrix24', client_id: 'local.1', client_secret: SECRET });
    const { body, text } = await test({ client: 'acme', provider: 'bitrix24' });
    expect(statusOf(body).authorize_url).toBe('ok');
    expect(text).toContain('acme.bitrix24.com');
  });

  it('fails when no app is stored, and refuses what has no consent', async () => {
    expect((await test({ client: 'acme', provider: 'kommo' })).body).toMatchObject({ ok: false, app: null });
    expect((await test({ client: 'acme', provider: 'iiko' })).status).toBe(400);
    expect((await test({ client: 'acme', provider: 'komo' })).status).toBe(404);
  });
});

describe('the secret of an OAuth app', () => {
  it('is in no answer, no listing, no log line and no row in clear', async () => {
    const texts: string[] = [];
    const call = async (...args: Parameters<AdminSetUp['call']>) => texts.push((await world.call(...args)).text);
    const owner = { client: 'acme', org: 'leak' };
    await call('PUT', '/admin/v1/oauth-apps', { ...owner, ...google });
    await call('PUT', '/admin/v1/oauth-apps', { ...owner, ...google, provider: SECRET });
    await call('PUT', '/admin/v1/oauth-apps', { ...owner, ...google, [SECRET.slice(0, 6)]: SECRET });
    await call('GET', '/admin/v1/oauth-apps');
    await call('POST', '/admin/v1/oauth-apps/test', { ...owner, provider: 'google_sheets' });
    await call('GET', '/admin/v1/clients/acme/orgs');
    const { Items = [] } = await world.db.client.send(new ScanCommand({ TableName: world.db.tenantsTable }));
    texts.push(
      JSON.stringify(Items, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      ),
    );
    await call('DELETE', '/admin/v1/oauth-apps?client=acme&org=leak&provider=google_sheets');
    expect(texts.join('\n')).toContain('"org":"leak"');
    expect(world.lines.length).toBeGreaterThan(5);
    expect([...texts, ...world.lines].join('\n')).not.toContain(SECRET);
  });
});
