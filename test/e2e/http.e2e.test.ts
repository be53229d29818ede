/** Every refusal that is given over HTTP: its status, its headers and its body. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintKey } from '../../core/keys/api-key.ts';
import { DeployConfig } from '../../lib/deploy-config.ts';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { closeConnections, rpc, rpcBody, send, type HttpAnswer, type Sent } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

let portals: TestPortals;
let runtime: E2eRuntime;
let key: string;
/** Where the host's clock stands still, while it does. */
let frozen: number | undefined;
beforeAll(async () => {
  portals = await startPortals(1);
  runtime = await startE2e({ routes: portals.routes, clock: () => frozen ?? Date.now() });
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  closeConnections();
});

const BURST = DeployConfig.parse({}).throttle.burst;
const LIST = rpcBody('tools/list');
const list = (headers: Sent['headers'], path = '/mcp'): Promise<HttpAnswer> =>
  send(runtime.url + path, { headers: { 'content-type': 'application/json', ...headers }, body: LIST });
const rpcError = (code: number) => ({ jsonrpc: '2.0', id: null, error: { code, message: expect.any(String) } });

describe('a good key', () => {
  it.each([
    ['X-API-Key', () => ({ 'X-API-Key': key })],
    ['x-api-key in lower case', () => ({ 'x-api-key': key })],
    ['Authorization: Bearer', () => ({ Authorization: `Bearer ${key}` })],
    ['Authorization: bearer', () => ({ authorization: `bearer ${key}` })],
    ['both headers with the same key', () => ({ 'X-API-Key': key, Authorization: `Bearer ${key}` })],
    ['X-API-Key beside an Authorization of another scheme', () => ({ 'X-API-Key': key, Authorization: 'Basic eDp5' })],
    ['X-API-Key beside an empty Authorization', () => ({ 'X-API-Key': key, Authorization: '' })],
    ['Authorization: Bearer beside an empty X-API-Key', () => ({ 'X-API-Key': '', Authorization: `Bearer ${key}` })],
  ])('is taken from %s', async (_how, headers) => {
    expect((await list(headers())).status).toBe(200);
    expect((await list(headers(), '/mcp/')).status).toBe(200);
  });
});

describe('a request without a good key', () => {
  it('gets one and the same 401, whatever is wrong', async () => {
    const other = (await runtime.createKey({ client: 'acme', type: 'platform' })).key;
    const revoked = await runtime.createKey({ client: 'acme', type: 'platform' });
    await runtime.admin('POST', `/keys/${revoked.id}/revoke`);
    const expired = await runtime.createKey({ client: 'acme', type: 'platform', expires_in: '1s' });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const mistyped = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');

    const wrong: readonly Sent['headers'][] = [
      {},
      { 'x-api-key': '' },
      { 'x-api-key': 'allmcp_' },
      { 'x-api-key': mistyped },
      { 'x-api-key': mintKey() },
      { 'x-api-key': `${key}x` },
      { 'x-api-key': revoked.key },
      { 'x-api-key': expired.key },
      { 'x-api-key': key.toUpperCase() },
      { authorization: key },
      { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
      { authorization: 'Bearer ' },
      { 'x-api-key': key, authorization: `Bearer ${other}` },
      { 'x-api-key': [key, other] },
      { 'x-api-key': `${key}, ${key}` },
      { 'x-api-key': 'x'.repeat(5_000) },
      { 'x-api-key': '{"$ne":null}' },
    ];
    const answers = await Promise.all(wrong.map((headers) => list(headers)));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="allmcp"');
      expect(answer.json).toEqual(rpcError(-32001));
    }
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('gets it before its parameters or its body are looked at', async () => {
    expect((await list({}, '/mcp?user_id=&user_id=')).status).toBe(401);
    expect((await send(`${runtime.url}/mcp`, { body: 'not json' })).status).toBe(401);
  });
});

describe('a key in the wrong place', () => {
  it('is refused with 403: an operator key at /mcp, an API key at /admin', async () => {
    const operator = await list({ 'x-api-key': runtime.operatorKey });
    expect([operator.status, operator.json]).toEqual([403, rpcError(-32003)]);
    const admin = await send(`${runtime.url}/admin/v1/clients`, { method: 'GET', headers: { 'x-api-key': key } });
    expect([admin.status, admin.json]).toEqual([403, rpcError(-32003)]);
  });
});

describe('an address or method that is not served', () => {
  it.each(['GET', 'DELETE', 'PUT', 'PATCH'])('%s /mcp is 405 and says what is allowed', async (method) => {
    for (const headers of [{}, { 'x-api-key': key }]) {
      for (const path of ['/mcp', '/mcp/', '/mcp?user_id=']) {
        const answer = await send(runtime.url + path, { method, headers });
        expect([path, answer.status, answer.headers['allow']]).toEqual([path, 405, 'POST']);
        expect(answer.json).toEqual(rpcError(-32005));
      }
    }
  });

  it.each([
    ['GET', '/'],
    ['POST', '/'],
    ['GET', '/.well-known/oauth-protected-resource'],
    ['GET', '/.well-known/oauth-protected-resource/mcp'],
    ['GET', '/.well-known/oauth-authorization-server'],
    ['GET', '/.well-known/openid-configuration'],
    ['POST', '/register'],
    ['POST', '/nothing/here'],
    ['GET', '/healthz/x'],
    ['GET', '/%2e%2e/etc/passwd'],
    ['GET', '/mcpx'],
  ])('%s %s is a 404 in JSON that names the way to sign in', async (method, path) => {
    const body = method === 'POST' ? { body: '{"client_name":"x","redirect_uris":[]}' } : {};
    for (const headers of [{}, { 'content-type': 'application/json' }, { authorization: `Bearer ${key}` }]) {
      const answer = await send(runtime.url + path, { method, headers, ...body });
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.json).toMatchObject({ error: 'not_found', error_description: expect.stringContaining('API key') });
    }
  });

  it('a path below /mcp is a 404', async () => {
    const answer = await list({ 'x-api-key': key }, '/mcp/other');
    expect([answer.status, answer.json]).toEqual([404, rpcError(-32004)]);
  });

  it('a request for another host is refused', async () => {
    expect((await list({ 'x-api-key': key, host: 'attacker.example' })).status).toBe(403);
  });
});

describe('/healthz', () => {
  it('answers without a key, with the version', async () => {
    const answer = await send(`${runtime.url}/healthz`, { method: 'GET' });
    expect([answer.status, answer.json]).toEqual([200, { status: 'ok', version: expect.stringMatching(/^\d+\.\d+/) }]);
  });
});

describe('a body that cannot be served', () => {
  it.each([5, 8, 11])('of %d MB is 413', async (megabytes) => {
    const body = rpcBody('tools/call', { name: 'list_connections', arguments: { x: 'x'.repeat(megabytes << 20) } });
    const headers = { 'x-api-key': key, 'content-type': 'application/json' };
    const answer = await send(`${runtime.url}/mcp`, { headers, body });
    expect([answer.status, answer.json]).toEqual([413, rpcError(-32013)]);
  });

  it.each([
    ['no JSON', 'not json'],
    ['nothing', ''],
    ['a number', '7'],
    ['an empty list', '[]'],
    ['no JSON-RPC', '{"hello":1}'],
  ])('that is %s is 400, as a JSON-RPC error', async (_what, body) => {
    const headers = { 'x-api-key': key, 'content-type': 'application/json' };
    const answer = await send(`${runtime.url}/mcp`, { headers, body });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) } });
  });

  it.each(['*/*', 'application/json', 'text/event-stream', 'text/html'])(
    'is not one whose Accept is %s: it is answered',
    async (accept) => {
      const { status, headers } = await list({ 'x-api-key': key, accept });
      expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    },
  );
});

describe('a parameter in the URL', () => {
  it.each([
    ['userId=ann', 'user_id'],
    ['orgId=jsm&userId=ann', 'org_id and user_id'],
    ['user_id[]=ann', 'user_id'],
    ['ORG_ID=jsm', 'org_id'],
    ['org_id=j;user_id=a', 'user_id'],
    ['org_id=j&amp;user_id=a', 'user_id'],
    ['full-catalog=true', 'full_catalog'],
  ])('that is mistyped is 400 and says what was meant: %s', async (query, meant) => {
    const headers = { 'x-api-key': key };
    for (const path of ['/mcp', '/mcp/']) {
      const { status, json } = await list(headers, `${path}?${query}`);
      expect([status, json]).toEqual([400, rpcError(-32600)]);
      expect(JSON.stringify(json)).toContain(`Did you mean ${meant}?`);
    }
    if (meant === 'full_catalog') return;
    for (const [method, path] of [
      ['POST', '/connect-links'],
      ['GET', '/connections'],
      ['POST', '/tenant-keys'],
    ] as const) {
      const { status, text } = await send(`${runtime.url}${path}?${query}`, { method, headers });
      expect([path, status, text.includes(`Did you mean ${meant}?`)]).toEqual([path, 400, true]);
    }
  });

  it('that a vendor or a monitor adds is passed over where browsers and monitors go', async () => {
    const health = await send(`${runtime.url}/healthz?utm_source=x&userId=1`, { method: 'GET' });
    const page = await send(`${runtime.url}/connect/${'x'.repeat(43)}?utm_source=x`, { method: 'GET' });
    const back = await send(`${runtime.url}/oauth/callback?state=x&code=y&vendor_extra=z`, { method: 'GET' });
    expect([health.status, page.status]).toEqual([
      200,
      (await send(`${runtime.url}/connect/${'x'.repeat(43)}`, { method: 'GET' })).status,
    ]);
    expect(back.text).not.toContain('parameters here');
  });
});

describe('the limits of a key', () => {
  it('of requests a minute end in 429 with the seconds to wait', async () => {
    const limited = await runtime.createKey({ client: 'acme', type: 'client', rpm: 3 });
    const answers: HttpAnswer[] = [];
    // A minute may begin in between: seven requests are more than two minutes may hold.
    for (let i = 0; i < 7; i += 1) answers.push(await list({ 'x-api-key': limited.key }));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.slice(0, 3).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(refused.length).toBeGreaterThan(0);
    for (const { json, headers } of refused) {
      expect(json).toEqual(rpcError(-32029));
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    expect((await list({ 'x-api-key': key })).status).toBe(200);
  });

  it('of provider calls a month end in 429, and system tools stay free', async () => {
    const limited = await runtime.createKey({ client: 'acme', type: 'client', monthly: 2 });
    const target = { url: runtime.mcp({ user_id: 'u' }), key: limited.key };
    const call = (name: string, args: object) => rpc(target, 'tools/call', { name, arguments: args });
    const provider = (): Promise<HttpAnswer> => call('bitrix24_get_deal', { deal_id: 1 });
    for (let i = 0; i < 5; i += 1) expect((await call('list_connections', {})).status).toBe(200);
    // Not connected, then with wrong arguments: no provider has seen any of these.
    for (let i = 0; i < 5; i += 1) expect((await provider()).status).toBe(200);
    const [portal] = portals.all;
    if (portal !== undefined) await connect(target, portal);
    for (let i = 0; i < 5; i += 1) expect((await call('bitrix24_get_deal', { deal_id: 'x' })).status).toBe(200);
    expect((await provider()).status).toBe(200);
    expect((await call('call_tool', { tool: 'bitrix24_get_deal', arguments: { deal_id: 1 } })).status).toBe(200);
    const over = await provider();
    expect([over.status, over.json]).toEqual([429, rpcError(-32029)]);
    const toMonthEnd = Number(over.headers['retry-after']);
    expect(toMonthEnd).toBeGreaterThan(0);
    expect(toMonthEnd).toBeLessThanOrEqual(31 * 86_400);
    expect((await call('call_tool', { tool: 'bitrix24_get_deal', arguments: { deal_id: 1 } })).status).toBe(429);
    expect((await call('get_usage', {})).json).toMatchObject({
      result: {
        structuredContent: { total_calls: 2, used: { calls_this_month: 2 }, remaining: { calls_this_month: 0 } },
      },
    });
  });

  it('count messages, not POSTs: none of forty runs under two a minute', async () => {
    const limited = await runtime.createKey({ client: 'acme', type: 'client', rpm: 2 });
    const post = (messages: number): Promise<HttpAnswer> => {
      const calls = Array.from({ length: messages }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
      return send(runtime.mcp({ user_id: 'u' }), {
        headers: { 'x-api-key': limited.key, 'content-type': 'application/json' },
        body: JSON.stringify(calls),
      });
    };
    const refused = await post(40);
    expect([refused.status, refused.json]).toEqual([429, rpcError(-32029)]);
    expect((await post(2)).status).toBe(200);
  });

  it('are not touched by four thousand messages that are none, and cost no write', async () => {
    const limited = await runtime.createKey({ client: 'acme', type: 'client', rpm: 5, monthly: 5 });
    await rpc({ url: runtime.mcp({ user_id: 'u' }), key: limited.key }, 'tools/list');
    runtime.resetAwsCalls();
    const answer = await send(runtime.mcp({ user_id: 'u' }), {
      headers: { 'x-api-key': limited.key, 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: 4_000 }, () => ({ method: 'tools/call' }))),
    });
    expect([answer.status, answer.json]).toEqual([400, rpcError(-32600)]);
    expect(runtime.awsCalls().filter(({ action }) => action === 'dynamodb:UpdateItem')).toEqual([]);
  });
});

describe('the limit of all keys together', () => {
  it('ends in 429 with Retry-After before any function runs', async () => {
    runtime.resetAwsCalls();
    // Without time passing nothing is refilled: the burst is served, and the next request is not.
    frozen = Date.now();
    const answers = await Promise.all(
      Array.from({ length: BURST + 50 }, () => send(`${runtime.url}/healthz`, { method: 'GET' })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(BURST);
    expect(refused.length).toBeGreaterThanOrEqual(50);
    for (const { json, headers } of refused)
      expect([json, headers['retry-after']]).toEqual([rpcError(-32029), expect.stringMatching(/^\d+$/)]);
    expect((await list({ 'x-api-key': key })).status).toBe(429);
    expect(runtime.awsCalls()).toEqual([]);
    frozen += 1_000;
    expect((await list({ 'x-api-key': key })).status).toBe(200);
    frozen = undefined;
  });
});
