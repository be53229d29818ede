/**
 * The HTTP calls for products, over the laptop runtime: the template's routes, the real authorizer, roles and policies.
 * The page behind a link is tried elsewhere; here a link is only looked at.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findInFiles } from './markers.ts';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { callTool, closeConnections, send, type HttpAnswer, type Target } from './rpc.ts';
import { startE2e, START_TIMEOUT_MS, type E2eRuntime } from './runtime.ts';

const data = mkdtempSync(join(tmpdir(), 'allmcp-products-'));
let runtime: E2eRuntime;
let portals: TestPortals;
let key: string;
let links: readonly { readonly url: string; readonly code: string }[] = [];

beforeAll(async () => {
  portals = await startPortals(2);
  runtime = await startE2e({ data, routes: portals.routes });
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  closeConnections();
  rmSync(data, { recursive: true, force: true });
});

const tenancy = (user: string, more: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({ org_id: 'jsm', user_id: user, ...more }).toString();
const call = (method: string, path: string, query: string, body?: object, apiKey = key): Promise<HttpAnswer> =>
  send(`${runtime.url}${path}?${query}`, {
    method,
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const targetOf = (user: string): Target => ({ url: runtime.mcp({ org_id: 'jsm', user_id: user }), key });

describe('POST /connect-links', () => {
  it('gives a link to this server, which shows the page of the provider to whoever opens it', async () => {
    const { status, json, headers } = await call('POST', '/connect-links', tenancy('ann'), {
      provider_key: 'bitrix24',
      connection: 'work',
    });
    expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
    const link = json as { url: string; code: string; expires_at: string };
    expect(Object.keys(link).toSorted()).toEqual(['code', 'expires_at', 'url']);
    expect(link.url.startsWith(`${runtime.url}/connect/`)).toBe(true);
    expect(Date.parse(link.expires_at)).toBeGreaterThan(Date.now());
    const page = await send(link.url, { method: 'GET' });
    expect([page.status, page.text.includes('Bitrix24'), page.text.includes(link.code)]).toEqual([200, true, false]);
    links = [...links, link];
  });

  it('gives the agent the same kind of link', async () => {
    const { value, isError } = await callTool(targetOf('ann'), 'connect_provider', { provider_key: 'bitrix24' });
    expect([isError, value['status']]).toEqual([false, 'action_required']);
    const link = value as { url: string; code: string };
    expect((await send(link.url, { method: 'GET' })).text).toContain('Bitrix24');
    links = [...links, link];
    const without = await callTool(targetOf('ann'), 'connect_provider', { provider_key: 'google_sheets' });
    expect([without.isError, JSON.stringify(without.value)]).toEqual([true, expect.not.stringContaining('/connect/')]);
  });

  it('takes a place to return to only after an operator has allowed it for this client', async () => {
    const body = { provider_key: 'bitrix24', return_url: 'https://app.example.com/connected?tab=1' };
    const refused = await call('POST', '/connect-links', tenancy('ann'), body);
    expect([refused.status, refused.json]).toMatchObject([400, { error: { code: 'invalid_input' } }]);
    const settings = { return_urls: ['https://app.example.com/connected'] };
    expect((await runtime.admin('PATCH', '/clients/acme/settings', settings)).status).toBe(200);
    expect((await call('POST', '/connect-links', tenancy('ann'), body)).status).toBe(201);
    const other = await runtime.createKey({ client: 'other', type: 'platform' });
    expect((await call('POST', '/connect-links', tenancy('ann'), body, other.key)).status).toBe(400);
    const elsewhere = { ...body, return_url: 'https://app.example.com.evil.example/connected' };
    expect((await call('POST', '/connect-links', tenancy('ann'), elsewhere)).status).toBe(400);
  });

  it('is refused without a good key, and with one that is used beyond its type', async () => {
    const body = { provider_key: 'bitrix24' };
    for (const bad of ['', 'allmcp_nothing'])
      expect((await call('POST', '/connect-links', tenancy('ann'), body, bad)).status).toBe(401);
    const solo = await runtime.createKey({ client: 'acme', type: 'solo' });
    expect((await call('POST', '/connect-links', tenancy('ann'), body, solo.key)).status).toBe(403);
    const twice = await call('POST', '/connect-links', 'user_id=a&user_id=b', body);
    expect([twice.status, twice.json]).toMatchObject([400, { error: { code: 'invalid_input' } }]);
    expect((await call('POST', '/connect-links', '', body, runtime.operatorKey)).status).toBe(403);
  });
});

describe('GET and DELETE /connections', () => {
  beforeAll(async () => {
    const [first, second] = portals.all;
    if (first === undefined || second === undefined) throw new Error('no portals');
    await connect(targetOf('bob'), first);
    await connect(targetOf('bob'), second, 'work');
  });

  it('show the connections of the tenant that the parameters name, and of no other', async () => {
    const listed = await call('GET', '/connections', tenancy('bob'));
    expect([listed.status, listed.json]).toEqual([200, (await callTool(targetOf('bob'), 'list_connections')).value]);
    expect(listed.json).toMatchObject({
      connections: [
        { provider_key: 'bitrix24', connection: 'default', account: 'Owner of portal0', status: 'active' },
        { provider_key: 'bitrix24', connection: 'work', account: 'Owner of portal1', status: 'active' },
      ],
    });
    expect((await call('GET', '/connections', tenancy('carl'))).json).toEqual({ connections: [] });
  });

  it('remove the account that is named, with its tools, and nothing while a name is wanted', async () => {
    const path = '/connections/bitrix24';
    expect((await call('DELETE', path, tenancy('carl'))).status).toBe(404);
    const unnamed = await call('DELETE', path, tenancy('bob'));
    expect([unnamed.status, unnamed.json]).toMatchObject([409, { error: { code: 'conflict' } }]);
    const removed = await call('DELETE', path, tenancy('bob', { connection: 'work' }));
    expect([removed.status, removed.json]).toEqual([
      200,
      { status: 'disconnected', provider_key: 'bitrix24', connection: 'work', revoked_at_provider: false },
    ]);
    expect((await call('DELETE', path, tenancy('bob', { connection: 'work' }))).status).toBe(404);
    expect((await call('DELETE', path, tenancy('bob'))).status).toBe(200);
    expect(await callTool(targetOf('bob'), 'bitrix24_get_deal', { deal_id: 1 })).toMatchObject({
      isError: true,
      value: { code: 'not_connected' },
    });
  });
});

describe('the addresses for products', () => {
  it.each([
    ['GET', '/connect-links', 'POST'],
    ['POST', '/connections', 'GET'],
    ['OPTIONS', '/connections', 'GET'],
    ['GET', '/connections/bitrix24', 'DELETE'],
  ])('answer 405 to %s %s without a function, naming the method', async (method, path, allow) => {
    const before = runtime.awsCalls().length;
    const { status, headers, json } = await call(method, path, tenancy('ann'));
    expect([status, headers['allow'], json]).toMatchObject([405, allow, { error: { code: 'method_not_allowed' } }]);
    expect(runtime.awsCalls()).toHaveLength(before);
  });

  it('hold the limit of the key', async () => {
    const { key: slow } = await runtime.createKey({ client: 'acme', type: 'platform', rpm: 1 });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1)
      statuses.push((await call('GET', '/connections', tenancy('ann'), undefined, slow)).status);
    // A minute may begin in between.
    expect([200, 429]).toEqual([...new Set(statuses)].toSorted((a, b) => a - b));
  });

  it('never ask AWS for what the policies refuse', () => {
    const calls = runtime.awsCalls();
    expect(calls.length).toBeGreaterThan(30);
    expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('leave no link and no code in any file of the server, its tables included', async () => {
    expect(links).toHaveLength(2);
    await runtime.stop();
    const secrets = links.flatMap(({ url, code }) => [url.slice(-43), code]);
    expect(findInFiles(data, secrets, [])).toEqual([]);
    expect(findInFiles(data, ['portal0'], []).length).toBeGreaterThan(0);
    runtime = await startE2e({ data, routes: portals.routes });
  });
});
