/** What was once on the wire and must not be: the texts of exceptions, and a validator's lists of issues. */
import { describe, expect, it } from '@jest/globals';
import type { Transport } from '../../../core/egress/egress.ts';
import type { SkillFile } from '../../../lambda/mcp/request/manifest.ts';
import { principalOf } from '../../fakes/principal.ts';
import { fakeConnections } from '../../fakes/stores.ts';
import { ADDRESS, endpoint } from './endpoint.ts';

const noProvider: Transport = () => Promise.reject(new Error('nothing may be sent'));
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
};

const uri = 'skill://example/things/SKILL.md';
const skill: SkillFile = {
  provider: 'example',
  title: 'Things',
  description: 'How to use things',
  entry: { uri, name: 'things', description: 'How to use things' } as unknown as SkillFile['entry'],
  text: '# Things',
};

type ClientsSetUp = ReturnType<typeof endpoint>;
type RpcAnswer = { readonly result?: unknown; readonly error?: { readonly code: number; readonly message: string } };

/** The answer of either era, and all of its text. */
async function post({ app }: ClientsSetUp, era: 'legacy' | 'modern', method: string, params: object) {
  const modern = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...('name' in params ? { 'mcp-name': String(params.name) } : {}),
    ...('uri' in params ? { 'mcp-name': String(params.uri) } : {}),
  };
  const request = new Request(ADDRESS, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(era === 'modern' ? modern : {}) },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: era === 'modern' ? { ...params, _meta: META } : params,
    }),
  });
  return read(
    await app(request, principalOf(), { requestId: 'r', budgetMs: 5_000, publicUrl: 'https://gateway.test' }),
  );
}

async function read(response: Response) {
  const text = await response.text();
  const json = /^data: (.*)$/m.exec(text)?.[1] ?? text;
  return { status: response.status, text, ...(JSON.parse(json) as RpcAnswer) };
}

describe.each(['legacy', 'modern'] as const)('an answer of the %s era', (era) => {
  it.each([
    ['tools/call', { name: 'list_connections', arguments: 'none' }, 'params.arguments: '],
    ['prompts/get', { name: 'connect', arguments: { provider: 1 } }, 'params.arguments.provider: '],
    ['tools/list', { cursor: 1 }, 'params.cursor: '],
    ['completion/complete', {}, 'params.ref: '],
  ])(
    'says which parameter of %s is wrong, in a sentence and without a list of issues',
    async (method, params, words) => {
      const { error, text } = await post(endpoint({ transport: noProvider }), era, method, params);
      expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(words) });
      expect(text).not.toMatch(/invalid_type|\\"path\\"|\\"code\\"/);
    },
  );

  it.each([
    ['tools/list', {}],
    ['resources/list', {}],
    ['resources/read', { uri }],
    ['skills/list', {}],
  ])('holds nothing of an exception that %s meets in a store, which the log names by class', async (method, params) => {
    const connections = {
      ...fakeConnections(),
      list: () => Promise.reject(new RangeError('AccessDenied on arn:aws:dynamodb:canary')),
    };
    const world = endpoint({ transport: noProvider, deps: { connections, skills: [skill] } });
    const { error, text } = await post(world, era, method, params);
    expect(error).toEqual({ code: -32603, message: expect.stringMatching(/it has been logged/) });
    expect(text).not.toMatch(/canary|AccessDenied/);
    const logged = world.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged).toContainEqual(expect.objectContaining({ level: 'ERROR', method, errorName: 'RangeError' }));
    expect(world.lines.join('')).not.toContain('canary');
  });

  it('keeps the words of our own refusals', async () => {
    const world = endpoint({ transport: noProvider });
    expect(await post(world, era, 'prompts/get', { name: 'other' })).toMatchObject({
      error: { code: -32602, message: 'There is no prompt of that name. Use connect or troubleshoot.' },
    });
  });
});
