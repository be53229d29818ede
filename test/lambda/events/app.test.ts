/** One run of deliveries, with a clock of its own and receivers in memory. */
import { describe, expect, it, jest } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { TransportError, type OutgoingRequest } from '../../../core/egress/egress.ts';
import { createLog } from '../../../core/log.ts';
import { EVENT_TTL_MS } from '../../../core/event/outbox.ts';
import { Secret } from '../../../core/vault/secret.ts';
import type { Webhook } from '../../../core/event/webhook.ts';
import { AT_ONCE, createDeliver, DELIVERY_MS, DELIVERY_LEASE_MS, OVERDUE_MS } from '../../../lambda/events/app.ts';
import { fakeEvents } from '../../fakes/events.ts';

const START = Date.parse('2026-11-22T10:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const hookOf = (client: string): Webhook => ({
  url: new URL(`https://${client}.example.com/hooks/token-in-the-path`),
  secrets: [new Secret(SECRET)],
});

/** Answers a status, or fails as the way out does. */
type Receiver = (request: OutgoingRequest) => number | Promise<number>;

function rig(receive: Receiver = () => 200) {
  const events = fakeEvents();
  const lines: string[] = [];
  const sent: OutgoingRequest[] = [];
  const opened: string[] = [];
  const state = { now: START, hooks: hookOf as (client: string) => Webhook | undefined };
  const clock = (): number => state.now;
  const deliver = createDeliver({
    queue: events,
    webhookOf: async (client) => {
      opened.push(client);
      return state.hooks(client);
    },
    transport: async (request) => {
      sent.push(request);
      return { status: await receive(request), headers: {}, text: '' };
    },
    log: createLog({ service: 'events', write: (line) => lines.push(line), clock }),
    clock,
    random: () => 0,
  });
  const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    events,
    lines,
    sent,
    opened,
    state,
    logged,
    deliver,
    subscribe: (...clients: readonly string[]): void =>
      void events.receivers.push(...clients.map((client) => ({ client, since: new Date(START).toISOString() }))),
    /** A run that has a minute. */
    run: () => deliver(state.now + MINUTE),
    ids: () => sent.map(({ headers }) => headers['webhook-id'] ?? ''),
  };
}

const failing =
  (kind: TransportError['kind']): Receiver =>
  () =>
    Promise.reject(new TransportError(kind, true));

describe('a delivery', () => {
  it('posts the event as it is, signed, and forgets it when taken', async () => {
    const { events, sent, state, subscribe, run } = rig(() => 204);
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    state.now += 90_500;
    await run();
    const [request, ...more] = sent;
    expect(more).toEqual([]);
    expect(request).toMatchObject({ method: 'POST', body: '{"id":"evt_1"}' });
    expect(request?.url.href).toBe('https://acme.example.com/hooks/token-in-the-path');
    const seconds = String(Math.floor((START + 90_500) / 1000));
    const signed = createHmac('sha256', KEY).update(`evt_1.${seconds}.{"id":"evt_1"}`).digest('base64');
    expect(request?.headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': 'evt_1',
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,${signed}`,
    });
    expect(events.rows.size).toBe(0);
  });

  it('that was refused comes again with the same id and a new time, ever later', async () => {
    const answers = [500, 503, 200];
    const { events, sent, state, subscribe, run, ids: newId } = rig(() => answers.shift() ?? 200);
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    await run();
    state.now += MINUTE - 1;
    await run();
    expect(sent).toHaveLength(1);
    state.now += 1;
    await run();
    state.now += 5 * MINUTE;
    await run();
    expect(newId()).toEqual(['evt_1', 'evt_1', 'evt_1']);
    const times = sent.map(({ headers }) => Number(headers['webhook-timestamp']) - START / 1000);
    expect(times).toEqual([0, 60, 360]);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(events.rows.size).toBe(0);
  });

  it.each([
    ['a redirect, which is not followed', () => 302, { outcome: 'refused', status: 302 }],
    ['no answer in time', failing('timeout'), { outcome: 'timeout' }],
    ['nobody there', failing('unreachable'), { outcome: 'unreachable' }],
    ['a private address', failing('blocked'), { outcome: 'blocked' }],
    ['a receiver that wants no more', () => 410, { outcome: 'gone', status: 410 }],
  ] as const)('that ends in %s stays, and the log says how it ended', async (_what, receive, said) => {
    const { events, state, subscribe, run, logged } = rig(receive);
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    await run();
    expect(logged()).toEqual([expect.objectContaining({ event: 'event tried', clientId: 'acme', ...said })]);
    expect(events.rows.get('evt_1')).toMatchObject({ attempts: 1, dueAt: state.now + MINUTE });
  });

  it('that fails is an error after an hour, and given up after three days', async () => {
    const { events, state, subscribe, run, logged } = rig(() => 500);
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    const errors = () => logged().filter(({ level }) => level === 'ERROR');
    for (; state.now < START + OVERDUE_MS; state.now += MINUTE) await run();
    expect(errors()).toEqual([]);
    for (; state.now < START + EVENT_TTL_MS; state.now += MINUTE) await run();
    expect(errors().length).toBeGreaterThan(5);
    expect(errors().at(0)).toMatchObject({ event: 'event overdue', clientId: 'acme', reference: 'evt_1', status: 500 });
    expect(errors().at(-1)).toMatchObject({ event: 'event given up', clientId: 'acme', reference: 'evt_1' });
    expect(events.rows.size).toBe(0);
    expect(Date.parse(String(errors().at(-1)?.['time']))).toBeGreaterThan(START + EVENT_TTL_MS - 6 * HOUR);
  });

  it('writes neither address, body nor secret into the log', async () => {
    const { events, lines, subscribe, run } = rig((request) => {
      throw request.url.hostname.startsWith('acme') ? new TypeError(`at ${request.url.href}`) : new Error(SECRET);
    });
    subscribe('acme', 'other');
    for (const client of ['acme', 'other']) events.add(client, `evt_${client}`, START, { body: 'the-body' });
    await expect(run()).rejects.toThrow(/2 clients/);
    expect(lines.length).toBeGreaterThan(0);
    for (const part of ['token-in-the-path', 'example.com', 'the-body', SECRET])
      expect(lines.join()).not.toContain(part);
  });
});

describe('runs that overlap', () => {
  it('send each event once', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { events, state, subscribe, run, ids: newId } = rig(async () => (await held, 200));
    subscribe('acme');
    state.now += 1_000;
    for (let i = 0; i < 4; i += 1) events.add('acme', `evt_${i}`, START + i);
    const both = [run(), run()];
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await Promise.all(both);
    expect(newId().toSorted()).toEqual(['evt_0', 'evt_1', 'evt_2', 'evt_3']);
    expect(events.rows.size).toBe(0);
  });

  it('leave alone what an earlier run has leased, until that lapses', async () => {
    let dies = true;
    const never = new Promise<number>(() => undefined);
    const { events, state, subscribe, run, ids: newId } = rig(() => (dies ? never : 200));
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    // A process that ends between taking the right and the answer.
    void run();
    await new Promise((resolve) => setImmediate(resolve));
    dies = false;
    state.now += DELIVERY_LEASE_MS - 1;
    await run();
    expect(newId()).toEqual(['evt_1']);
    state.now += 1;
    await run();
    expect(newId()).toEqual(['evt_1', 'evt_1']);
    expect(events.rows.size).toBe(0);
  });

  it('do not undo each other: a late answer puts back nothing that is delivered by now', async () => {
    let answer = (_status: number): void => undefined;
    const late = new Promise<number>((resolve) => (answer = resolve));
    const answers: (Promise<number> | number)[] = [late, 200];
    const { events, state, subscribe, run } = rig(() => answers.shift() ?? 200);
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    const first = run();
    await new Promise((resolve) => setImmediate(resolve));
    state.now += DELIVERY_LEASE_MS;
    await run();
    answer(500);
    await first;
    expect(events.rows.size).toBe(0);
  });

  it('send again, under the same id, what was taken by the receiver and could not be removed', async () => {
    const { events, state, subscribe, run, ids: newId } = rig();
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    const removal = jest.spyOn(events, 'remove').mockRejectedValue(new Error('broken'));
    await expect(run()).rejects.toThrow(/1 clients/);
    removal.mockRestore();
    state.now += DELIVERY_LEASE_MS;
    await run();
    expect(newId()).toEqual(['evt_1', 'evt_1']);
    expect(events.rows.size).toBe(0);
  });
});

describe('a run', () => {
  it('opens no webhook where nothing is due', async () => {
    const { events, subscribe, opened, run } = rig();
    subscribe('acme', 'quiet');
    events.add('acme', 'evt_1', START, { dueAt: START + 1 });
    await run();
    expect(opened).toEqual([]);
  });

  it('leaves the events of a client whose webhook is gone', async () => {
    const { events, state, subscribe, sent, run } = rig();
    state.hooks = () => undefined;
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    await run();
    expect([sent.length, events.rows.size]).toEqual([0, 1]);
  });

  it('opens a webhook once, however many events it delivers, oldest first', async () => {
    const { events, state, subscribe, opened, run, ids: newId } = rig();
    subscribe('acme');
    state.now += 1_000;
    const wanted = Array.from({ length: 23 }, (_, i) => `evt_${String(i).padStart(2, '0')}`);
    for (const [i, id] of wanted.entries()) events.add('acme', id, START + i);
    await run();
    // Side by side within a turn, in order from turn to turn.
    const turns = Array.from({ length: 5 }, (_, i) => newId().slice(i * AT_ONCE, (i + 1) * AT_ONCE));
    expect(turns.flatMap((turn) => turn.toSorted())).toEqual(wanted);
    expect(opened).toEqual(['acme']);
  });

  it("lets clients take turns, so that a backlog does not keep another client's event waiting", async () => {
    let took = (): void => undefined;
    const {
      events,
      state,
      subscribe,
      deliver,
      ids: newId,
    } = rig(() => {
      took();
      return 200;
    });
    took = () => void (state.now += 100);
    const busy = Array.from({ length: 20 }, (_, i) => `busy${i}`);
    subscribe(...busy, 'small');
    for (const client of busy) for (let i = 0; i < 50; i += 1) events.add(client, `${client}_${i}`, START);
    events.add('small', 'evt_small', START);
    state.now += 1;
    // Time for some of the thousand.
    await deliver(state.now + DELIVERY_MS + 25_000);
    expect(newId()).toContain('evt_small');
    expect(newId().length).toBeLessThan(400);
  });

  it('leaves a receiver that takes nothing alone until the next run', async () => {
    const {
      events,
      state,
      subscribe,
      run,
      ids: newId,
    } = rig(({ url }) => (url.hostname.startsWith('down') ? 500 : 200));
    subscribe('down', 'up');
    for (let i = 0; i < 40; i += 1) {
      events.add('down', `down_${i}`, START);
      events.add('up', `up_${i}`, START);
    }
    state.now += 1;
    await run();
    expect(newId().filter((id) => id.startsWith('down'))).toHaveLength(AT_ONCE);
    expect(newId().filter((id) => id.startsWith('up'))).toHaveLength(40);
  });

  it('begins nothing that could outlast it', async () => {
    const { events, state, subscribe, deliver, sent } = rig();
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    await deliver(state.now + DELIVERY_MS);
    expect(sent).toEqual([]);
    await deliver(state.now + 2 * DELIVERY_MS);
    expect(sent).toHaveLength(1);
  });

  it("does every other client's work when one cannot be worked on, and fails afterwards", async () => {
    const { events, state, subscribe, run, ids: newId, logged } = rig();
    state.hooks = (client) => {
      if (client === 'broken') throw new TypeError('cannot open');
      return hookOf(client);
    };
    subscribe('a', 'broken', 'b');
    for (const client of ['a', 'broken', 'b']) events.add(client, `evt_${client}`, START);
    await expect(run()).rejects.toThrow('1 clients');
    expect(newId().toSorted()).toEqual(['evt_a', 'evt_b']);
    expect(logged()).toContainEqual(
      expect.objectContaining({ level: 'ERROR', clientId: 'broken', errorName: 'TypeError' }),
    );
  });

  it('begins with another client each time, so that nobody is passed over', async () => {
    const first = new Set<string>();
    for (const random of [0, 0.4, 0.99]) {
      const events = fakeEvents();
      const due: string[] = [];
      for (const client of ['a', 'b', 'c']) events.receivers.push({ client, since: new Date(START).toISOString() });
      events.due = async ({ client }) => (due.push(client), []);
      await createDeliver({
        queue: events,
        webhookOf: async () => undefined,
        transport: async () => ({ status: 200, headers: {}, text: '' }),
        log: createLog({ service: 'events', write: () => undefined, clock: () => START }),
        clock: () => START,
        random: () => random,
      })(START + MINUTE);
      expect(due.toSorted()).toEqual(['a', 'b', 'c']);
      first.add(due[0] ?? '');
    }
    expect(first).toEqual(new Set(['a', 'b', 'c']));
  });
});
