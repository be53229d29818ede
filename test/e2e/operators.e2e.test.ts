/**
 * What a platform team does, by the command line as people run it, against the functions, roles and keys of the
 * template: an OAuth app, a connect link that a person follows, the connection, its usage, its end.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allmcpProcess } from '../cli/set-up.ts';
import { filesOf, findIn } from './markers.ts';
import { startPortals, type TestPortals } from './portals.ts';
import { callTool, closeConnections } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

const SECRET = 'canaryclientsecret4Tz8Lw';
const ANN = ['--client', 'acme', '--org', 'jsm', '--user', 'ann'];

let portals: TestPortals;
let runtime: E2eRuntime;
let key: string;
const printed: string[] = [];
beforeAll(async () => {
  portals = await startPortals(1);
  runtime = await startE2e({ routes: portals.routes });
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  closeConnections();
});

async function allmcp<T = Record<string, unknown>>(args: readonly string[], input?: string): Promise<T> {
  const { code, out, err } = await allmcpProcess([...args, '--json', '--data', runtime.data], {}, undefined, input);
  printed.push(out, err);
  if (code !== 0) throw new Error(`allmcp ${args.join(' ')}: ${code} ${err}`);
  return JSON.parse(out) as T;
}

interface Link {
  readonly url: string;
  readonly code: string;
}

/** The page, filled in and sent as a browser does. */
async function fillIn({ url, code }: Link, fields: Readonly<Record<string, string>>): Promise<Response> {
  const page = await fetch(url);
  const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0]);
  const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(await page.text()) ?? [];
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookie.join('; ') },
    body: new URLSearchParams({ ...fields, code, form_token: token }).toString(),
  });
}

describe('an operator', () => {
  it('stores an OAuth app, and a consent begins with it', async () => {
    const set = ['oauth-apps', 'set', '--client', 'acme', '--provider', 'kommo', '--client-id', 'kommo-app-1'];
    const stored = await allmcp([...set, '--client-secret-stdin'], `${SECRET}\n`);
    expect(stored).toMatchObject({ has_secret: true, redirect_uri: `${runtime.url}/oauth/callback` });
    expect(await allmcp(['oauth-apps', 'test', '--client', 'acme', '--provider', 'kommo'])).toMatchObject({ ok: true });
    const link = await allmcp<Link>(['connect-link', ...ANN, '--provider', 'kommo']);
    const sent = await fillIn(link, { way: 'oauth' });
    const consent = new URL(sent.headers.get('location') ?? '');
    expect([sent.status, consent.host, consent.searchParams.get('client_id')]).toEqual([
      303,
      'www.kommo.com',
      'kommo-app-1',
    ]);
  });

  it('hands out a link, and sees the account, its calls and its end', async () => {
    const [portal] = portals.all;
    if (portal === undefined) throw new Error('there is no portal');
    const link = await allmcp<Link>(['connect-link', ...ANN, '--provider', 'bitrix24', '--connection', 'work']);
    expect((await fillIn(link, { way: 'webhook', api_key: portal.webhook })).status).toBe(200);
    const tenant = { url: runtime.mcp({ org_id: 'jsm', user_id: 'ann' }), key };
    await callTool(tenant, 'bitrix24_list_deals', {});

    expect(await allmcp(['connections', 'list', ...ANN])).toMatchObject([
      { provider_key: 'bitrix24', connection: 'work', account: portal.account, status: 'active' },
    ]);
    expect(await allmcp(['connections', 'list', '--client', 'acme', '--user', 'ann'])).toEqual([]);
    expect(await allmcp(['usage', ...ANN])).toMatchObject([{ provider_key: 'bitrix24', connection: 'work', calls: 1 }]);
    await allmcp(['connections', 'remove', ...ANN, '--provider', 'bitrix24', '--yes']);
    expect(await allmcp(['connections', 'list', ...ANN])).toEqual([]);
    const { isError, text } = await callTool(tenant, 'bitrix24_list_deals', {});
    expect([isError, text]).toEqual([true, expect.stringContaining('not_connected')]);
  });

  it('makes a call as that user would, and finds out why it failed', async () => {
    const { code, out, err } = await allmcpProcess(['call', 'bitrix24_list_deals', ...ANN, '--json'], {
      ALLMCP_DATA: runtime.data,
    });
    const told = JSON.parse(out) as { code: string; reference: string };
    expect([code, told.code, err]).toEqual([1, 'not_connected', expect.stringContaining(told.reference)]);
    const [failure] = await allmcp<Record<string, unknown>[]>(['why', '--ref', told.reference]);
    expect(failure).toMatchObject({
      client: 'acme',
      org: 'jsm',
      user: 'ann',
      tool: 'bitrix24_list_deals',
      cause: null,
    });
    const all = await allmcp<Record<string, unknown>[]>(['why', ...ANN]);
    expect(all[0]).toEqual(failure);
    expect(await allmcp(['call', 'list_connections', ...ANN])).toEqual({ connections: [] });
  });

  it('gives a client and an organization their look, which the page then has', async () => {
    await allmcp(['clients', 'settings', '--client', 'acme', '--name', 'Acme Desk', '--color', '#123abc']);
    await allmcp(['orgs', 'set', '--client', 'acme', '--org', 'jsm', '--name', 'JSM Portal']);
    const page = async (args: readonly string[]) =>
      (await fetch((await allmcp<Link>(['connect-link', ...args, '--provider', 'bitrix24'])).url)).text();
    const org = await page(ANN);
    expect(org).toContain('JSM Portal');
    expect(org).toContain('#123abc');
    expect(await page(['--client', 'acme', '--org', 'other', '--user', 'ann'])).toContain('Acme Desk');
  });

  it('leaves the client secret of an app in no output, log or file in clear', async () => {
    await allmcp(['oauth-apps', 'list']);
    const { code, err } = await allmcpProcess(
      ['oauth-apps', 'set', '--client', 'acme', '--provider', 'iiko', '--client-id', 'x', '--client-secret-stdin'],
      { ALLMCP_DATA: runtime.data },
      undefined,
      SECRET,
    );
    expect(code).toBe(1);
    printed.push(err, ...runtime.warnings);
    expect(printed.join('\n')).toContain('kommo-app-1');
    expect(findIn(printed.join('\n'), [SECRET], 'output')).toEqual([]);
    const files = filesOf(join(runtime.data));
    expect(files.length).toBeGreaterThan(3);
    expect(files.flatMap((file) => findIn(readFileSync(file), [SECRET], file))).toEqual([]);
    expect(runtime.warnings).toEqual([]);
  });
});
