/** The whole way of an account through both official clients: connect, list, read, write, page, wait, lose it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MODES, openClient, REVISIONS, type OfficialClient } from './official-clients.ts';
import { startPortals, type TestPortal, type TestPortals } from './portals.ts';
import { closeConnections } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

const THROTTLED = { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' };

let portals: TestPortals;
let busy: TestPortals;
let runtime: E2eRuntime;
let key: string;

beforeAll(async () => {
  portals = await startPortals(MODES.length);
  // A bucket much smaller than the one the product plans with: here the portal is the first to say stop.
  busy = await startPortals(1, 'busy', { burst: 3 });
  runtime = await startE2e({ routes: { ...portals.routes, ...busy.routes } });
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await Promise.all([portals.stop(), busy.stop()]);
  closeConnections();
});

const targetOf = (user: string) => ({ url: runtime.mcp({ org_id: 'jsm', user_id: user }), key });

describe.each(MODES.map((mode, i) => ({ mode, i })))('with the official client ($mode)', ({ mode, i }) => {
  let client: OfficialClient;
  let portal: TestPortal;
  beforeAll(async () => {
    portal = portals.all[i] ?? unexpected();
    client = await openClient(mode, targetOf(mode));
  });
  afterAll(() => client.close());

  it('the newest revision that the client speaks is agreed on', () => {
    expect(client.revision).toBe(REVISIONS[mode]);
  });

  it('an account is connected by its webhook and then listed with its owner', async () => {
    const before = await client.call('list_connections');
    expect(before.value).toEqual({ connections: [] });
    const connected = await client.call('connect_provider', { provider_key: 'bitrix24', api_key: portal.webhook });
    expect(connected.value).toEqual({
      status: 'connected',
      provider_key: 'bitrix24',
      connection: 'default',
      account: portal.account,
      next: expect.stringMatching(/call_tool\(tool: "bitrix24_\w+".*bitrix24_\w+, bitrix24_\w+/),
    });
    const { value, text } = await client.call('list_connections');
    expect(value).toMatchObject({
      connections: [{ provider_key: 'bitrix24', account: portal.account, status: 'active', last_used_at: null }],
    });
    expect(text).toEqual(value);
  });

  it('the core tools of a connected provider are in the list', async () => {
    // A client of its own: the modern one keeps a list for as long as it was told to.
    const fresh = await openClient(mode, targetOf(mode));
    const names = await fresh.toolNames();
    await fresh.close();
    expect(names).toContain('bitrix24_list_deals');
    expect(names).toContain('call_tool');
  });

  it('a record is read, by name and through call_tool alike', async () => {
    const read = await client.call('bitrix24_get_deal', { deal_id: 5 });
    expect(read.value).toMatchObject({ item: { ID: '5', TITLE: 'Deal 5' }, account: portal.account });
    const args = { tool: 'bitrix24_get_deal', arguments: { deal_id: 5 } };
    expect((await client.call('call_tool', args)).value).toEqual(read.value);
  });

  it('a write is read back and said to be applied', async () => {
    const moved = await client.call('bitrix24_update_deal_stage', { deal_id: 5, stage_id: 'EXECUTING' });
    expect(moved.value).toMatchObject({ applied: { STAGE_ID: true } });
    expect(portal.portal.deals.get(5)).toMatchObject({ STAGE_ID: 'EXECUTING' });
  });

  it('a write that the portal ignores without a word is said not to be applied', async () => {
    const moved = await client.call('bitrix24_update_deal_stage', { deal_id: 6, stage_id: 'NO_SUCH_STAGE' });
    expect(moved.isError).toBe(false);
    expect(moved.value).toMatchObject({ applied: { STAGE_ID: { wanted: 'NO_SUCH_STAGE', found: 'NEW' } } });
  });

  it('a long list is read page by page, every row once', async () => {
    const seen: unknown[] = [];
    let pages = 0;
    let cursor: unknown;
    do {
      const page = await client.call('bitrix24_list_deals', cursor === undefined ? {} : { cursor });
      expect(page.value).toMatchObject({ total: 70 });
      seen.push(...(page.value['items'] as readonly { id: number }[]).map(({ id }) => id));
      cursor = page.value['next_cursor'];
      pages += 1;
    } while (cursor !== undefined && pages < 10);
    expect(pages).toBeGreaterThan(1);
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 70 }, (_, n) => n + 1));
  });

  it('a read that the portal throttles once is answered after a wait', async () => {
    portal.control.fault({ kind: 'refuse', status: 503, body: THROTTLED }, { method: 'crm.deal.get' });
    const before = portal.calls.length;
    const read = await client.call('bitrix24_get_deal', { deal_id: 7 });
    expect(read.value).toMatchObject({ item: { ID: '7' } });
    expect(portal.calls.length - before).toBe(2);
  });

  it('a webhook that was revoked ends in reconnect_required, and the connection says so', async () => {
    portal.control.revoke();
    const read = await client.call('bitrix24_get_deal', { deal_id: 5 });
    expect(read.isError).toBe(true);
    expect(read.value).toMatchObject({ code: 'reconnect_required', reference: expect.any(String) });
    expect(read.value['next']).toContain('connect_provider');
    const { value } = await client.call('list_connections');
    expect(value).toMatchObject({ connections: [{ status: 'needs_reconnecting', last_used_at: expect.any(String) }] });
    const calls = portal.calls.length;
    expect((await client.call('bitrix24_get_deal', { deal_id: 5 })).value).toMatchObject({
      code: 'reconnect_required',
    });
    expect(portal.calls.length).toBe(calls);
  });
});

describe('a portal that throttles', () => {
  it('is waited for when more reads come than its bucket takes, and every read is answered', async () => {
    const [portal = unexpected()] = busy.all;
    const client = await openClient('client 2.4, pinned', targetOf('busy'));
    await client.call('connect_provider', { provider_key: 'bitrix24', api_key: portal.webhook });
    const reads = await Promise.all([1, 2, 3, 4].map((id) => client.call('bitrix24_get_deal', { deal_id: id })));
    expect(reads.map(({ value }) => value)).toMatchObject([1, 2, 3, 4].map((id) => ({ item: { ID: String(id) } })));

    portal.control.fault({ kind: 'refuse', status: 503, body: THROTTLED }, { times: 4 });
    const tired = await client.call('bitrix24_get_deal', { deal_id: 1 });
    expect(tired.isError).toBe(true);
    expect(tired.value).toMatchObject({ code: 'rate_limited', retry_after: 2 });
    await client.close();
  });
});

function unexpected(): never {
  throw new Error('there is no such portal');
}
