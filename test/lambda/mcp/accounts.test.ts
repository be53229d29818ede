/** Several accounts of one provider: connected by every way, chosen by name, removed one at a time. */
import { describe, expect, it } from '@jest/globals';
import type { Transport } from '../../../core/egress/egress.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { connectCall, setUpMcp, structured } from './connecting.ts';
import { firstClient, modernClient } from './endpoint.ts';

const READ = { name: 'example_list_things', arguments: {} };
const OWNERS: Readonly<Record<string, string>> = { tok_ann: 'Ann', tok_bob: 'Bob', tok_cid: 'Cid' };
/** Tells accounts apart by their tokens. */
const vendor: Transport = async ({ url, headers }) => {
  const name = OWNERS[(headers['authorization'] ?? '').replace('Bearer ', '')];
  const answer = (value: unknown, status = 200) => ({ status, headers: {}, text: JSON.stringify(value) });
  if (name === undefined) return answer({ error: 'REVOKED' }, 401);
  return answer(url.pathname === '/api/me' ? { name } : { rows: [{ ID: 1, TEXT: `of ${name}` }] });
};

/** Ann by her token, then Bob by a link. */
async function two() {
  let now = Date.UTC(2026, 0, 1);
  const world = setUpMcp({ transport: vendor, deps: { clock: () => (now += 1_000) } });
  const client = await firstClient(world.fetch);
  await client.callTool(connectCall({ api_key: 'tok_ann' }));
  const { url } = structured(await client.callTool(connectCall({ connection: 'work' })));
  expect(world.links.rows.get(hashSecret(url.slice(-43)))).toMatchObject({ connection: 'work' });
  await world.openLink(url, 'tok_bob');
  return { ...world, client };
}

describe('several accounts of one provider', () => {
  it('are listed with their names, and every tool of the provider takes one of them', async () => {
    const { client, fetch } = await two();
    expect(structured(await client.callTool({ name: 'list_connections', arguments: {} }))).toMatchObject({
      connections: [
        { connection: 'default', account: 'Ann' },
        { connection: 'work', account: 'Bob' },
      ],
    });
    const all = await modernClient(fetch, 'pinned', '?full_catalog=true');
    const [first, ...others] = (await all.listTools()).tools.filter(({ name }) => name.startsWith('example_'));
    const choice = (tool: typeof first) => Object(tool?.inputSchema.properties)['connection'] as unknown;
    expect(choice(first)).toEqual({ type: 'string', enum: ['default', 'work'], description: expect.any(String) });
    for (const tool of others) {
      const description = `Which account, as in ${first?.name}; default: the first`;
      expect([tool.name, choice(tool)]).toEqual([tool.name, { type: 'string', description }]);
      expect(tool.inputSchema.required ?? []).not.toContain('connection');
    }
    const described = await client.callTool({
      name: 'describe_category',
      arguments: { provider_key: 'example', category: 'changes' },
    });
    expect(JSON.stringify(structured(described)['tools'])).toContain('"enum":["default","work"]');
  });

  it.each([
    [
      'by its own name',
      (connection?: string) => ({ ...READ, arguments: connection === undefined ? {} : { connection } }),
    ],
    [
      'by call_tool',
      (connection?: string) => ({
        name: 'call_tool',
        arguments: { tool: READ.name, ...(connection === undefined ? {} : { connection }) },
      }),
    ],
  ])(
    'are chosen by name in a call %s; the first is the default, and the result says whose it is',
    async (_how, call) => {
      const { client } = await two();
      const of = async (connection?: string) => structured(await client.callTool(call(connection)));
      expect(await of('work')).toMatchObject({ items: [{ text: 'of Bob' }], connection: 'work', account: 'Bob' });
      for (const left of [undefined, ''])
        expect(await of(left)).toMatchObject({ items: [{ text: 'of Ann' }], connection: 'default', account: 'Ann' });
      expect(await of('home')).toMatchObject({ code: 'invalid_input', next: 'Use one of: default, work.' });
    },
  );

  it('keep the first as the default when it is connected again', async () => {
    const { client } = await two();
    await client.callTool(connectCall({ api_key: 'tok_cid' }));
    expect(structured(await client.callTool(READ))).toMatchObject({ connection: 'default', account: 'Cid' });
  });

  it('are not removed without a name', async () => {
    const { client, connections } = await two();
    const remove = async (more: object) =>
      structured(
        await client.callTool({ name: 'disconnect_provider', arguments: { provider_key: 'example', ...more } }),
      );
    for (const unnamed of [{}, { connection: '' }])
      expect(await remove(unnamed)).toMatchObject({
        code: 'invalid_input',
        next: 'Name one as connection: default, work.',
      });
    expect(await remove({ connection: 'home' })).toMatchObject({ code: 'not_connected' });
    expect(connections.rows.size).toBe(2);
    expect(await remove({ connection: 'default' })).toEqual({
      status: 'disconnected',
      provider_key: 'example',
      connection: 'default',
      revoked_at_provider: false,
    });
    expect(structured(await client.callTool(READ))).toMatchObject({ connection: 'work', account: 'Bob' });
    const [tool] = (await client.listTools()).tools.filter(({ name }) => name === READ.name);
    expect(tool?.inputSchema.properties).not.toHaveProperty('connection');
    expect(await remove({})).toMatchObject({ connection: 'work' });
  });
});
