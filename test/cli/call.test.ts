/** `call` against the real admin app and a fake endpoint: with which key it calls, for whom, and what becomes of the key. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Io } from '../../cli/terminal/io.ts';
import { allmcp, startCliServer, type CliServer } from './set-up.ts';

let server: CliServer;
let over: Partial<Io>;
let calls: { url: URL; key: string; message: Record<string, unknown> }[];
/** What the endpoint answers; an error is thrown. */
let answer: Response | Error;

beforeAll(async () => {
  server = await startCliServer();
  const fetch: Io['fetch'] = async (address, init) => {
    const url = new URL(String(address as string));
    if (url.pathname !== '/mcp') return globalThis.fetch(address, init);
    const key = new Headers(init?.headers).get('x-api-key') ?? '';
    calls.push({ url, key, message: JSON.parse(init?.body as string) as Record<string, unknown> });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  over = { env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey }, fetch };
  await allmcp(['clients', 'create', '--client', 'acme'], over);
});
afterAll(() => server.stop());
beforeEach(() => {
  calls = [];
  answer = rpc({ result: { content: [], structuredContent: { items: [] } } });
});

const rpc = (body: object) => Response.json({ jsonrpc: '2.0', id: 1, ...body });
const call = (...args: readonly string[]) => allmcp(['call', ...args], over);
const keys = async () =>
  JSON.parse((await allmcp(['keys', 'list', '--client', 'acme', '--json'], over)).out) as Record<string, unknown>[];

describe('call', () => {
  it.each([
    [[], '', 'solo', null],
    [['--user', 'a b'], '?user_id=a+b', 'client', null],
    [['--org', 'jsm', '--user', 'ann'], '?org_id=jsm&user_id=ann', 'platform', ['jsm']],
  ] as const)('with %j calls as that tenant, with a key for it alone', async (whose, query, type, orgs) => {
    const { code, out, err } = await call('x_list', '--client', 'acme', ...whose, '--args', '{"limit":5}');
    expect([code, err, JSON.parse(out)]).toEqual([0, '', { items: [] }]);
    const [made] = calls;
    expect(made?.url.search).toBe(query);
    expect(made?.message).toMatchObject({ method: 'tools/call', params: { name: 'x_list', arguments: { limit: 5 } } });
    const revoked = { type, orgs, name: 'call x_list', status: 'revoked' };
    expect(await keys()).toContainEqual(expect.objectContaining(revoked));
    expect(out + err).not.toContain(made?.key ?? 'no key');
  });

  it('revokes its key when nothing answers, and says that the call may have run', async () => {
    answer = new TypeError('cut');
    const { code, out, err } = await call('x_list', '--client', 'acme', '--json');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('not known');
    expect((await keys()).every(({ status }) => status === 'revoked')).toBe(true);
  });

  it('of a tool that fails prints what the agent is told, and ends with 1', async () => {
    const failure = { code: 'not_found', message: 'Nothing.', next: 'List first.', reference: 'r1' };
    answer = rpc({ result: { isError: true, structuredContent: failure } });
    const { code, out, err } = await call('x_get', '--client', 'acme', '--json');
    expect([code, JSON.parse(out), err]).toEqual([1, failure, 'not_found: Nothing. (reference r1)\nList first.\n']);
  });

  it('of a tool that does not exist says what the endpoint says', async () => {
    answer = rpc({ error: { code: -32_602, message: 'There is no such tool.' } });
    expect(await call('x_get', '--client', 'acme', '--json')).toEqual({
      code: 1,
      out: '',
      err: 'There is no such tool.\n',
    });
  });

  it('reads an answer that comes as a stream with progress before it', async () => {
    const event = (body: object) => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...body })}\n\n`;
    const result = { structuredContent: { done: true } };
    answer = new Response(event({ method: 'notifications/progress', params: {} }) + event({ id: 1, result }));
    expect(JSON.parse((await call('x_get', '--client', 'acme')).out)).toEqual({ done: true });
  });

  it('makes neither a client nor a key for a client that does not exist', async () => {
    const { code, out } = await call('x_get', '--client', 'typo', '--json');
    expect([code, out, calls]).toEqual([1, '', []]);
    expect((await allmcp(['clients', 'list', '--json'], over)).out).not.toContain('typo');
  });

  it.each([
    [['x_get']],
    [['--client', 'acme']],
    [['x get', '--client', 'acme']],
    [['x_get', '--client', 'acme', '--org', 'jsm']],
    [['x_get', '--client', 'acme', '--args', '5']],
    [['x_get', '--client', 'acme', '--args', '[]']],
    [['x_get', '--client', 'acme', '--args', '{limit: 5}']],
  ])('with %j is wrong usage, and nothing is asked of the server', async (args) => {
    const before = server.asked.length;
    expect([(await call(...args)).code, server.asked.length]).toEqual([2, before]);
  });
});
