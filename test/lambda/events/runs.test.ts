/** One run of the events function, and two that overlap. */
import { describe, expect, it, jest } from '@jest/globals';
import { createLog } from '../../../core/log.ts';
import { AT_ONCE, createDeliver, DELIVERY_MS, DELIVERY_LEASE_MS } from '../../../lambda/events/app.ts';
import { fakeEvents } from '../../fakes/events.ts';
import { START, MINUTE, hookOf, setUpDelivery } from './deliveries.ts';

describe('runs that overlap', () => {
  it('send each event once', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { events, state, subscribe, run, ids: newId } = setUpDelivery(async () => (await held, 200));
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
    const { events, state, subscribe, run, ids: newId } = setUpDelivery(() => (dies ? never : 200));
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
    const { events, state, subscribe, run } = setUpDelivery(() => answers.shift() ?? 200);
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
    const { events, state, subscribe, run, ids: newId } = setUpDelivery();
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    const removal = jest.spyOn(events, 'remove').mockRejectedValue(new Error('broken'));
    await run();
    removal.mockRestore();
    state.now += DELIVERY_LEASE_MS;
    await run();
    expect(newId()).toEqual(['evt_1', 'evt_1']);
    expect(events.rows.size).toBe(0);
  });
});

describe('a run', () => {
  it('opens no webhook where nothing is due', async () => {
    const { events, subscribe, opened, run } = setUpDelivery();
    subscribe('acme', 'quiet');
    events.add('acme', 'evt_1', START, { dueAt: START + 1 });
    await run();
    expect(opened).toEqual([]);
  });

  it('leaves the events of a client whose webhook is gone', async () => {
    const { events, state, subscribe, sent, run } = setUpDelivery();
    state.hooks = () => undefined;
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    await run();
    expect([sent.length, events.rows.size]).toEqual([0, 1]);
  });

  it('opens a webhook once, however many events it delivers, oldest first', async () => {
    const { events, state, subscribe, opened, run, ids: newId } = setUpDelivery();
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
    } = setUpDelivery(() => {
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
    } = setUpDelivery(({ url }) => (url.hostname.startsWith('down') ? 500 : 200));
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
    const { events, state, subscribe, deliver, sent } = setUpDelivery();
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    await deliver(state.now + DELIVERY_MS);
    expect(sent).toEqual([]);
    await deliver(state.now + 2 * DELIVERY_MS);
    expect(sent).toHaveLength(1);
  });

  it("does every other client's work when one's fails, and leaves a line that an alarm counts", async () => {
    const { events, state, subscribe, run, ids: newId, logged } = setUpDelivery();
    state.hooks = (client) => {
      if (client === 'broken') throw new TypeError('cannot open');
      return hookOf(client);
    };
    subscribe('a', 'broken', 'b');
    for (const client of ['a', 'broken', 'b']) events.add(client, `evt_${client}`, START);
    await run();
    expect(newId().toSorted()).toEqual(['evt_a', 'evt_b']);
    expect(logged()).toContainEqual(
      expect.objectContaining({ event: 'events of a client failed', clientId: 'broken', errorName: 'TypeError' }),
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
