import { SILENT } from '../../fakes/log.ts';
import { describe, expect, it } from '@jest/globals';
import { TransportError, type OutgoingRequest, type Transport } from '../../../core/egress/egress.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import type { RateLimiter } from '../../../core/meter/rate-limit.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { parseAndRun } from '../../fakes/run-tool.ts';
import { noPace } from '../../fakes/stores.ts';

type Reply = { status?: number; headers?: Record<string, string>; body?: unknown; text?: string } | TransportError;

function run(
  tool: string,
  args: unknown,
  replies: readonly Reply[],
  more: { provider?: Provider; signal?: AbortSignal; pace?: RateLimiter } = {},
) {
  const provider = more.provider ?? exampleProvider;
  const sent: OutgoingRequest[] = [];
  const slept: number[] = [];
  const transport: Transport = async (request) => {
    const reply = replies[sent.length] ?? { status: 599, body: { error: 'the test has no further reply' } };
    sent.push(request);
    if (reply instanceof TransportError) throw reply;
    return {
      status: reply.status ?? 200,
      headers: reply.headers ?? {},
      text: reply.text ?? JSON.stringify(reply.body ?? null),
    };
  };
  const found = Object.values(provider.categories)
    .flatMap(({ tools }) => tools)
    .find(({ name }) => name === tool);
  if (found === undefined) throw new Error(`no tool ${tool}`);
  const call = {
    tenant: tenantId({ client: 'c' }),
    provider,
    tool: found,
    args,
    connection: { auth: 'token', facts: {} },
    credential: new Secret({ api_key: 'tok_good' }),
    signal: more.signal ?? new AbortController().signal,
    log: SILENT,
  };
  const deps = {
    transport,
    rateLimiter: more.pace ?? noPace,
    clock: () => 0,
    sleep: async (ms: number) => void slept.push(ms),
  };
  return parseAndRun(deps, call).then((result) => ({ result, sent, slept }));
}

const rows = (from: number, count: number, size = 10) =>
  Array.from({ length: count }, (_, i) => ({ ID: from + i, TEXT: 'x'.repeat(size) }));
const list = (more: object) => ({ body: { rows: [], ...more } });
const value = (result: Awaited<ReturnType<typeof run>>['result']) => {
  if (!result.ok) throw new Error(`failed with ${result.fault.code}`);
  return result.value as {
    items: { id: number }[];
    next_cursor?: string;
    truncated?: { shown: number; of: number; why: string };
  };
};

describe('the provider engine', () => {
  it('puts the credential where the provider wants it and nowhere else', async () => {
    const { sent } = await run('list_things', { color: 'red' }, [list({})]);
    expect(sent[0]?.url.href).toBe('https://one.example.com/api/things');
    expect(sent[0]?.headers['authorization']).toBe('Bearer tok_good');
    expect(sent[0]?.body).toBe('{"color":"red"}');
  });

  it('keeps a value inside its path segment', async () => {
    for (const [id, pathname] of [
      ['../../admin', '/api/things/..%2F..%2Fadmin'],
      ['..', '/api/things/%252E%252E'],
      ['a?b#c', '/api/things/a%3Fb%23c'],
    ] as const) {
      const { sent } = await run('get_thing', { id }, [{ body: { item: {} } }]);
      expect(sent[0]?.url.pathname).toBe(pathname);
    }
  });

  it('refuses arguments that do not fit, naming the argument and never its value', async () => {
    const { result, sent } = await run('get_thing', { id: 5, extra: 'canary' }, []);
    expect(result).toMatchObject({ ok: false, fault: { code: 'invalid_input' } });
    expect(JSON.stringify(result)).not.toContain('canary');
    expect(sent).toHaveLength(0);
  });

  it('does not send to a host that is not on the allow-list', async () => {
    const provider: Provider = { ...exampleProvider, hosts: ['api.example.org'] };
    const { result, sent } = await run('list_things', {}, [], { provider });
    expect(result).toMatchObject({ ok: false, fault: { code: 'invalid_input' } });
    expect(sent).toHaveLength(0);
  });

  describe('paging', () => {
    it('goes on with the cursor of the page before', async () => {
      const first = value(
        (await run('list_things', { color: 'red' }, [list({ rows: rows(1, 2), next: 2, total: 3 })])).result,
      );
      expect(first).toMatchObject({ items: [{ id: 1 }, { id: 2 }], total: 3 });
      const { result, sent } = await run('list_things', { color: 'red', cursor: first.next_cursor }, [
        list({ rows: rows(3, 1), total: 3 }),
      ]);
      expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ color: 'red', start: 2 });
      expect(value(result).next_cursor).toBeUndefined();
    });

    it('refuses a cursor of another list or one that was tampered with', async () => {
      const { next_cursor: cursor = '' } = value(
        (await run('list_things', { color: 'red' }, [list({ rows: rows(1, 1), next: 1 })])).result,
      );
      for (const bad of [
        { color: 'blue', cursor },
        { color: 'red', cursor: `${cursor}x` },
        { color: 'red', cursor: 'e30' },
        { color: 'red', cursor: 7 },
      ])
        expect((await run('list_things', bad, [])).result).toMatchObject({
          ok: false,
          fault: { code: 'invalid_input' },
        });
    });

    it('cuts a page that is too large, says so, and resumes at the row after', async () => {
      const page = list({ rows: rows(1, 50, 2_000), next: 50, total: 80 });
      const seen: number[] = [];
      let cursor: string | undefined;
      for (let i = 0; i < 4; i += 1) {
        const { items, next_cursor, truncated } = value(
          (await run('list_things', cursor === undefined ? {} : { cursor }, [page])).result,
        );
        seen.push(...items.map(({ id }) => id));
        cursor = next_cursor;
        if (truncated === undefined) break;
        expect(truncated.shown).toBe(items.length);
        expect(truncated.of).toBeGreaterThan(truncated.shown);
      }
      expect(seen).toEqual(rows(1, 50).map(({ ID }) => ID));
      expect(cursor).toBeDefined();
    });

    it('cuts one huge item and says how much is left', async () => {
      const { result } = await run('get_thing', { id: '1' }, [{ body: { item: { a: 'x'.repeat(100_000), b: 1 } } }]);
      expect(result).toMatchObject({
        ok: true,
        value: { item: { b: 1 }, truncated: { of: expect.any(Number) as unknown } },
      });
      expect(JSON.stringify(result).length).toBeLessThan(45_000);
    });
  });

  describe('a write', () => {
    it('is read back: true where it stuck, both values where it did not', async () => {
      const stuck = await run('paint_thing', { id: '1', color: 'red' }, [
        { body: {} },
        { body: { item: { color: 'red' } } },
      ]);
      expect(stuck.result).toMatchObject({ ok: true, value: { applied: { color: true } } });
      const ignored = await run('paint_thing', { id: '1', color: 'red' }, [
        { body: {} },
        { body: { item: { color: 'blue' } } },
      ]);
      expect(ignored.result).toMatchObject({
        ok: true,
        value: { applied: { color: { wanted: 'red', found: 'blue' } } },
      });
    });

    it('stays a success when it cannot be read back, and says that it was not', async () => {
      const { result } = await run('paint_thing', { id: '1', color: 'red' }, [{ body: {} }, { status: 404, body: {} }]);
      expect(result).toMatchObject({
        ok: true,
        value: { not_verified: expect.stringContaining('example_get_thing') as unknown },
      });
    });

    it.each([
      ['the connection breaks after it was sent', new TransportError('unreachable', true)],
      ['no answer comes in time', new TransportError('timeout', true)],
      ['the provider fails while handling it', { status: 500, text: '<html>' }],
      ['a gateway gives up on it', { status: 504, body: {} }],
      ['the answer is not JSON', { status: 200, text: 'ok?' }],
      ['the answer is too large', new TransportError('too_large', true)],
    ] as const)('is never sent twice when %s', async (_case, reply) => {
      const { result, sent } = await run('paint_thing', { id: '1', color: 'red' }, [reply]);
      expect(result).toMatchObject({ ok: false, fault: { code: 'may_have_happened' } });
      expect(sent).toHaveLength(1);
    });

    it.each([
      ['it never left', new TransportError('unreachable', false)],
      ['the provider says it was throttled', { status: 503, body: { error: 'SLOW_DOWN' } }],
      ['the provider answers 429', { status: 429, body: {} }],
    ] as const)('is sent again when %s', async (_case, reply) => {
      const { result, sent } = await run('paint_thing', { id: '1', color: 'red' }, [
        reply,
        { body: {} },
        { body: { item: { color: 'red' } } },
      ]);
      expect(result).toMatchObject({ ok: true });
      expect(sent).toHaveLength(3);
    });
  });

  describe('a read', () => {
    it('is tried four times with growing pauses, then says what happened', async () => {
      const { result, sent, slept } = await run(
        'list_things',
        {},
        Array.from({ length: 9 }, () => ({ status: 503, body: {} })),
      );
      expect(result).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
      expect(sent).toHaveLength(4);
      expect(slept).toEqual([700, 1400, 2800]);
    });

    it('is not tried again when the provider asks for a longer wait, and hands the wait on', async () => {
      const { result, sent } = await run('list_things', {}, [{ status: 429, headers: { 'retry-after': '120' } }]);
      expect(result).toMatchObject({ ok: false, fault: { code: 'rate_limited', retry_after: 120 } });
      expect(sent).toHaveLength(1);
    });

    it.each([
      [400, 'invalid_input'],
      [401, 'reconnect_required'],
      [402, 'plan_required'],
      [403, 'forbidden'],
      [404, 'not_found'],
      [409, 'conflict'],
      [302, 'provider_down'],
    ])('turns HTTP %i into %s', async (status, code) => {
      expect((await run('list_things', {}, [{ status, body: {} }])).result).toMatchObject({
        ok: false,
        fault: { code },
      });
    });

    it('believes an error inside HTTP 200', async () => {
      const { result } = await run('list_things', {}, [{ status: 200, body: { error: 'NO_SUCH_COLOR' } }]);
      expect(result).toMatchObject({ ok: false, fault: { code: 'invalid_input', message: 'NO_SUCH_COLOR' } });
    });

    it('is not sent when the deadline has passed, or when the rate limit does not allow it', async () => {
      const late = await run('list_things', {}, [list({})], { signal: AbortSignal.abort() });
      expect(late.result).toMatchObject({ ok: false, fault: { code: 'timeout' } });
      expect(late.sent).toHaveLength(0);
      const pace: RateLimiter = {
        take: async () => ({ fault: { code: 'rate_limited', message: 'm', next: 'n', retry_after: 8 } }),
      };
      const provider: Provider = {
        ...exampleProvider,
        rateLimit: { scope: () => 's', capacity: 1, perSecond: 1 },
      };
      const paced = await run('list_things', {}, [list({})], { provider, pace });
      expect(paced.result).toMatchObject({ ok: false, fault: { code: 'rate_limited', retry_after: 8 } });
      expect(paced.sent).toHaveLength(0);
    });
  });
});
