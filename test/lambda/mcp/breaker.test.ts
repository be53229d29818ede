/** A provider that hangs: what its own account's calls are told, and that nobody else notices. */
import { describe, expect, it } from '@jest/globals';
import { TransportError, type Transport } from '../../../core/egress/egress.ts';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import { principalOf } from '../../fakes/principal.ts';
import { endpoint, firstClient } from './endpoint.ts';

const READ = { name: 'example_list_things', arguments: {} };
const ANN = principalOf({ user: 'ann' });

interface Answered {
  readonly code?: string;
  readonly retry_after?: number;
  readonly message?: string;
}

async function setUpHanging() {
  let now = Date.parse('2026-11-28T10:00:00Z');
  let isHung = false;
  let asked = 0;
  let abortedBy: Error | undefined;
  const transport: Transport = async ({ url }, signal) => {
    asked += 1;
    if (abortedBy !== undefined) {
      Object.defineProperty(signal, 'aborted', { value: true });
      Object.defineProperty(signal, 'reason', { value: abortedBy });
    }
    if (isHung) throw new TransportError('timeout', true);
    const body = url.pathname === '/api/me' ? { name: 'Ann' } : { rows: [{ ID: 1, TEXT: 'first' }], total: 1 };
    return { status: 200, headers: {}, text: JSON.stringify(body) };
  };
  const world = endpoint({ transport, deps: { clock: () => now } });
  const open = async (principal: TenantPrincipal) => {
    const client = await firstClient(world.fetchAs(principal));
    const connect = (connection?: string) =>
      client.callTool({
        name: 'connect_provider',
        arguments: {
          provider_key: 'example',
          api_key: 'tok_good',
          ...(connection === undefined ? {} : { connection }),
        },
      });
    await connect();
    const read = async (connection?: string): Promise<Answered> =>
      (await client.callTool({ ...READ, arguments: connection === undefined ? {} : { connection } }))
        .structuredContent as Answered;
    return { client, connect, read };
  };
  return {
    ...world,
    open,
    hang: (hung: boolean) => void (isHung = hung),
    leave: (reason: Error | undefined) => void (abortedBy = reason),
    pass: (ms: number) => void (now += ms),
    asked: () => asked,
  };
}

describe('an account whose provider hangs', () => {
  it('fails at once after three timeouts in a row, and says when to come back', async () => {
    const world = await setUpHanging();
    const { read } = await world.open(ANN);
    world.hang(true);
    for (let at = 0; at < 3; at += 1) expect(await read()).toMatchObject({ code: 'timeout' });
    const before = world.asked();
    world.pass(12_000);
    expect(await read()).toMatchObject({ code: 'provider_down', retry_after: 18 });
    expect((await read()).message).toContain('This one was not sent');
    expect(world.asked()).toBe(before);
    // Refused here, so neither counted nor reported as used.
    expect((await world.usage.read(ANN.tenant))[0]?.calls).toBe(3);
  });

  it('is tried by one call after half a minute, and works again when that was answered', async () => {
    const world = await setUpHanging();
    const { read } = await world.open(ANN);
    world.hang(true);
    for (let at = 0; at < 3; at += 1) await read();
    world.pass(30_000);
    let before = world.asked();
    const tried = await Promise.all(Array.from({ length: 10 }, () => read()));
    expect(tried.filter(({ code }) => code === 'provider_down')).toHaveLength(9);
    expect(world.asked() - before).toBe(1);
    expect(await read()).toMatchObject({ code: 'provider_down', retry_after: 30 });
    world.pass(30_000);
    world.hang(false);
    before = world.asked();
    for (let at = 0; at < 3; at += 1) expect((await read()).code).toBeUndefined();
    expect(world.asked() - before).toBe(3);
    world.hang(true);
    for (let at = 0; at < 2; at += 1) expect(await read()).toMatchObject({ code: 'timeout' });
  });

  it('starts over with every answer in between', async () => {
    const world = await setUpHanging();
    const { read } = await world.open(ANN);
    for (let at = 0; at < 4; at += 1) {
      for (const hung of [true, true, false]) {
        world.hang(hung);
        expect((await read()).code).toBe(hung ? 'timeout' : undefined);
      }
    }
  });

  it('stops neither another account of its user nor another user of the same provider', async () => {
    const world = await setUpHanging();
    const ann = await world.open(ANN);
    await ann.connect('work');
    const bob = await world.open(principalOf({ user: 'bob' }));
    world.hang(true);
    for (let at = 0; at < 4; at += 1) await ann.read();
    expect(await ann.read()).toMatchObject({ code: 'provider_down' });
    world.hang(false);
    expect((await ann.read('work')).code).toBeUndefined();
    expect((await bob.read()).code).toBeUndefined();
    expect(await ann.read()).toMatchObject({ code: 'provider_down' });
  });

  it('works again at once when it is connected anew', async () => {
    const world = await setUpHanging();
    const { read, connect } = await world.open(ANN);
    world.hang(true);
    for (let at = 0; at < 3; at += 1) await read();
    world.hang(false);
    await connect();
    expect((await read()).code).toBeUndefined();
  });

  it('is not blamed when the caller leaves, only when time ran out', async () => {
    const world = await setUpHanging();
    const { read } = await world.open(ANN);
    world.hang(true);
    world.leave(new DOMException('left', 'AbortError'));
    for (let at = 0; at < 5; at += 1) expect(await read()).toMatchObject({ code: 'timeout' });
    world.leave(new DOMException('over', 'TimeoutError'));
    for (let at = 0; at < 3; at += 1) expect(await read()).toMatchObject({ code: 'timeout' });
    expect(await read()).toMatchObject({ code: 'provider_down' });
  });
});

describe('a note about a timeout that cannot be written', () => {
  it('changes nothing of what the call says', async () => {
    const world = await setUpHanging();
    const { read } = await world.open(ANN);
    Object.assign(world.connections, { countTimeout: () => Promise.reject(new Error('throttled')) });
    world.hang(true);
    expect(await read()).toMatchObject({ code: 'timeout' });
    expect(world.lines.join('')).toContain('timeout not noted');
  });
});
