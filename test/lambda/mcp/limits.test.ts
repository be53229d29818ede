/** What a POST counts: the messages that are about to run, and the calls that a provider has seen. */
import { describe, expect, it } from '@jest/globals';
import type { KeyLimiter } from '../../../core/meter/key-limits.ts';
import type { Transport } from '../../../core/egress/egress.ts';
import { principalOf } from '../../fakes/principal.ts';
import { askedClient, setUpMcp } from './connecting.ts';
import { ADDRESS, endpoint, firstClient } from './endpoint.ts';

const provider: Transport = async ({ url }) => ({
  status: 200,
  headers: {},
  text: JSON.stringify(url.pathname === '/api/me' ? { name: 'Ann' } : { rows: [{ ID: 1, TEXT: 'first' }], total: 1 }),
});
const connect = { name: 'connect_provider', arguments: { provider_key: 'example', api_key: 'tok_good' } };

const RPM = 2;
const MONTHLY = 3;

/** Limits as the table keeps them: a count is all or nothing. Each write is noted. */
function counters({ rpm = Infinity, monthly = Infinity }: { readonly rpm?: number; readonly monthly?: number }) {
  const state = { minute: 0, month: 0, writes: [] as string[] };
  const keyLimiter: KeyLimiter = {
    async request(_principal, messages = 1) {
      if (messages > 0) state.writes.push(`minute ${messages}`);
      if (state.minute + messages > rpm) return { ok: false, limit: rpm, of: 'minute', retryAfter: 30 };
      state.minute += messages;
      return { ok: true };
    },
    async reserve(_principal, calls) {
      if (calls > 0) state.writes.push(`month ${calls}`);
      if (state.month + calls > monthly) return { ok: false, limit: monthly, of: 'month', retryAfter: 99 };
      state.month += calls;
      return {
        ok: true,
        async giveBack(unsent) {
          state.writes.push(`back ${unsent}`);
          state.month -= unsent;
        },
      };
    },
    used: async () => ({ calls: state.month, left: monthly - state.month }),
  };
  return { state, keyLimiter };
}

const call = (id: number, name = 'example_list_things', args: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' });

function limited(limits: { readonly rpm?: number; readonly monthly?: number }) {
  const { state, keyLimiter } = counters(limits);
  let asked = 0;
  const counting: Transport = (request, signal) => {
    asked += 1;
    return provider(request, signal);
  };
  const { fetch } = endpoint({
    transport: counting,
    principal: principalOf({}, { limits }),
    deps: { keyLimiter },
  });
  const post = async (body: unknown) => {
    const response = await fetch(ADDRESS, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { state, post, fetch, asked: () => asked };
}

const times = <T>(n: number, make: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => make(at));

describe('a POST', () => {
  it('of more messages than one may hold is refused before anything is counted', async () => {
    const { post, state, asked } = limited({ monthly: MONTHLY });
    for (const body of [times(4_000, () => ({ method: 'tools/call' })), times(101, (at) => call(at))]) {
      const refused = await post(body);
      expect(refused.status).toBe(400);
      expect(refused.text).toContain(`holds ${body.length} messages, and one may hold 100`);
    }
    expect([state.writes, asked()]).toEqual([[], 0]);
  });

  it.each([
    ['that is not JSON', '{'],
    ['of calls that are no JSON-RPC', times(40, () => ({ method: 'tools/call' }))],
    ['with one message that is no JSON-RPC', [...times(5, (at) => call(at)), { id: 9, method: 'ping' }]],
    ['of a number', 7],
    ['of null', null],
  ])('%s counts nothing', async (_what, body) => {
    const { post, state, asked } = limited({ rpm: 100, monthly: MONTHLY });
    expect((await post(body)).status).toBe(400);
    expect([state.writes, asked()]).toEqual([[], 0]);
  });

  it('of forty messages under two a minute runs none of them and says why', async () => {
    const { post, state, asked } = limited({ rpm: RPM });
    const refused = await post(times(40, (at) => call(at)));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    expect(refused.text).toContain('limited to 2 messages per minute. This request holds 40');
    expect([state.minute, asked()]).toEqual([0, 0]);
    expect((await post([ping(1), ping(2)])).status).toBe(200);
    expect((await post(ping(3))).status).toBe(429);
  });

  it('of forty calls is counted in one write for the minute and one for the month', async () => {
    const { post, fetch, state } = limited({ rpm: 1_000, monthly: 1_000 });
    await (await firstClient(fetch)).callTool(connect);
    state.writes.length = 0;
    const before = state.month;
    await post(times(40, (at) => call(at)));
    expect(state.writes).toEqual(['minute 40', 'month 40']);
    expect(state.month - before).toBe(40);
  });
});

describe('the month', () => {
  it.each([
    ['of a provider that is not connected', call(1)],
    ['with wrong arguments', call(1, 'example_list_things', { nonsense: true })],
    ['of a tool that does not exist', call(1, 'example_nothing')],
    ['through call_tool, of a tool that does not exist', call(1, 'call_tool', { tool: 'example_nothing' })],
    ['without a name', { jsonrpc: '2.0', id: 1, method: 'tools/call' }],
    ['without an id', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'example_list_things' } }],
    ['of a system tool', call(1, 'list_connections')],
  ])('is not used up by calls %s', async (_what, message) => {
    const { post, state, asked } = limited({ monthly: MONTHLY });
    for (let at = 0; at < 2 * MONTHLY; at += 1) expect((await post(message)).status).toBeLessThan(429);
    expect([state.month, asked()]).toEqual([0, 0]);
  });

  it('counts a call that was sent, and says so in get_usage', async () => {
    const { fetch, state, asked } = limited({ monthly: MONTHLY });
    const client = await firstClient(fetch);
    await client.callTool(connect);
    const before = asked();
    await client.callTool({ name: 'example_list_things', arguments: {} });
    await client.callTool({ name: 'call_tool', arguments: { tool: 'example_list_things' } });
    expect([state.month, asked() - before]).toEqual([2, 2]);
    expect((await client.callTool({ name: 'get_usage', arguments: {} })).structuredContent).toMatchObject({
      total_calls: 2,
      limits: { calls_per_month: MONTHLY },
      used: { calls_this_month: 2 },
      remaining: { calls_this_month: 1 },
    });
    await client.callTool({ name: 'example_list_things', arguments: {} });
    await expect(client.callTool({ name: 'example_list_things', arguments: {} })).rejects.toThrow(
      /limited to 3 provider calls per month/,
    );
    expect(state.month).toBe(3);
  });

  it('counts a call once, however often the person is asked in it', async () => {
    const { state, keyLimiter } = counters({ monthly: 9 });
    const principal = principalOf({}, { limits: { monthly: 9 } });
    const { fetch, openLink } = setUpMcp({ principal, deps: { keyLimiter } });
    let asked = 0;
    const client = await askedClient(fetch, async ({ url }) => {
      if ((asked += 1) === 3) await openLink(url);
      return 'accept';
    });
    expect((await client.callTool({ name: 'example_list_things', arguments: {} })).isError).toBeFalsy();
    expect([asked, state.month]).toEqual([3, 1]);
    await client.callTool({ name: 'example_list_things', arguments: {} });
    expect([asked, state.month]).toEqual([3, 2]);
  });
});
