/** `POST /connect-links`: a link for the tenant of the key. */
import { describe, expect, it } from '@jest/globals';
import { ClientSettings, OrgSettings, type SettingsReader } from '../../../../core/tenant/settings.ts';
import { LINK_TTL_MS } from '../../../../core/connect/link.ts';
import { hashCode } from '../../../../core/connect/link-code.ts';
import { hashSecret } from '../../../../core/vault/random-secret.ts';
import { provider as googleSheets } from '../../../../providers/google_sheets/provider.ts';
import { catalogOf } from '../../../fakes/example-provider.ts';
import { fakeApps } from '../../../fakes/oauth-ports.ts';
import { NOW, ANN, ELSEWHERE, setUpProducts, link } from './products.ts';

describe('POST /connect-links', () => {
  it('answers 201 with a link for the tenant of the key, and nothing may keep it', async () => {
    const { ask, links } = setUpProducts();
    const { status, headers, body } = await ask('POST', '/connect-links?org_id=jsm&user_id=ann', link({}));
    expect([status, headers.get('cache-control'), headers.get('access-control-allow-origin')]).toEqual([
      201,
      'no-store',
      null,
    ]);
    expect(body).toEqual({
      url: expect.stringMatching(/^https:\/\/gateway\.test\/connect\/[A-Za-z0-9_-]{43}$/),
      code: expect.stringMatching(/^[A-Z0-9]{3}-[A-Z0-9]{3}$/),
      expires_at: new Date(NOW + LINK_TTL_MS).toISOString(),
    });
    const { url, code } = body as { url: string; code: string };
    const secret = url.slice(-43);
    expect(links.rows.get(hashSecret(secret))).toMatchObject({
      tenant: ANN.tenant,
      client: 'acme',
      org: 'jsm',
      user: 'ann',
      provider: 'example',
      connection: 'default',
      codeHash: hashCode(secret, code),
      returnUrl: undefined,
    });
  });

  it('takes a name for a further account, and an allowed return address', async () => {
    const { ask, links, asked } = setUpProducts();
    for (const return_url of [
      'https://app.example.com/connected?tab=2',
      'https://app.example.com/back/to/here',
      'http://localhost:3000/done',
    ])
      expect((await ask('POST', '/connect-links', link({ connection: 'work', return_url }))).status).toBe(201);
    expect([...links.rows.values()].map(({ connection, returnUrl }) => [connection, returnUrl])).toEqual([
      ['work', 'https://app.example.com/connected?tab=2'],
      ['work', 'https://app.example.com/back/to/here'],
      ['work', 'http://localhost:3000/done'],
    ]);
    expect(asked[0]).toEqual({ client: 'acme', org: 'jsm' });
  });

  it('makes no link that sends a person on to an address that the client has not allowed', async () => {
    for (const return_url of ELSEWHERE) {
      const { ask, links } = setUpProducts();
      const { status, body } = await ask('POST', '/connect-links', link({ return_url }));
      expect([return_url, status, links.rows.size]).toEqual([return_url, 400, 0]);
      expect(body).toEqual({
        error: {
          code: 'invalid_input',
          message: expect.stringContaining('return_url'),
          next: expect.stringContaining('return_urls in the settings of this client'),
        },
      });
      if (return_url !== '') expect(JSON.stringify(body)).not.toContain(return_url);
    }
  });

  it.each([
    ['no JSON', '{', 'is not JSON. Send a JSON object like {"provider_key": "google_sheets"}'],
    ['nothing in it', undefined, 'The body is missing, or is not JSON. Send a JSON object like {"provider_key":'],
    ['no object', '[]', 'expected object'],
    ['no provider', {}, 'provider_key'],
    ['a name that cannot be one', link({ connection: 'A b' }), 'connection: a name of up to 40'],
    ['an empty name', link({ connection: '' }), 'connection: a name of up to 40'],
    ['a field that is not known', link({ user_id: 'bob' }), 'user_id'],
    ['a field of another kind', link({ return_url: 1 }), 'return_url'],
  ])('refuses a body with %s, naming the field', async (_name, body, said) => {
    const { ask, links } = setUpProducts();
    const answered = await ask('POST', '/connect-links', body);
    expect([answered.status, links.rows.size]).toEqual([400, 0]);
    const { error } = answered.body as { error: Record<string, string> };
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(Object.values(error).join(' ')).toContain(said);
  });

  it('names the nearest provider where there is none of that key, and refuses a large body', async () => {
    const { ask } = setUpProducts();
    expect(await ask('POST', '/connect-links', { provider_key: 'exampel' })).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', next: 'Did you mean example?' } },
    });
    expect(await ask('POST', '/connect-links', link({ connection: 'x'.repeat(17_000) }))).toMatchObject({
      status: 413,
      body: { error: { code: 'too_large' } },
    });
  });

  it('refuses a link to a page that could only say that there is no OAuth app', async () => {
    const catalog = catalogOf(googleSheets);
    const apps = fakeApps([]);
    const strict: SettingsReader = {
      find: async () => ({ client: ClientSettings.parse({ org_app: 'refuse' }), org: OrgSettings.parse({}) }),
    };
    const wanted = { provider_key: 'google_sheets' };
    const { ask, links } = setUpProducts({ catalog, oauthApps: apps });
    expect(await ask('POST', '/connect-links', wanted)).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'conflict',
          message: 'Google Sheets is connected by OAuth only, and no app is stored that this client could use.',
          next: expect.stringContaining('oauth-apps set'),
        },
      },
    });
    expect(links.rows.size).toBe(0);
    apps.rows.push({ level: 'client', client: 'acme', provider: 'google_sheets', clientId: 'a' });
    expect((await ask('POST', '/connect-links', wanted)).status).toBe(201);
    const own = await setUpProducts({ catalog, oauthApps: apps, settings: strict }).ask(
      'POST',
      '/connect-links',
      wanted,
    );
    expect(own).toMatchObject({
      status: 409,
      body: {
        error: { message: expect.stringContaining('an app of its own'), next: expect.stringContaining('--org') },
      },
    });
  });

  it('leaves neither the link nor its code, nor an address it was given, in a log line', async () => {
    const { ask, lines, links } = setUpProducts();
    const { body } = await ask('POST', '/connect-links', link({ return_url: 'https://app.example.com/back/canary' }));
    await ask('POST', '/connect-links', link({ return_url: 'https://evil.example/canary' }));
    const { url, code } = body as { url: string; code: string };
    const [stored] = [...links.rows.values()];
    const logged = lines.join('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'embed request', route: '/connect-links', status: 201 });
    for (const hidden of [url.slice(-43), code, stored?.hash ?? '?', stored?.codeHash ?? '?', 'canary', 'https:'])
      expect(logged).not.toContain(hidden);
  });
});
