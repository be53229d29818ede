/** A body that nests too deeply is refused before anything recursive sees it. */
import { describe, expect, it } from '@jest/globals';
import { principalOf } from '../../fakes/principal.ts';
import { ADDRESS, endpoint } from './endpoint.ts';

describe('a request that nests', () => {
  const brackets = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const send = async (body: string) => {
    const world = endpoint({ transport: () => Promise.reject(new Error('nothing may be sent')) });
    const request = new Request(ADDRESS, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const response = await world.app(request, principalOf(), {
      requestId: 'r',
      budgetMs: 5_000,
      publicUrl: 'https://gateway.test',
    });
    const text = await response.text();
    const json = /^data: (.*)$/m.exec(text)?.[1] ?? text;
    return { status: response.status, text, ...(JSON.parse(json) as { error?: unknown }), world };
  };
  const call = (args: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_tools","arguments":${args}}}`;
  const refused = { status: 400, error: { code: -32600, message: expect.stringContaining('100 levels') } };

  it('is read down to 100 levels and refused beyond', async () => {
    expect((await send(call(brackets(98)))).text).not.toContain('100 levels');
    expect(await send(call(brackets(99)))).toMatchObject(refused);
  });

  it('may hold any number of brackets in its texts', async () => {
    const { error, text } = await send(call(JSON.stringify({ query: `\\"${'['.repeat(200)}` })));
    expect(error).toBeUndefined();
    expect(text).toContain('structuredContent');
  });

  it.each(['[', '{"a":', '[{"a":'])(
    'a hundred thousand times %s ends no stack: it is refused before anything walks it',
    async (open) => {
      const body = call(`{"id":${open.repeat(100_000)}`);
      const { world, ...answer } = await send(body);
      expect(answer).toMatchObject(refused);
      expect(world.lines.filter((line) => line.includes('ERROR'))).toEqual([]);
    },
  );
});

describe('a request', () => {
  const send = async (body: string): Promise<string> => {
    const { app } = endpoint({ transport: () => Promise.reject(new Error('nothing may be sent')) });
    const request = new Request(ADDRESS, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const context = { requestId: 'r', budgetMs: 5_000, publicUrl: 'https://gateway.test' } as const;
    return (await app(request, principalOf(), context)).text();
  };
  const call = (name: string, args: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`;

  it('may begin with a byte order mark', async () => {
    expect(await send(`\uFEFF${call('list_connections', '{}')}`)).toContain('"connections":[]');
  });

  it('with half an emoji in it brings none of it back', async () => {
    for (const half of [String.raw`\ud83d`, String.raw`\udc00`]) {
      const said = (await send(call(`no_such_${half}`, '{}'))) + (await send(call('search_tools', `{"${half}":1}`)));
      expect(said).toContain('error');
      expect(said).not.toMatch(/\\u[dD][89a-fA-F]/);
      expect(said.isWellFormed()).toBe(true);
    }
  });

  it('of 400 KB of names that no tool has is answered in a few words', async () => {
    const names = JSON.stringify(Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`name_${i}`, i])));
    const long = JSON.stringify({ ['n'.repeat(400_000)]: 1 });
    for (const args of [names, long])
      for (const name of ['search_tools', 'example_list_things', 'example_erase_thing']) {
        const said = await send(call(name, args));
        expect([name, said.includes('wrong'), said.length < 3_000]).toEqual([name, true, true]);
      }
  });
});
