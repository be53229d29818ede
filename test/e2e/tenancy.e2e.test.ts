/** Who sees whose accounts: the tenancy table, the types of keys, and ids that were made to be confused. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, startPortals, type TestPortal, type TestPortals } from './portals.ts';
import { accountsOf, callTool, closeConnections, rpc, type Target } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

type Ids = Readonly<Partial<Record<'org_id' | 'user_id', string>>>;

const EMOJI = Array.from('👩‍🚀'.repeat(80)).slice(0, 199).join('');
/** 200 characters each, different in the last one only. */
const LONG = [`${EMOJI}🚀`, `${EMOJI}🌍`] as const;

/** Every two of these are different tenants, however an encoding would like to mix them up. */
const CONFUSABLE: readonly (Ids & { readonly client?: string })[] = [
  { org_id: 'a#b', user_id: 'c' },
  { org_id: 'a', user_id: 'b#c' },
  { user_id: 'a#b#c' },
  { org_id: 'a%23b', user_id: 'c' },
  { org_id: 'a=23b', user_id: 'c' },
  { org_id: '=', user_id: 'c' },
  { user_id: '=' },
  { user_id: 'c' },
  { org_id: 'a/b', user_id: 'c' },
  { org_id: 'a', user_id: 'b/c' },
  { org_id: 'A', user_id: 'b/c' },
  { org_id: LONG[0], user_id: 'c' },
  { org_id: LONG[1], user_id: 'c' },
  { org_id: 'c', user_id: LONG[0] },
  { org_id: '\u00e9', user_id: 'c' },
  { org_id: 'e\u0301', user_id: 'c' },
  { org_id: ' a', user_id: 'c' },
  { org_id: 'a+b', user_id: 'c' },
  { org_id: 'a b', user_id: 'c' },
  {},
  { client: 'acme#a', user_id: 'c' },
  { client: 'acme', org_id: 'a', user_id: 'c' },
  { client: 'acme#a', org_id: 'b', user_id: 'c' },
];

let portals: TestPortals;
let runtime: E2eRuntime;
const keys = new Map<string, string>();

beforeAll(async () => {
  portals = await startPortals(CONFUSABLE.length);
  runtime = await startE2e({ routes: portals.routes });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  closeConnections();
});

/** One platform key per client. */
async function keyOf(client: string): Promise<string> {
  const key = keys.get(client) ?? (await runtime.createKey({ client, type: 'platform' })).key;
  keys.set(client, key);
  return key;
}

async function targetOf(client: string, newId: Ids = {}): Promise<Target> {
  return { url: runtime.mcp(newId), key: await keyOf(client) };
}

function portal(n: number): TestPortal {
  const found = portals.all[n];
  if (found === undefined) throw new Error('there are too few portals');
  return found;
}

describe('the tenancy table', () => {
  const client = 'table';

  it('an organization without a user is the same tenant as no parameter at all', async () => {
    await connect(await targetOf(client), portal(0));
    expect(await accountsOf(await targetOf(client, { org_id: 'o1' }))).toEqual([portal(0).account]);
    await connect(await targetOf(client, { org_id: 'o2' }), portal(4), 'second');
    expect(await accountsOf(await targetOf(client))).toEqual([portal(0).account, portal(4).account]);
  });

  it('a user is a tenant of its own, and so is the same user in each organization', async () => {
    const rows: readonly Ids[] = [{ user_id: 'u' }, { org_id: 'o1', user_id: 'u' }, { org_id: 'o2', user_id: 'u' }];
    for (const [i, newId] of rows.entries()) {
      expect(await accountsOf(await targetOf(client, newId))).toEqual([]);
      await connect(await targetOf(client, newId), portal(i + 1));
    }
    for (const [i, newId] of rows.entries())
      expect(await accountsOf(await targetOf(client, newId))).toEqual([portal(i + 1).account]);
  });

  it('the same parameters under another client are another tenant', async () => {
    for (const newId of [{}, { user_id: 'u' }, { org_id: 'o1', user_id: 'u' }])
      expect(await accountsOf(await targetOf('another', newId))).toEqual([]);
  });

  it('a tool runs with the account of its own tenant', async () => {
    const own = await callTool(await targetOf(client, { org_id: 'o1', user_id: 'u' }), 'bitrix24_get_deal', {
      deal_id: 1,
    });
    expect(own.value).toMatchObject({ account: portal(2).account });
    const none = await callTool(await targetOf(client, { org_id: 'o3', user_id: 'u' }), 'bitrix24_get_deal', {
      deal_id: 1,
    });
    expect(none).toMatchObject({ isError: true, value: { code: 'not_connected' } });
  });

  it('a disconnected account is gone for its tenant and stays for the others', async () => {
    const target = await targetOf(client, { org_id: 'o2', user_id: 'u' });
    await callTool(target, 'disconnect_provider', { provider_key: 'bitrix24' });
    expect(await accountsOf(target)).toEqual([]);
    expect((await callTool(target, 'bitrix24_get_deal', { deal_id: 1 })).value).toMatchObject({
      code: 'not_connected',
    });
    expect(await accountsOf(await targetOf(client, { org_id: 'o1', user_id: 'u' }))).toEqual([portal(2).account]);
  });
});

describe('ids that were made to be confused', () => {
  it('each connect an account of their own and list only that one', async () => {
    const targets = await Promise.all(CONFUSABLE.map(({ client = 'acme', ...newId }) => targetOf(client, newId)));
    for (const [i, target] of targets.entries()) {
      expect(await accountsOf(target)).toEqual([]);
      await connect(target, portal(i));
    }
    for (const [i, target] of targets.entries()) expect(await accountsOf(target)).toEqual([portal(i).account]);
  });

  it.each([
    ['empty user_id', '?user_id='],
    ['empty org_id', '?org_id=&user_id=u'],
    ['repeated user_id', '?user_id=u&user_id=u'],
    ['repeated org_id', '?org_id=a&org_id=b&user_id=u'],
    ['repeated and empty', '?user_id=&user_id=u'],
    ['of 201 characters', `?user_id=${'x'.repeat(201)}`],
    ['of 201 emoji', `?user_id=${encodeURIComponent('🚀'.repeat(201))}`],
    ['with a control character', '?user_id=a%00b'],
    ['with a line break', '?user_id=a%0Ab'],
    ['that is not UTF-8', '?user_id=%FF'],
    ['with half a surrogate pair', '?user_id=%ED%A0%80'],
  ])('are refused with 400 when %s', async (_what, query) => {
    const url = new URL(query, runtime.mcp());
    const answer = await rpc({ url, key: await keyOf('acme') }, 'tools/list');
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ jsonrpc: '2.0', id: null, error: { code: -32600, message: expect.any(String) } });
    expect(answer.text).toMatch(/user_id|org_id/);
  });
});

describe('the type of a key', () => {
  const refused = async (key: string, newId: Ids) => {
    const answer = await rpc({ url: runtime.mcp(newId), key }, 'tools/list');
    const { error } = Object(answer.json) as { error?: { code: number; message: string } };
    expect(answer.json).toEqual({ jsonrpc: '2.0', id: null, error: { code: -32003, message: expect.any(String) } });
    return { status: answer.status, message: error?.message };
  };
  const serves = async (key: string, newId: Ids) =>
    expect((await rpc({ url: runtime.mcp(newId), key }, 'tools/list')).status).toBe(200);

  it('solo serves no identifier, and a refusal names the type and the parameter', async () => {
    const { key } = await runtime.createKey({ client: 'types', type: 'solo' });
    await serves(key, {});
    const user = await refused(key, { user_id: 'u' });
    expect(user).toMatchObject({ status: 403, message: expect.stringMatching(/solo key.*user_id/) });
    const org = await refused(key, { org_id: 'o' });
    expect(org).toMatchObject({ status: 403, message: expect.stringMatching(/solo key.*org_id/) });
  });

  it('client serves a user or none, and refuses an organization', async () => {
    const { key } = await runtime.createKey({ client: 'types', type: 'client' });
    await serves(key, {});
    await serves(key, { user_id: 'u' });
    for (const newId of [{ org_id: 'o' }, { org_id: 'o', user_id: 'u' }])
      expect(await refused(key, newId)).toMatchObject({
        status: 403,
        message: expect.stringMatching(/client key.*org_id/),
      });
  });

  it('platform serves an organization with a user, a user alone, or none', async () => {
    const { key } = await runtime.createKey({ client: 'types', type: 'platform' });
    for (const newId of [{}, { user_id: 'u' }, { org_id: 'o' }, { org_id: 'o', user_id: 'u' }])
      await serves(key, newId);
  });

  it('platform pinned to organizations serves those and no others', async () => {
    const { key } = await runtime.createKey({ client: 'types', type: 'platform', org: ['jsm', 'a#b'] });
    await serves(key, { org_id: 'jsm', user_id: 'u' });
    await serves(key, { org_id: 'a#b', user_id: 'u' });
    for (const newId of [
      { org_id: 'other', user_id: 'u' },
      { org_id: 'JSM', user_id: 'u' },
      { org_id: 'a', user_id: 'b' },
      { user_id: 'u' },
      { org_id: 'jsm' },
      {},
    ])
      expect(await refused(key, newId)).toMatchObject({ status: 403, message: expect.stringContaining('pinned') });
  });

  it('does not change whose accounts are seen: keys of all types of one client share its tenants', async () => {
    const solo = (await runtime.createKey({ client: 'shared', type: 'solo' })).key;
    const client = (await runtime.createKey({ client: 'shared', type: 'client' })).key;
    await connect({ url: runtime.mcp(), key: solo }, portal(0));
    expect(await accountsOf({ url: runtime.mcp(), key: client })).toEqual([portal(0).account]);
    expect(await accountsOf(await targetOf('shared'))).toEqual([portal(0).account]);
    expect(await accountsOf({ url: runtime.mcp({ user_id: 'u' }), key: client })).toEqual([]);
  });
});

describe('a client that refuses credentials in arguments', () => {
  it('stores none from its next call on, and its hints show only the call without', async () => {
    const target = await targetOf('careful', { user_id: 'u' });
    const changed = await runtime.admin('PATCH', '/clients/careful', { policy: { inline_credentials: 'refuse' } });
    expect(changed.status).toBe(200);
    const call = { provider_key: 'bitrix24', api_key: portal(0).webhook };
    const before = portal(0).calls.length;
    const answer = await callTool(target, 'connect_provider', call);
    expect(answer).toMatchObject({ isError: true, value: { code: 'invalid_input' } });
    expect(portal(0).calls.length).toBe(before);
    expect(await accountsOf(target)).toEqual([]);
    const { value } = await callTool(target, 'list_providers', { query: 'bitrix24' });
    expect(value).toMatchObject({
      providers: [{ provider_key: 'bitrix24', connect_hint: 'connect_provider(provider_key: "bitrix24")' }],
    });
  });
});
