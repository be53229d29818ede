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
