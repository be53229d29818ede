/** Tenant keys over HTTP: made with a platform key, used by whoever serves one user, ended with their parent. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashKey } from '../../core/keys/api-key.ts';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { accountsOf, closeConnections, rpc, rpcBody, send, type HttpAnswer, type Sent } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

const PAGE = 'http://localhost:6274';
const ANN = { org_id: 'jsm', user_id: 'ann' };

let portals: TestPortals;
let runtime: E2eRuntime;
beforeAll(async () => {
  portals = await startPortals(1);
  runtime = await startE2e({ routes: portals.routes });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  closeConnections();
});

type Query = Readonly<Record<string, string>>;
const parentKey = (more: Readonly<Record<string, unknown>> = {}) =>
  runtime.createKey({ client: 'acme', type: 'platform', ...more });

function ask(key: string, query: Query, { headers, ...sent }: Sent = {}): Promise<HttpAnswer> {
  const url = `${runtime.url}/tenant-keys?${new URLSearchParams(query).toString()}`;
  return send(url, { body: '{"ttl_seconds":900}', ...sent, headers: { 'x-api-key': key, ...headers } });
}

async function tenantKey(parent: string, query: Query = ANN): Promise<string> {
  const answer = await ask(parent, query);
  if (answer.status !== 201) throw new Error(`no tenant key: ${answer.status} ${answer.text}`);
  return (answer.json as { key: string }).key;
}

const status = async (key: string, query: Query = {}): Promise<number> =>
  (await rpc({ url: runtime.mcp(query), key }, 'tools/list')).status;
const rpcError = (code: number) => ({ jsonrpc: '2.0', id: null, error: { code, message: expect.any(String) } });

describe('a tenant key', () => {
  it('is made with a platform key, and sees what its one tenant has connected', async () => {
    const { key: parent } = await parentKey();
    const [portal] = portals.all;
    if (portal === undefined) throw new Error('there is no portal');
    await connect({ url: runtime.mcp(ANN), key: parent }, portal);
    const before = Date.now();
    const answer = await ask(parent, ANN);
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    const made = answer.json as { key: string; expires_at: string };
    expect(made).toEqual({ key: expect.any(String), expires_at: expect.any(String), tenant: ANN });
    const life = Date.parse(made.expires_at) - before;
    expect(life).toBeGreaterThanOrEqual(900_000);
    expect(life).toBeLessThan(960_000);
    expect(await accountsOf({ url: runtime.mcp(), key: made.key })).toEqual([portal.account]);
    expect(await accountsOf({ url: runtime.mcp(ANN), key: made.key })).toEqual([portal.account]);
    const other = await tenantKey(parent, { org_id: 'jsm', user_id: 'bob' });
    expect(await accountsOf({ url: runtime.mcp(), key: other })).toEqual([]);
  });

  it.each<[string, Query]>([
    ['another user', { user_id: 'bob' }],
    ['another organization', { org_id: 'other', user_id: 'ann' }],
    ['an organization alone', { org_id: 'other' }],
  ])('is refused with 403 for %s', async (_whose, query) => {
    const key = await tenantKey((await parentKey()).key);
    const answer = await rpc({ url: runtime.mcp(query), key }, 'tools/list');
    expect([answer.status, answer.json]).toEqual([403, rpcError(-32003)]);
    expect(answer.text).toContain('This is a tenant key');
  });

  it('keeps to its tenant at the addresses for products too', async () => {
    const key = await tenantKey((await parentKey()).key, { user_id: 'carol' });
    const connections = (query: string) =>
      send(`${runtime.url}/connections${query}`, { method: 'GET', headers: { 'x-api-key': key } });
    for (const query of ['', '?user_id=carol']) {
      const answer = await connections(query);
      expect([answer.status, answer.json]).toEqual([200, { connections: [] }]);
    }
    expect((await connections('?user_id=ann')).status).toBe(403);
    const link = await send(`${runtime.url}/connect-links?user_id=ann`, {
      headers: { 'x-api-key': key },
      body: '{"provider_key":"bitrix24"}',
    });
    expect(link.status).toBe(403);
  });

  it('ends with the next request after its parent was revoked, with a 401', async () => {
    const parent = await parentKey();
    const key = await tenantKey(parent.key);
    expect(await status(key)).toBe(200);
    expect((await runtime.admin('POST', `/keys/${parent.id}/revoke`)).status).toBe(200);
    const [refused, unknown] = await Promise.all(
      [key, 'allmcp_nothing'].map((one) => rpc({ url: runtime.mcp(), key: one }, 'tools/list')),
    );
    expect([refused?.status, refused?.json]).toEqual([401, rpcError(-32001)]);
    expect(refused?.text).toBe(unknown?.text);
  });

  it('ends when its parent expires', async () => {
    const { key: parent } = await parentKey({ expires_in: '3s' });
    const made = (await ask(parent, ANN)).json as { key: string; expires_at: string };
    expect(await status(made.key)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(made.expires_at) - Date.now()) + 50));
    expect(await status(made.key)).toBe(401);
  });

  it('ends by itself while its parent lives on', async () => {
    const { id: keyId, key: parent } = await parentKey();
    const ends = Date.now() + 2_000;
    // What the authorizer says of a parent that ends in two seconds: the function makes nothing that lives longer.
    const expiresAt = new Date(ends).toISOString();
    const authorizer = { kind: 'issuer', keyId, keyHash: hashKey(parent), clientId: 'acme', user: 'ann', expiresAt };
    const answer = (await runtime.invoke('TenantKeysFunction', {
      httpMethod: 'POST',
      path: '/tenant-keys',
      body: '{"ttl_seconds":900}',
      requestContext: { authorizer },
    })) as { body: string };
    const { key } = JSON.parse(answer.body) as { key: string };
    expect(await status(key)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, ends - Date.now()) + 50));
    expect([await status(key), await status(parent)]).toEqual([401, 200]);
  });

  it('cannot make tenant keys, not even for its own tenant, and does not open /admin/v1', async () => {
    const key = await tenantKey((await parentKey()).key);
    for (const query of [{}, ANN]) {
      const answer = await ask(key, query);
      expect([answer.status, answer.json]).toEqual([403, rpcError(-32003)]);
      expect(answer.text).toContain('it cannot make tenant keys');
    }
    const admin = await send(`${runtime.url}/admin/v1/clients`, { method: 'GET', headers: { 'x-api-key': key } });
    expect([admin.status, admin.json]).toEqual([403, rpcError(-32003)]);
  });

  it('counts on the key it was made with, together with every other', async () => {
    const { key: parent } = await parentKey({ rpm: 3 });
    const keys = [await tenantKey(parent), await tenantKey(parent, { user_id: 'bob' }), parent];
    const seen: number[] = [];
    // A minute may begin in between: eight requests are more than two minutes may hold.
    for (let i = 0; i < 8; i += 1) seen.push(await status(keys[i % keys.length] ?? ''));
    expect(seen.slice(0, 3)).toEqual([200, 200, 200]);
    expect(seen).toContain(429);
  });

  it('is not among the keys of its client', async () => {
    const parent = await runtime.createKey({ client: 'listed', type: 'client' });
    await tenantKey(parent.key, { user_id: 'ann' });
    const listed = (await (await runtime.admin('GET', '/keys?client=listed')).json()) as { keys: { id: string }[] };
    expect(listed.keys.map(({ id }) => id)).toEqual([parent.id]);
  });

  it('works from a web page as any key does', async () => {
    const key = await tenantKey((await parentKey()).key);
    const headers = { origin: PAGE, 'x-api-key': key, 'content-type': 'application/json' };
    const answer = await send(runtime.mcp(), { headers, body: rpcBody('tools/list') });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, PAGE]);
  });
});

describe('POST /tenant-keys', () => {
  it('is not for web pages: no preflight is granted, no response readable', async () => {
    const { key } = await parentKey();
    const preflight = await ask(key, ANN, {
      method: 'OPTIONS',
      headers: { origin: PAGE, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
    });
    expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([405, undefined]);
    const answer = await ask(key, ANN, { headers: { origin: PAGE } });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([201, undefined]);
  });

  it.each(['GET', 'PUT', 'DELETE'])('is the only method: %s is 405 and says so', async (method) => {
    const answer = await ask((await parentKey()).key, ANN, { method });
    expect([answer.status, answer.headers['allow'], answer.json]).toEqual([405, 'POST', rpcError(-32005)]);
  });

  it('takes no solo key, no operator key and no bad one', async () => {
    const solo = await ask((await runtime.createKey({ client: 'acme', type: 'solo' })).key, {});
    expect([solo.status, solo.json]).toEqual([403, rpcError(-32003)]);
    expect(solo.text).toContain('This is a solo key');
    expect((await ask(runtime.operatorKey, ANN)).status).toBe(403);
    const bad = await ask('allmcp_nothing', ANN);
    expect([bad.status, bad.json]).toEqual([401, rpcError(-32001)]);
    expect(bad.headers['www-authenticate']).toContain('Bearer');
  });

  it('refuses what its key may not reach, and says so', async () => {
    const pinned = await parentKey({ org: ['jsm'] });
    expect((await ask(pinned.key, ANN)).status).toBe(201);
    expect((await ask(pinned.key, { ...ANN, org_id: 'other' })).status).toBe(403);
    expect((await ask(pinned.key, {})).status).toBe(403);
    const client = await runtime.createKey({ client: 'acme', type: 'client' });
    expect((await ask(client.key, ANN)).status).toBe(403);
    expect((await ask(client.key, {})).json).toMatchObject({ tenant: {} });
  });

  it.each(['', 'not json', '{}', '{"ttl_seconds":86401}', '{"ttl_seconds":59}', '{"ttl_seconds":900,"user_id":"bob"}'])(
    'answers 400 that says what to send when it is sent %j',
    async (body) => {
      const answer = await ask((await parentKey()).key, ANN, { body });
      expect([answer.status, answer.json]).toEqual([
        400,
        { error: { code: 'invalid_input', message: expect.stringContaining('ttl_seconds'), next: expect.any(String) } },
      ]);
    },
  );

  it.each(['user_id=a&user_id=b', 'user_id='])('answers 400 that names the parameter for %s', async (query) => {
    const headers = { 'x-api-key': (await parentKey()).key };
    const answer = await send(`${runtime.url}/tenant-keys?${query}`, { headers, body: '{"ttl_seconds":900}' });
    expect([answer.status, answer.json]).toMatchObject([
      400,
      { error: { message: expect.stringContaining('user_id') } },
    ]);
  });

  it('leaves no key and no hash in any log, and each id in two', async () => {
    const { id, key: parent } = await parentKey();
    const key = await tenantKey(parent);
    expect(await accountsOf({ url: runtime.mcp(), key })).toBeDefined();
    expect(await accountsOf({ url: runtime.mcp(), key: parent })).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const folder = join(runtime.data, 'logs');
    const text = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    for (const secret of [key.slice(0, 15), parent.slice(0, 15), hashKey(key), hashKey(parent)])
      expect(text).not.toContain(secret);
    const lines = text.split('\n').filter((line) => line.includes('tenantKeyId') && line.includes(id));
    expect(lines.map((line) => (JSON.parse(line.slice(line.indexOf('{'))) as { service: string }).service)).toEqual(
      expect.arrayContaining(['tenant-keys', 'mcp']),
    );
  });

  it('has needed no permission that the template does not grant', () => {
    expect(runtime.awsCalls().filter(({ allowed }) => !allowed)).toEqual([]);
  });
});
