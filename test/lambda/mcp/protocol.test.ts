import { describe, expect, it } from '@jest/globals';
import type { Transport } from '../../../core/egress/egress.ts';
import { createSealedStates, STATE_TTL_MS } from '../../../core/vault/sealed-state.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { renderSkills } from '../../../lib/build/manifest-file.ts';
import { catalogOf, exampleProvider } from '../../fakes/example-provider.ts';
import { principalOf } from '../../fakes/principal.ts';
import { fakeDataKeys } from '../../fakes/stores.ts';
import { endpoint, firstClient, modernClient } from './endpoint.ts';

const long = 'x'.repeat(50_000);
const sent: string[] = [];
const provider: Transport = async ({ url, method }) => {
  sent.push(`${method} ${url.pathname}`);
  return {
    status: 200,
    headers: {},
    text: JSON.stringify({ name: 'Ann', item: { id: '1', text: long, list: [long] } }),
  };
};
const connect = { name: 'connect_provider', arguments: { provider_key: 'example', api_key: 'tok_good' } };
const erase = { name: 'example_erase_thing', arguments: { id: '7' } };

type Structured = Record<string, never> & { confirm_token?: string; truncated?: { read_on?: string } };
const structured = (result: object) => (result as { structuredContent?: unknown }).structuredContent as Structured;
const erased = () => sent.filter((line) => line === 'DELETE /api/things/7').length;

describe('a destructive call', () => {
  it('asks by a token where the client cannot show a form, and the token is good for exactly that call', async () => {
    const { fetch, fetchAs } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    await client.callTool(connect);
    const before = erased();
    const asked = structured(await client.callTool(erase));
    expect(asked).toMatchObject({ status: 'confirmation_required' });
    expect(erased()).toBe(before);

    const token = asked.confirm_token;
    const other = await client.callTool({ ...erase, arguments: { id: '8', confirm_token: token } });
    expect(structured(other)).toMatchObject({ code: 'invalid_input' });
    const stranger = await firstClient(fetchAs(principalOf({ user: 'someone else' })));
    await stranger.callTool(connect);
    expect(
      structured(await stranger.callTool({ ...erase, arguments: { id: '7', confirm_token: token } })),
    ).toMatchObject({ code: 'invalid_input' });
    expect(erased()).toBe(before);

    const done = await client.callTool({ ...erase, arguments: { id: '7', confirm_token: token } });
    expect(structured(done)).toMatchObject({ item: { deleted: true } });
    expect(erased()).toBe(before + 1);
  });

  it('asks by a token through call_tool as well', async () => {
    const { fetch } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    await client.callTool(connect);
    const call = { tool: erase.name, arguments: erase.arguments };
    const { confirm_token } = structured(await client.callTool({ name: 'call_tool', arguments: call }));
    const done = await client.callTool({ name: 'call_tool', arguments: { ...call, confirm_token } });
    expect(structured(done)).toMatchObject({ item: { deleted: true } });
  });

  it.each([
    ['accept', { item: { deleted: true } }],
    ['decline', { status: 'declined' }],
    ['cancel', { status: 'confirmation_required' }],
  ] as const)('asks by a form where the client can show one; on %s it answers %j', async (action, expected) => {
    const { fetch } = endpoint({ transport: provider });
    const client = await modernClient(fetch, 'pinned', '', { elicitation: { form: {} } });
    let question = '';
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      question = params.message;
      return action === 'accept' ? { action, content: {} } : { action };
    });
    await client.callTool(connect);
    expect(structured(await client.callTool(erase))).toMatchObject(expected);
    expect(question).toContain('deletes data for good');
  });

  it('does not ask when the key says never', async () => {
    const { fetch } = endpoint({ transport: provider, principal: principalOf({}, { confirm: 'never' }) });
    const client = await firstClient(fetch);
    await client.callTool(connect);
    expect(structured(await client.callTool(erase))).toMatchObject({ item: { deleted: true } });
  });
});

describe('sealed state', () => {
  const tenant = tenantId({ client: 'c', user: 'u' });

  it('opens for its tenant and purpose, for ten minutes', async () => {
    let now = 0;
    const states = createSealedStates(fakeDataKeys(), () => now);
    const text = await states.seal(tenant, 'p', { a: 1 });
    expect(await states.open(tenant, 'p', text)).toEqual({ a: 1 });
    expect(await states.open(tenant, 'q', text)).toBeUndefined();
    expect(await states.open(tenantId({ client: 'c', user: 'v' }), 'p', text)).toBeUndefined();
    now = STATE_TTL_MS;
    expect(await states.open(tenant, 'p', text)).toBeUndefined();
  });

  it('does not open when any character was changed, and shows nothing of what is in it', async () => {
    const states = createSealedStates(fakeDataKeys(), () => 0);
    const text = await states.seal(tenant, 'p', { secret: 'canary' });
    expect(Buffer.from(text, 'base64url').toString()).not.toContain('canary');
    for (let i = 0; i < text.length; i += 7) {
      const changed = text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1);
      expect(await states.open(tenant, 'p', changed)).toBeUndefined();
    }
    for (const junk of ['', '{}', 'AAAA', 'x'.repeat(20_000)])
      expect(await states.open(tenant, 'p', junk)).toBeUndefined();
  });
});

describe('a result that is too long', () => {
  it('says where the whole can be read, page by page, by the same tenant only', async () => {
    const { fetch, fetchAs } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    await client.callTool(connect);
    const result = await client.callTool({ name: 'example_get_thing', arguments: { id: '1' } });
    const uri = structured(result).truncated?.read_on ?? '';
    expect(uri).toMatch(/^result:\/\//);
    expect(result.content).toContainEqual(expect.objectContaining({ type: 'resource_link', uri }));

    let text = '';
    for (let next: unknown = uri; typeof next === 'string';) {
      const { contents } = await client.readResource({ uri: next });
      const [page] = contents;
      text += (page as { text: string }).text;
      next = page?._meta?.['next'];
    }
    expect(JSON.parse(text)).toEqual({ id: '1', text: long, list: [long] });

    const stranger = await firstClient(fetchAs(principalOf({ user: 'someone else' })));
    await expect(stranger.readResource({ uri })).rejects.toThrow();
    for (const bad of ['result://x', 'result://../../etc', `${uri}.-1`, `${uri}.999999999999`, 'skill://none/SKILL.md'])
      await expect(client.readResource({ uri: bad })).rejects.toThrow();
  });
});

describe('skills, prompts and completion', () => {
  it('serves the skills of connected providers and no others', async () => {
    const skills = await renderSkills(catalogOf(exampleProvider));
    const { fetch } = endpoint({ transport: provider, deps: { skills } });
    const client = await modernClient(fetch, 'pinned');
    expect((await client.listResources()).resources).toEqual([]);
    await client.callTool(connect);
    // Another client: this one keeps a list for as long as the server's ttlMs says.
    const uris = (await (await modernClient(fetch, 'pinned')).listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(['skill://example-things/SKILL.md', 'skill://example-changes/SKILL.md']);
    const { contents } = await client.readResource({ uri: uris[0] ?? '' });
    expect((contents[0] as { text: string }).text).toContain('How to use things.');
  });

  it('offers two prompts and completes provider names', async () => {
    const { fetch } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['connect', 'troubleshoot']);
    const prompt = await client.getPrompt({ name: 'connect', arguments: { provider: 'example' } });
    expect(JSON.stringify(prompt.messages)).toContain('example');
    await expect(client.getPrompt({ name: 'nope' })).rejects.toThrow(/connect or troubleshoot/);
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'connect' },
      argument: { name: 'provider', value: 'ex' },
    });
    expect(completion.values).toEqual(['example']);
  });

  it('never says that a list may change by itself', async () => {
    const { fetch } = endpoint({ transport: provider });
    for (const client of [await firstClient(fetch), await modernClient(fetch, 'pinned')])
      for (const capability of Object.values(client.getServerCapabilities() ?? {}))
        expect((capability as { listChanged?: boolean }).listChanged ?? false).toBe(false);
  });
});

describe('what a request asks for besides its method', () => {
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const slow = (): Transport => {
    let failures = 2;
    return async (request, signal) => {
      if (request.url.pathname !== '/api/me' && (failures -= 1) >= 0) return { status: 503, headers: {}, text: '{}' };
      return provider(request, signal);
    };
  };

  it('is told why it waits when it gave a progress token, in both eras', async () => {
    for (const open of [firstClient, (fetch: never) => modernClient(fetch, 'pinned')]) {
      const { fetch } = endpoint({ transport: slow() });
      const client = await open(fetch as never);
      await client.callTool(connect);
      const told: (string | undefined)[] = [];
      const options = { onprogress: ({ message }: { message?: string | undefined }) => void told.push(message) };
      const read = { name: 'example_get_thing', arguments: { id: '1' } };
      if ('getNegotiatedProtocolVersion' in client) await client.callTool(read, options);
      else await client.callTool(read, undefined, options);
      expect(told).toEqual(['Example: trying again in 0.7 s', 'Example: trying again in 1.4 s']);
    }
  });

  it('has its trace on the log lines, and only a well-formed one', async () => {
    const { fetch, lines } = endpoint({ transport: provider });
    const client = await firstClient(fetch);
    await client.callTool({ name: 'list_connections', arguments: {}, _meta: { traceparent: trace } });
    await client.callTool({ name: 'get_usage', arguments: {}, _meta: { traceparent: 'canary' } });
    expect(lines.filter((line) => line.includes(trace))).toHaveLength(1);
    expect(lines.join()).not.toContain('canary');
  });
});
