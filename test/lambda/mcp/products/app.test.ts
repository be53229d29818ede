/** The HTTP calls for products, from a Request and a Principal to a Response, with everything in memory. */
import { describe, expect, it } from '@jest/globals';
import { ClientSettings, OrgSettings, type SettingsReader } from '../../../../core/tenant/settings.ts';
import type { Principal } from '../../../../core/keys/principal.ts';
import { hashCode, LINK_TTL_MS } from '../../../../core/connect/link.ts';
import { createEmbedApp, type EmbedDeps } from '../../../../lambda/mcp/products/app.ts';
import { createLog } from '../../../../core/log.ts';
import { hashSecret } from '../../../../core/vault/random-secret.ts';
import { createSearch } from '../../../../core/catalog/search.ts';
import { provider as googleSheets } from '../../../../providers/google_sheets/provider.ts';
import { catalogOf } from '../../../fakes/example-provider.ts';
import { fakeApps } from '../../../fakes/oauth-ports.ts';
import { principalOf } from '../../../fakes/principal.ts';
import { connectCall, GOOD, rig as mcpRig, structured } from '../connecting.ts';
import { firstClient, PUBLIC_URL } from '../endpoint.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const ANN = principalOf({ org: 'jsm', user: 'ann' });
const ALLOWED = ['https://app.example.com/connected', 'https://app.example.com/back/', 'http://localhost:3000/done'];
const ONE = '/connections/{provider_key}';

/** What people try where one address is allowed. */
const ELSEWHERE = [
  'https://evil.example/connected',
  'https://app.example.com.evil.example/connected',
  'https://app.example.com@evil.example/connected',
  'https://evil.example\\@app.example.com/connected',
  '//evil.example/connected',
  'http://app.example.com/connected',
  'https://app.example.com:8443/connected',
  'https://app.example.com/connected/more',
  'https://app.example.com/back',
  'https://app.example.com/back/../admin',
  'https://app.example.com/back/%2e%2e/admin',
  'https://app.example.com/connected#x',
  'https://user@app.example.com/connected',
  'http://localhost:3001/done',
  'javascript:alert(1)//app.example.com/connected',
  'data:text/html,x',
  '/connected',
  '',
];

function rig(more: Partial<EmbedDeps> = {}) {
  const served = mcpRig({ principal: ANN, deps: { clock: () => NOW } });
  const asked: unknown[] = [];
  const settings: SettingsReader = {
    async find(owner) {
      asked.push(owner);
      return { client: ClientSettings.parse({ return_urls: ALLOWED }), org: OrgSettings.parse({}) };
    },
  };
  const lines: string[] = [];
  const log = createLog({ service: 'mcp', write: (line) => lines.push(line), clock: () => NOW });
  const app = createEmbedApp({ ...served.deps, settings, ...more }, log);
  async function ask(method: string, path: string, body?: unknown, principal: Principal = ANN, resource?: string) {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const request = new Request(PUBLIC_URL + path, { method, ...(text === undefined ? {} : { body: text }) });
    const response = await app(request, principal, {
      requestId: 'r1',
      publicUrl: PUBLIC_URL,
      resource: resource ?? path.replace(/\?.*$/, '').replace(/^\/connections\/.+$/, ONE),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  }
  const connected = async (connection?: string, principal = ANN) => {
    const client = await firstClient(served.fetchAs(principal));
    await client.callTool(connectCall({ api_key: GOOD, ...(connection === undefined ? {} : { connection }) }));
    return client;
  };
  return { ...served, ask, lines, asked, connected };
}

const link = (body: object) => ({ provider_key: 'example', ...body });

describe('POST /connect-links', () => {
  it('answers 201 with a link for the tenant of the key, and nothing may keep it', async () => {
    const { ask, links } = rig();
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
    const { ask, links, asked } = rig();
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
      const { ask, links } = rig();
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
    const { ask, links } = rig();
    const answered = await ask('POST', '/connect-links', body);
    expect([answered.status, links.rows.size]).toEqual([400, 0]);
    const { error } = answered.body as { error: Record<string, string> };
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(Object.values(error).join(' ')).toContain(said);
  });

  it('names the nearest provider where there is none of that key, and refuses a large body', async () => {
    const { ask } = rig();
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
    const { ask, links } = rig({ catalog, search: createSearch(catalog), oauthApps: apps });
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
    const own = await rig({ catalog, search: createSearch(catalog), oauthApps: apps, settings: strict }).ask(
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
    const { ask, lines, links } = rig();
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

describe('GET /connections', () => {
  it('answers the same as list_connections, for the tenant of the key only', async () => {
    const { ask, connected } = rig();
    const client = await connected();
    await connected('work');
    await client.callTool({ name: 'example_list_things', arguments: {} });
    const listed = await client.callTool({ name: 'list_connections', arguments: {} });
    const { status, body } = await ask('GET', '/connections?org_id=jsm&user_id=ann');
    expect([status, body]).toEqual([200, structured(listed)]);
    expect((body as { connections: unknown[] }).connections).toHaveLength(2);
    expect(JSON.stringify(body)).not.toContain(GOOD);
    const bob = principalOf({ org: 'jsm', user: 'bob' });
    expect((await ask('GET', '/connections', undefined, bob)).body).toEqual({ connections: [] });
  });
});

describe('DELETE /connections/{provider_key}', () => {
  it('disconnects the only account, and says whether the provider was told', async () => {
    const { ask, connected, connections } = rig();
    await connected();
    expect(await ask('DELETE', '/connections/example?user_id=ann&org_id=jsm')).toMatchObject({
      status: 200,
      body: { status: 'disconnected', provider_key: 'example', connection: 'default', revoked_at_provider: false },
    });
    expect(connections.rows.size).toBe(0);
  });

  it('wants a name where there are several accounts, names them, and removes the one that is named', async () => {
    const { ask, connected, connections } = rig();
    await connected();
    await connected('work');
    const unnamed = await ask('DELETE', '/connections/example');
    expect(unnamed).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict', next: expect.stringContaining('default, work') } },
    });
    expect(connections.rows.size).toBe(2);
    expect(await ask('DELETE', '/connections/example?connection=work')).toMatchObject({
      status: 200,
      body: { connection: 'work' },
    });
    expect([...connections.rows.values()].map(({ name }) => name)).toEqual(['default']);
  });

  it.each([
    '/connections/example',
    '/connections/example?connection=other',
    '/connections/nothing',
    '/connections/%ff',
  ])('answers 404 for %s where there is no such account', async (path) => {
    const { ask, connected, connections } = rig();
    await connected('work');
    connections.rows.clear();
    expect(await ask('DELETE', path)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  it("never reaches another tenant's account", async () => {
    const { ask, connected, connections } = rig();
    await connected();
    const bob = principalOf({ org: 'jsm', user: 'bob' });
    expect((await ask('DELETE', '/connections/example', undefined, bob)).status).toBe(404);
    expect(connections.rows.size).toBe(1);
  });

  it.each(['?connection=', '?connection=a&connection=b', '?conection=work', '?provider_key=example'])(
    'refuses %s, so that a slip of the pen removes nothing',
    async (query) => {
      const { ask, connected, connections } = rig();
      await connected();
      expect(await ask('DELETE', `/connections/example${query}`)).toMatchObject({ status: 400 });
      expect(connections.rows.size).toBe(1);
    },
  );
});

describe('the HTTP calls for products', () => {
  it('are told apart by the resource of the API, whatever the path looks like', async () => {
    const { ask, connected, lines } = rig();
    await connected();
    for (const key of ['connect-links', 'connections']) {
      expect(await ask('DELETE', `/connections/${key}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found', next: expect.stringContaining('list_providers') } },
      });
      expect((await ask('GET', `/connections/${key}`)).headers.get('allow')).toBe('DELETE');
    }
    expect(new Set(lines.map((line) => (JSON.parse(line) as { route: string }).route))).toEqual(new Set([ONE]));
    // The base path of a domain may be called anything.
    for (const base of ['/connections', '/connect-links', '/v1/connections']) {
      expect((await ask('POST', `${base}/connect-links/`, link({}), ANN, '/connect-links')).status).toBe(201);
      expect((await ask('GET', `${base}/connections`, undefined, ANN, '/connections')).status).toBe(200);
    }
    expect(await ask('DELETE', '/connections/connections/example/', undefined, ANN, ONE)).toMatchObject({
      status: 200,
      body: { provider_key: 'example' },
    });
  });

  it.each([
    ['GET', '/connect-links', 'POST'],
    ['DELETE', '/connections', 'GET'],
    ['POST', '/connections/example', 'DELETE'],
  ])('answer 405 to %s %s with the method they take', async (method, path, allow) => {
    const { status, headers, body } = await rig().ask(method, path);
    expect([status, headers.get('allow')]).toEqual([405, allow]);
    expect(body).toEqual({
      error: { code: 'method_not_allowed', message: expect.any(String), next: expect.any(String) },
    });
  });

  it('answer 404 to another path, 400 to marked parameters, 403 to an operator', async () => {
    const { ask } = rig();
    expect((await ask('GET', '/connection')).status).toBe(404);
    const rejected: Principal = { kind: 'rejected', problem: 'The parameter user_id is empty.' };
    expect(await ask('GET', '/connections', undefined, rejected)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_input', message: 'The parameter user_id is empty.' } },
    });
    const operator: Principal = { kind: 'operator', keyId: 'k_o' };
    expect((await ask('GET', '/connections', undefined, operator)).status).toBe(403);
  });

  it('count against the requests of the key, and say when to come back', async () => {
    const seen: string[] = [];
    const { ask } = rig({
      keyLimiter: {
        request: async ({ keyId }) => (seen.push(keyId) > 1 ? { ok: false, limit: 1, retryAfter: 42 } : { ok: true }),
      },
    });
    expect((await ask('GET', '/connections')).status).toBe(200);
    const { status, headers, body } = await ask('POST', '/connect-links', link({}));
    expect([status, headers.get('retry-after')]).toEqual([429, '42']);
    expect(body).toMatchObject({ error: { code: 'rate_limited', retry_after: 42 } });
  });

  it('answer 500 with a reference that the log has too, and nothing of the exception', async () => {
    const { ask, lines } = rig({ usage: { read: async () => Promise.reject(new Error('canary')) } });
    const { status, body } = await ask('GET', '/connections');
    const { code, reference } = (body as { error: { code: string; reference: string } }).error;
    expect([status, code]).toEqual([500, 'internal']);
    expect(lines.filter((line) => line.includes(`"reference":"${reference}"`))).toHaveLength(1);
    expect(JSON.stringify([body, lines])).not.toContain('canary');
  });
});
