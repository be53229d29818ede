/** One delivery to a receiver. */
import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { TransportError } from '../../../core/egress/egress.ts';
import { EVENT_TTL_MS } from '../../../core/event/outbox.ts';
import { OVERDUE_MS } from '../../../lambda/events/app.ts';
import { START, MINUTE, KEY, SECRET, setUpDelivery, type Receiver } from './deliveries.ts';

const HOUR = 60 * MINUTE;
const failing =
  (kind: TransportError['kind']): Receiver =>
  () =>
    Promise.reject(new TransportError(kind, true));

describe('a delivery', () => {
  it('posts the event as it is, signed, and forgets it when taken', async () => {
    const { events, sent, state, subscribe, run } = setUpDelivery(() => 204);
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
    const { events, sent, state, subscribe, run, ids: newId } = setUpDelivery(() => answers.shift() ?? 200);
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
    const { events, state, subscribe, run, logged } = setUpDelivery(receive);
    subscribe('acme');
    events.add('acme', 'evt_1', START);
    await run();
    expect(logged()).toEqual([expect.objectContaining({ event: 'event tried', clientId: 'acme', ...said })]);
    expect(events.rows.get('evt_1')).toMatchObject({ attempts: 1, dueAt: state.now + MINUTE });
  });

  it('that fails is an error after an hour, and given up after three days', async () => {
    const { events, state, subscribe, run, logged } = setUpDelivery(() => 500);
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
    const { events, lines, subscribe, run } = setUpDelivery((request) => {
      throw request.url.hostname.startsWith('acme') ? new TypeError(`at ${request.url.href}`) : new Error(SECRET);
    });
    subscribe('acme', 'other');
    for (const client of ['acme', 'other']) events.add(client, `evt_${client}`, START, { body: 'the-body' });
    await run();
    expect(lines.length).toBeGreaterThan(0);
    for (const part of ['token-in-the-path', 'example.com', 'the-body', SECRET])
      expect(lines.join()).not.toContain(part);
  });
});
