import { describe, expect, it } from '@jest/globals';
import type { Transport } from '../../../core/egress/egress.ts';
import { principalOf } from '../../fakes/principal.ts';
import { ADDRESS, endpoint, firstClient, modernClient } from './endpoint.ts';

/** A provider that knows one account and one thing. */
const provider: Transport = async ({ url, method, headers, body }) => {
  const answer = (value: unknown, status = 200) => ({ status, headers: {}, text: JSON.stringify(value) });
  if (headers['authorization'] !== 'Bearer tok_good') return answer({ error: 'REVOKED' }, 401);
  if (url.pathname === '/api/me') return answer({ name: 'Ann' });
  if (url.pathname === '/api/things' && method === 'POST')
    return answer({ rows: [{ ID: 1, TEXT: 'first' }], total: 1 });
  if (method === 'POST') return answer({ asked: body });
  return answer({ item: { id: '1', color: 'red' } });
};

const connect = { name: 'connect_provider', arguments: { provider_key: 'example', api_key: 'tok_good' } };

const clients = {
  'first generation': firstClient,
  'second generation, default': (fetch: never, query?: string) => modernClient(fetch, 'default', query),
  'second generation, auto': (fetch: never, query?: string) => modernClient(fetch, 'auto', query),
  'second generation, pinned to 2026-07-28': (fetch: never, query?: string) => modernClient(fetch, 'pinned', query),
} as const;

describe.each(Object.entries(clients))('the endpoint with a client of the %s', (_name, open) => {
  it('lists the nine system tools before anything is connected', async () => {
    const { fetch } = endpoint({ transport: provider });
    const client = await open(fetch as never);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'call_tool',
      'connect_provider',
      'describe_category',
      'disconnect_provider',
      'get_usage',
      'list_connections',
      'list_providers',
      'report_issue',
      'search_tools',
    ]);
    await client.close();
  });

  it('connects, lists the core tools, reads, writes with read-back and disconnects', async () => {
    const { fetch } = endpoint({ transport: provider });
    const client = await open(fetch as never);
    expect((await client.callTool(connect)).structuredContent).toEqual({
      status: 'connected',
      provider_key: 'example',
      connection: 'default',
      account: 'Ann',
      next: expect.stringContaining('call_tool(tool: "example_list_things"'),
    });

    const listed = (await client.listTools()).tools.map(({ name }) => name);
    expect(listed).toContain('example_list_things');
    expect(listed).not.toContain('example_paint_thing');

    const read = await client.callTool({ name: 'example_list_things', arguments: {} });
    expect(read.structuredContent).toEqual({
      items: [{ id: 1, text: 'first' }],
      total: 1,
      connection: 'default',
      account: 'Ann',
    });
    expect(JSON.parse((read.content as { text: string }[])[0]?.text ?? '')).toEqual(read.structuredContent);

    const painted = await client.callTool({ name: 'example_paint_thing', arguments: { id: '1', color: 'blue' } });
    expect(painted.structuredContent).toMatchObject({ applied: { color: { wanted: 'blue', found: 'red' } } });
    const viaCallTool = await client.callTool({
      name: 'call_tool',
      arguments: { tool: 'example_paint_thing', arguments: { id: '1', color: 'red' } },
    });
    expect(viaCallTool.structuredContent).toMatchObject({ applied: { color: true } });

    expect(
      (await client.callTool({ name: 'disconnect_provider', arguments: { provider_key: 'example' } })).isError,
    ).toBeFalsy();
    const after = await client.callTool({ name: 'example_list_things', arguments: {} });
    expect(after.isError).toBe(true);
    expect(after.structuredContent).toMatchObject({
      code: 'not_connected',
      next: expect.stringContaining('connect_provider(provider_key: "example"') as unknown,
    });
    await client.close();
  });

  it('shows every tool with full_catalog, and system tools only with system_only', async () => {
    const { fetch } = endpoint({ transport: provider });
    await (await open(fetch as never)).callTool(connect);
    const full = await (await open(fetch as never, '?full_catalog=true')).listTools();
    expect(full.tools.map(({ name }) => name)).toContain('example_paint_thing');
    const system = await (await open(fetch as never, '?system_only=true')).listTools();
    expect(system.tools).toHaveLength(9);
  });
});

describe('the endpoint', () => {
  it('names the nearest tools when there is none of that name', async () => {
    const { fetch } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    await expect(client.callTool({ name: 'example_list_thing', arguments: {} })).rejects.toThrow(
      /Did you mean example_list_things/,
    );
  });

  it('answers 400 to marked parameters, 413 to a large body, 429 to a used-up key', async () => {
    const { app, deps } = endpoint({ transport: provider });
    const post = (body: string) =>
      new Request(ADDRESS, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const context = { requestId: 'r', budgetMs: 1_000, publicUrl: 'https://gateway.test' };
    const rejected = await app(post('{}'), { kind: 'rejected', problem: 'The parameter user_id is empty.' }, context);
    expect([rejected.status, await rejected.json()]).toEqual([
      400,
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'The parameter user_id is empty.' } },
    ]);
    expect((await app(post(' '.repeat(4 * 1024 * 1024 + 1)), principalOf(), context)).status).toBe(413);

    const limited = endpoint({
      transport: provider,
      deps: {
        ...deps,
        keyLimiter: {
          ...deps.keyLimiter,
          request: async () => ({ ok: false, limit: 5, of: 'minute', retryAfter: 42 }),
        },
      },
    });
    const refused = await limited.app(post('{"jsonrpc":"2.0","id":1,"method":"ping"}'), principalOf(), context);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '42']);
  });

  it.each(['full_catalog=1', 'full_catalog=TRUE', 'system_only=', 'system_only=true&system_only=true'])(
    'refuses a flag that it would have to ignore: %s',
    async (query) => {
      const { fetch } = endpoint({ transport: provider });
      const refused = await fetch(`${ADDRESS}?${query}`, { method: 'POST', body: '{}' });
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('=true')]);
    },
  );

  it('keeps two tenants apart', async () => {
    const { fetchAs } = endpoint({ transport: provider });
    const one = await firstClient(fetchAs(principalOf({ org: 'a#b', user: 'c' })));
    const other = await firstClient(fetchAs(principalOf({ org: 'a', user: 'b#c' })));
    await one.callTool(connect);
    expect((await other.callTool({ name: 'list_connections', arguments: {} })).structuredContent).toEqual({
      connections: [],
    });
    expect((await other.callTool({ name: 'example_list_things', arguments: {} })).structuredContent).toMatchObject({
      code: 'not_connected',
    });
  });

  it('marks a connection whose credential the provider no longer accepts, and says so without calling again', async () => {
    let revoked = false;
    let sent = 0;
    const transport: Transport = async (request, signal) => {
      sent += 1;
      return revoked ? { status: 401, headers: {}, text: '{"error":"REVOKED"}' } : provider(request, signal);
    };
    const { fetch } = endpoint({ transport });
    const client = await firstClient(fetch);
    await client.callTool(connect);
    revoked = true;
    const failed = await client.callTool({ name: 'example_list_things', arguments: {} });
    expect(failed.structuredContent).toMatchObject({
      code: 'reconnect_required',
      reference: expect.any(String) as unknown,
    });
    const before = sent;
    expect((await client.callTool({ name: 'example_list_things', arguments: {} })).structuredContent).toMatchObject({
      code: 'reconnect_required',
    });
    expect(sent).toBe(before);
    expect((await client.callTool({ name: 'list_connections', arguments: {} })).structuredContent).toMatchObject({
      connections: [{ status: 'needs_reconnecting' }],
    });
  });

  it('connects several accounts of one provider and lets the caller choose', async () => {
    const { fetch } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    await client.callTool(connect);
    await client.callTool({ ...connect, arguments: { ...connect.arguments, connection: 'work' } });
    const tool = (await client.listTools()).tools.find(({ name }) => name === 'example_list_things');
    expect(tool?.inputSchema.properties).toMatchObject({ connection: { enum: ['default', 'work'] } });
    expect(
      (await client.callTool({ name: 'example_list_things', arguments: { connection: 'work' } })).structuredContent,
    ).toMatchObject({ connection: 'work' });
    expect((await client.callTool({ name: 'example_list_things', arguments: {} })).structuredContent).toMatchObject({
      connection: 'default',
    });
  });

  it('stores a report with the references of the recent failures', async () => {
    const { fetch, usage } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    const failed = await client.callTool({ name: 'example_list_things', arguments: {} });
    const { reference } = failed.structuredContent as { reference: string };
    const filed = await client.callTool({ name: 'report_issue', arguments: { summary: 's', description: 'd' } });
    expect(filed.structuredContent).toMatchObject({ status: 'filed', references: [reference] });
    expect(usage.reports).toMatchObject([{ references: [reference], summary: 's' }]);
  });

  it('never lets the text of an exception out', async () => {
    const { fetch, lines } = endpoint({ transport: async () => Promise.reject(new Error('secret stack tok_good')) });
    const client = await firstClient(fetch);
    const result = await client.callTool(connect);
    expect(result.structuredContent).toMatchObject({ code: 'internal' });
    expect(JSON.stringify([result, lines])).not.toContain('tok_good');
  });
});
