/**
 * Marked keys, credentials, arguments and records go through a full run of good, bad and failing calls. Afterwards
 * none of them is in a log line, an error, a row or any file of the data folder. `operator-key` is exempt: holding
 * that key is what the file is for. So is report_issue, which stores the text it is given.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBitrix24Fake, type Bitrix24Fake, type Fault } from '../fakes/bitrix24.ts';
import { filesOf, findIn, findInFiles, findInTables, formsOf, type Found } from './markers.ts';
import { openClient } from './official-clients.ts';
import { closeConnections, rpc, rpcBody, send, type HttpAnswer, type Sent, type Target } from './rpc.ts';
import { startE2e, START_TIMEOUT_MS } from './runtime.ts';

/** Three portals of one fake: the rate limit of one would make the run wait. */
const HOSTS = ['canary.bitrix24.com', 'failing.bitrix24.com', 'slow.bitrix24.com'] as const;
type Host = (typeof HOSTS)[number];
/** Of the form that a webhook's secret has. */
const GOOD = 'canarygoodwebhook7Kq2Zr';
const WRONG = 'canarywrongwebhook9Xw4Pd';
const MALFORMED = 'canary-malformed/webhook?5Tn8Ls';
/** Texts that look different in every encoding. */
const ARGUMENT = 'canary argument "ä+ü" <&> \\ 3Hv6Bm';
const REJECTED = 'canary rejected "ö+é" <&> \\ 8Jc1Fy';
const RECORD = 'canary record "ñ+å" <&> \\ 2Gs5Dw';
/** Proof that the search finds what is there: it is stored on purpose. */
const STORED = 'canarystoredconnection';

const data = mkdtempSync(join(tmpdir(), 'allmcp-canaries-'));
const failures: string[] = [];
const answers: string[] = [];
const keys: string[] = [];
let warnings: readonly string[] = [];
let operatorKey = '';
let foundInFiles: readonly Found[] = [];
let tables: Awaited<ReturnType<typeof findInTables>>;

const SECRETS = (): readonly string[] => [...keys, GOOD, WRONG, MALFORMED];
const ALL = (): readonly string[] => [...SECRETS(), ARGUMENT, REJECTED, RECORD];

beforeAll(async () => {
  const fake = await startBitrix24Fake({ code: GOOD, burst: Number.POSITIVE_INFINITY });
  const runtime = await startE2e({ data, routes: Object.fromEntries(HOSTS.map((host) => [host, fake.url])) });
  ({ operatorKey } = runtime);
  keys.push(operatorKey, runtime.firstKey ?? '');
  const { key, id } = await runtime.createKey({ client: 'acme', type: 'platform' });
  keys.push(key);
  const target = { url: runtime.mcp({ org_id: 'jsm', user_id: 'u' }), key };
  const failing = { url: runtime.mcp({ user_id: 'failing' }), key };
  const slowest = { url: runtime.mcp({ user_id: 'slow' }), key };
  await connect(failing, GOOD, { host: 'failing.bitrix24.com' });
  await connect(slowest, GOOD, { host: 'slow.bitrix24.com' });
  // What takes as long as a call may take runs beside everything else.
  const slow = hanging(slowest, fake);
  await connections(target, fake);
  await goodCalls(target);
  await failingCalls(failing, fake);
  await badRequests(target);
  await slow;

  const { key: revoked, id: revokedId } = await runtime.createKey({ client: 'acme', type: 'solo' });
  keys.push(revoked);
  await runtime.admin('POST', `/keys/${revokedId}/revoke`);
  note(await rpc({ ...target, key: revoked }, 'tools/list'));
  const rotated = (await (await runtime.admin('POST', `/keys/${id}/rotate`, {})).json()) as { key: string };
  keys.push(rotated.key);
  const bad = await runtime.admin('POST', '/keys', { client: REJECTED, type: REJECTED, name: `${REJECTED}\n` });
  failures.push(await bad.text());

  await runtime.stop();
  await fake.stop();
  ({ warnings } = runtime);
  // First: opening the tables compresses what was written last.
  foundInFiles = findInFiles(data, [...ALL(), STORED], []);
  tables = await findInTables(join(data, 'ddb'), [...ALL(), STORED], runtime.model.place);
}, START_TIMEOUT_MS);
afterAll(() => {
  rmSync(data, { recursive: true, force: true });
  closeConnections();
});

/** Keeps what was answered: an error, or a result. */
function note(answer: HttpAnswer): HttpAnswer {
  const failed = answer.status !== 200 || /"isError":true|"error":\{/.test(answer.text);
  (failed ? failures : answers).push(`${JSON.stringify(answer.headers)} ${answer.text}`);
  return answer;
}
const call = async (target: Target, name: string, args: object): Promise<HttpAnswer> =>
  note(await rpc(target, 'tools/call', { name, arguments: args }));
const webhook = (secret: string, host: Host = HOSTS[0]): string => `https://${host}/rest/1/${secret}/`;
const connect = (
  target: Target,
  secret: string,
  { host, ...named }: { readonly host?: Host; readonly connection?: string } = {},
): Promise<HttpAnswer> =>
  call(target, 'connect_provider', { provider_key: 'bitrix24', api_key: webhook(secret, host), ...named });

async function connections(target: Target, fake: Bitrix24Fake): Promise<void> {
  await connect(target, WRONG);
  await connect(target, MALFORMED);
  await call(target, 'connect_provider', { provider_key: 'bitrix24', extra_fields: { other: WRONG } });
  await call(target, 'connect_provider', { provider_key: 'bitrix24', login: WRONG, password: MALFORMED });
  await call(target, 'connect_provider', { provider_key: REJECTED, api_key: WRONG });
  await call(target, 'connect_provider', { provider_key: 'bitrix24', api_key: webhook(GOOD), connection: REJECTED });
  fake.control.fault({ kind: 'drop_after' }, { method: 'user.current', times: 4 });
  await connect(target, GOOD);
  expect((await connect(target, GOOD)).text).toContain('connected');
  expect((await connect(target, GOOD, { connection: STORED })).text).toContain('connected');
}

async function goodCalls(target: Target): Promise<void> {
  const made = await call(target, 'bitrix24_create_deal', { title: ARGUMENT, comments: ARGUMENT });
  expect(made.text).toContain('"id"');
  await call(target, 'bitrix24_update_deal', { deal_id: 1, title: RECORD, comments: RECORD });
  // Proof that records do come back: what is searched for in the logs has been through the process.
  expect(findIn((await call(target, 'bitrix24_get_deal', { deal_id: 1 })).text, [RECORD], '')).not.toEqual([]);
  await call(target, 'bitrix24_list_deals', { query: ARGUMENT });
  await call(target, 'call_tool', { tool: 'bitrix24_list_contacts', arguments: { query: ARGUMENT } });
  await call(target, 'search_tools', { query: ARGUMENT });
  await call(target, 'list_providers', { query: ARGUMENT });
  for (const name of ['list_connections', 'get_usage']) await call(target, name, {});
  for (const mode of ['sdk 1.32', 'client 2.4, pinned'] as const) {
    const client = await openClient(mode, target);
    await client.call('bitrix24_list_deals', { query: ARGUMENT });
    await client.call('bitrix24_create_task', { title: ARGUMENT }).catch(() => undefined);
    await client.close();
  }
}

/** What a portal may quote in its refusals: the address it was asked at, and what it was sent. */
const QUOTING = (error: string): Fault => ({
  kind: 'refuse',
  status: 400,
  body: { error, error_description: `Wrong: ${webhook(GOOD)}crm.deal.get.json at /rest/1/${GOOD}/ by ${GOOD}` },
});

async function failingCalls(target: Target, fake: Bitrix24Fake): Promise<void> {
  const read = (args: object = { deal_id: 1 }): Promise<HttpAnswer> => call(target, 'bitrix24_get_deal', args);
  const faults: readonly Fault[] = [
    { kind: 'invalid_json' },
    { kind: 'redirect' },
    { kind: 'huge' },
    { kind: 'answer', body: { result: RECORD } },
    { kind: 'answer', body: { error: 'UNKNOWN', error_description: `see ${webhook(GOOD)} ${GOOD}` } },
    QUOTING('ERROR_CORE'),
    QUOTING(''),
    QUOTING(GOOD),
    QUOTING('insufficient_scope'),
    { kind: 'refuse', status: 503, body: { error: 'PORTAL_DELETED', error_description: RECORD } },
  ];
  for (const fault of faults) {
    fake.control.fault(fault);
    await read();
  }
  for (const kind of ['drop_after', 'html_500'] as const) {
    fake.control.fault({ kind }, { method: 'crm.deal.update' });
    await call(target, 'bitrix24_update_deal', { deal_id: 1, title: ARGUMENT });
  }
  await read({ deal_id: REJECTED });
  await read({ deal_id: 1, note: REJECTED });
  await call(target, 'bitrix24_list_deals', { cursor: REJECTED });
  await call(target, 'bitrix24_get_deal', { deal_id: 1, connection: REJECTED });
  await call(target, 'bitrix24_get_deal', { deal_id: 99_999 });
  await call(target, 'bitrix24_delete_task', { task_id: 1, confirm_token: REJECTED });
  await call(target, 'call_tool', { tool: REJECTED, arguments: { x: REJECTED } });
  await call(target, REJECTED, { x: REJECTED });
  await call(target, 'describe_category', { provider_key: 'bitrix24', category: REJECTED });
  await call(target, 'disconnect_provider', { provider_key: 'bitrix24', connection: REJECTED });
}

async function hanging(target: Target, fake: Bitrix24Fake): Promise<void> {
  fake.control.fault({ kind: 'hang' }, { method: 'crm.company.get' });
  fake.control.fault({ kind: 'hang_after' }, { method: 'crm.company.update' });
  const [read, write] = await Promise.all([
    call(target, 'bitrix24_get_company', { company_id: 1 }),
    call(target, 'bitrix24_update_company', { company_id: 1, title: ARGUMENT }),
  ]);
  expect([read.text, write.text]).toEqual([
    expect.stringContaining('timeout'),
    expect.stringContaining('may_have_happened'),
  ]);
}

async function badRequests({ url, key }: Target): Promise<void> {
  const json = { 'content-type': 'application/json' };
  const wrong = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
  keys.push(wrong);
  const body = rpcBody('tools/list');
  const requests: readonly Sent[] = [
    { headers: { ...json, 'x-api-key': wrong }, body },
    { headers: { ...json, authorization: `Bearer ${wrong}` }, body },
    { headers: { ...json, authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }, body },
    { headers: { ...json, 'x-api-key': [key, wrong] }, body },
    { headers: { ...json, 'x-api-key': key }, body: `{"jsonrpc":"2.0","method":"${ARGUMENT}` },
    { headers: { ...json, 'x-api-key': key }, body: rpcBody(REJECTED, { x: REJECTED }) },
    { headers: { ...json, 'x-api-key': key }, body: rpcBody('tools/call', { name: 7, arguments: REJECTED }) },
    { headers: { ...json, 'x-api-key': key, 'mcp-protocol-version': REJECTED.replaceAll(/[^ -~]/g, '') }, body },
    {
      headers: { ...json, 'x-api-key': key },
      body: rpcBody('tools/call', { name: `${REJECTED}${'x'.repeat(5 << 20)}` }),
    },
    { headers: { ...json, 'x-api-key': key }, body: REJECTED.padEnd(11 << 20) },
    { method: 'GET', headers: { 'x-api-key': key, 'user-agent': `agent ${key}`, referer: `http://x/${key}` } },
  ];
  for (const request of requests) note(await send(url, request));
  const withKey = new URL(url);
  withKey.searchParams.set('api_key', key);
  note(await send(withKey, { headers: { ...json, 'x-api-key': key }, body }));
  note(await send(new URL(`/mcp/${key}/${WRONG}`, url), { headers: { ...json, 'x-api-key': key }, body }));
  note(await send(new URL(`/nothing/${key}?k=${key}`, url), { method: 'GET' }));
}

const logs = (): string =>
  filesOf(join(data, 'logs'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

describe('after a full run of good, bad and failing calls', () => {
  it('the search itself finds what is stored on purpose, and every encoding of a text', () => {
    expect(foundInFiles.filter(({ marker }) => marker === STORED).map(({ where }) => where.split('/')[0])).toContain(
      'ddb',
    );
    expect(tables.rows).toBeGreaterThan(10);
    expect(tables.found.filter(({ marker }) => marker === STORED)).not.toEqual([]);
    expect(foundInFiles.find(({ where }) => where === 'operator-key')).toMatchObject({ marker: operatorKey });
    for (const [form, bytes] of formsOf(ARGUMENT))
      expect(findIn(Buffer.concat([Buffer.from('..'), bytes]), [ARGUMENT], '').map((found) => found.form)).toContain(
        form,
      );
    expect(failures.length).toBeGreaterThan(35);
    expect(answers.length).toBeGreaterThan(8);
    expect(logs().split('\n').length).toBeGreaterThan(100);
  });

  it('no log line holds a key, a credential, an argument or a record', () => {
    expect(findIn(logs(), ALL(), 'logs')).toEqual([]);
    expect(findIn(warnings.join('\n'), ALL(), 'terminal')).toEqual([]);
  });

  it('no log line holds an address as it was sent', () => {
    expect(logs()).not.toMatch(/https?:\/\/|user_id|org_id/);
    expect(logs()).toContain('"resourcePath":"/mcp"');
  });

  it('no error says a key, a credential or a value that was sent', () => {
    const said = failures.flatMap((failure) =>
      findIn(failure, [...SECRETS(), ARGUMENT, REJECTED], failure.slice(-600)),
    );
    expect(said).toEqual([]);
  });

  it('no answer at all says a key or a credential', () => {
    expect(answers.flatMap((answer) => findIn(answer, SECRETS(), answer.slice(0, 400)))).toEqual([]);
  });

  it('no file of the data folder holds one, whatever its encoding', () => {
    expect(foundInFiles.filter(({ marker, where }) => marker !== STORED && where !== 'operator-key')).toEqual([]);
    expect(findInFiles(data, ALL(), ['operator-key'])).toEqual([]);
  });

  it('no row of the tables holds one, decompressed and decoded', () => {
    expect(tables.found.filter(({ marker }) => marker !== STORED)).toEqual([]);
  });
});
