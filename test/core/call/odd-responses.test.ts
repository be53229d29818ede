/** Responses that are right and unusual: what the agent is told of them is what happened. */
import { SILENT } from '../../fakes/log.ts';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { TransportError, type OutgoingRequest, type TransportResponse } from '../../../core/egress/egress.ts';
import { at, pick } from '../../../core/json.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { byQuery } from '../../../core/provider/shapes.ts';
import type { AnyTool, Shape } from '../../../core/provider/tool.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { parseAndRun } from '../../fakes/run-tool.ts';
import { noPace } from '../../fakes/stores.ts';

type Reply = Partial<TransportResponse> | TransportError;

const toolNamed = (name: string): AnyTool => {
  const found = Object.values(exampleProvider.categories)
    .flatMap(({ tools }) => tools)
    .find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`no tool ${name}`);
  return found;
};

async function run(
  tool: string | AnyTool,
  args: object,
  replies: readonly Reply[],
  provider: Provider = exampleProvider,
) {
  const sent: OutgoingRequest[] = [];
  const result = await parseAndRun(
    {
      transport: async (request) => {
        const reply = replies[Math.min(sent.length, replies.length - 1)];
        sent.push(request);
        if (reply instanceof TransportError) throw reply;
        return { status: 200, headers: {}, text: '', ...reply };
      },
      rateLimiter: noPace,
      clock: () => 0,
      sleep: async () => undefined,
    },
    {
      tenant: tenantId({ client: 'c' }),
      provider,
      tool: typeof tool === 'string' ? toolNamed(tool) : tool,
      args,
      connection: { auth: 'token', facts: {} },
      credential: new Secret({ api_key: 'tok_good' }),
      signal: new AbortController().signal,
      log: SILENT,
    },
  );
  return { result, sent };
}

const withQuery = z.strictObject({ query: z.string().optional() });
const json = (value: unknown): Reply => ({ text: JSON.stringify(value) });
const paint = { id: '1', color: 'red' };

describe('a response', () => {
  it('with a byte order mark, a long number or half an emoji is read', async () => {
    const text = String.raw`{"item":{"id":9007199254740993,"name":"\ud83d"}}`;
    const { result } = await run('get_thing', { id: '1' }, [{ text: `\uFEFF${text}` }]);
    expect(result).toMatchObject({ ok: true, value: { item: { id: '9007199254740993', name: '\uFFFD' } } });
  });

  it('of 204 is no record, an empty list, or a change that is done', async () => {
    const none = { status: 204 };
    const shaped = (name: string, shape: Shape): AnyTool => ({ ...toolNamed(name), shape, verify: () => undefined });
    const strict: Shape = { kind: 'item', item: (body) => (at(body, 'id') === undefined ? undefined : { id: 1 }) };
    expect((await run('get_thing', { id: '1' }, [none])).result).toMatchObject({ fault: { code: 'not_found' } });
    expect((await run('list_things', {}, [none])).result).toEqual({ ok: true, value: { items: [] } });
    expect((await run(shaped('paint_thing', strict), paint, [none])).result).toMatchObject({
      ok: true,
      value: { item: { accepted: true } },
    });
    // Nothing where something was promised is not the same.
    expect((await run('get_thing', { id: '1' }, [{ status: 200 }])).result).toMatchObject({
      fault: { code: 'provider_down' },
    });
  });

  it('that nests without end is one that nobody understands, and a change may have been made', async () => {
    const deep = { text: '['.repeat(50_000) + ']'.repeat(50_000) };
    expect((await run('get_thing', { id: '1' }, [deep])).result).toMatchObject({ fault: { code: 'provider_down' } });
    expect((await run('paint_thing', paint, [deep])).result).toMatchObject({ fault: { code: 'may_have_happened' } });
  });

  it('in an unknown encoding is called that, and a change may have been made', async () => {
    const odd = new TransportError('unreadable', true);
    expect((await run('get_thing', { id: '1' }, [odd])).result).toMatchObject({
      fault: { code: 'provider_down', message: 'Example answered in an encoding that is not known.' },
    });
    expect((await run('paint_thing', paint, [odd])).result).toMatchObject({ fault: { code: 'may_have_happened' } });
  });

  it('that quotes a vendor at length is told in one well-formed line', async () => {
    const { result } = await run('get_thing', { id: '1' }, [json({ error: `a\u202Eb\n${'\u{1F600}'.repeat(900)}` })]);
    const message = result.ok ? '' : result.fault.message;
    expect(message).toMatch(/^ab \u{1F600}+$/u);
    expect([message.isWellFormed(), message.length <= 500]).toEqual([true, true]);
  });
});

describe('a provider that throttles without a number', () => {
  it('is given a minute, and with a number what it says', async () => {
    const told = await run('list_things', {}, [{ status: 429, headers: { 'retry-after': '9' } }]);
    expect(told.result).toMatchObject({ fault: { code: 'rate_limited', retry_after: 9 } });
    const untold = await run('paint_thing', paint, [{ status: 429 }]);
    expect(untold.sent).toHaveLength(4);
    expect(untold.result).toMatchObject({
      fault: {
        code: 'rate_limited',
        retry_after: 60,
        next: 'Wait for retry_after seconds, then call again.',
        cause: 'rate_limited',
      },
    });
  });
});

describe('what a failing or throttling server says of a credential', () => {
  it.each([429, 500, 502, 503])('is not believed with HTTP %i', async (status) => {
    const revoked = { status, text: '{"error":"REVOKED"}' };
    const { result } = await run('list_things', {}, [revoked]);
    expect(result).toMatchObject({ fault: { code: status === 429 ? 'rate_limited' : 'provider_down' } });
    const refused = await run('list_things', {}, [{ ...revoked, status: 403 }]);
    expect(refused.result).toMatchObject({ fault: { code: 'reconnect_required' } });
  });
});

describe('a redirect', () => {
  const to = (location: string, status = 301): Reply => ({ status, headers: { location } });

  it("of a read is followed within the provider's own hosts, as the same request", async () => {
    for (const status of [301, 302, 307, 308]) {
      const { result, sent } = await run('list_things', { color: 'red' }, [
        to('https://two.example.com/api/things?moved=1', status),
        json({ rows: [{ ID: 1 }] }),
      ]);
      expect(result).toMatchObject({ ok: true, value: { items: [{ id: 1 }] } });
      expect(sent.map(({ method, url, body }) => [method, url.href, body])).toEqual([
        ['POST', 'https://one.example.com/api/things', '{"color":"red"}'],
        ['POST', 'https://two.example.com/api/things?moved=1', '{"color":"red"}'],
      ]);
      expect(sent[1]?.headers['authorization']).toBe('Bearer tok_good');
    }
  });

  it('of 303 is read by GET, and a relative one from where it came', async () => {
    const { sent } = await run('list_things', {}, [to('/other', 303), json({ rows: [] })]);
    expect(sent[1]).toMatchObject({ method: 'GET', url: new URL('https://one.example.com/other') });
    expect([sent[1]?.body, sent[1]?.headers['content-type']]).toEqual([undefined, undefined]);
  });

  it.each([
    'https://evil.example.net/api/things',
    'http://two.example.com/api/things',
    'https://two.example.com:8443/',
    'https://user:pass@two.example.com/',
    'https://169.254.169.254/',
    'https://[bad',
  ])('to %s is not followed, which is said without the address', async (location) => {
    const { result, sent } = await run('list_things', {}, [to(location)]);
    expect(sent).toHaveLength(1);
    expect(result).toMatchObject({
      fault: { code: 'provider_down', message: expect.stringContaining('sends this call on to another address') },
    });
    expect(JSON.stringify(result)).not.toContain(location);
  });

  it('that leads from one to the next is followed three times', async () => {
    const { result, sent } = await run('list_things', {}, [to('/again')]);
    expect(sent).toHaveLength(4);
    expect(result).toMatchObject({ fault: { code: 'provider_down' } });
  });

  it('of a change is never followed', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const { result, sent } = await run('paint_thing', paint, [to('https://two.example.com/', status)]);
      expect([sent.length, result.ok]).toEqual([1, false]);
    }
  });
});

describe('a list that the provider gives as a whole', () => {
  const rows = Array.from({ length: 900 }, (_, i) => ({ id: i, name: `Dish ${i} ${'x'.repeat(80)}` }));
  const menu = (sift?: ReturnType<typeof byQuery>): AnyTool => ({
    ...toolNamed('list_things'),
    shape: {
      kind: 'list',
      rows: (body) => at(body, 'rows'),
      row: pick({ id: 'id', name: 'name' }),
      ...(sift === undefined ? {} : { sift }),
    },
  });

  it('goes on by its cursor with the row after the last that was shown', async () => {
    const seen: unknown[] = [];
    let cursor: unknown;
    do {
      const { result } = await run(menu(), cursor === undefined ? {} : { cursor }, [json({ rows })]);
      if (!result.ok) throw new Error(result.fault.code);
      seen.push(...(result.value['items'] as { id: number }[]).map(({ id }) => id));
      cursor = result.value['next_cursor'];
      expect(result.value['truncated'] === undefined).toBe(cursor === undefined);
    } while (cursor !== undefined);
    expect(seen).toEqual(rows.map(({ id }) => id));
  });

  it('is narrowed here where the provider takes no filter', async () => {
    const tool = { ...menu(byQuery('name')), input: withQuery };
    const { result } = await run(tool, { query: ' DISH 123 ' }, [json({ rows })]);
    expect(result).toMatchObject({ ok: true, value: { items: [{ id: 123 }] } });
  });

  it('that is too large names the arguments that make it smaller, or says that there are none', async () => {
    const huge = [new TransportError('too_large', true)];
    expect((await run('list_things', {}, huge)).result).toMatchObject({
      fault: { code: 'invalid_input', next: 'Ask for less at once, with: color.' },
    });
    expect((await run({ ...menu(byQuery('name')), input: withQuery }, {}, huge)).result).toMatchObject({
      fault: { code: 'invalid_input', next: expect.stringContaining('as a whole only') },
    });
  });
});
