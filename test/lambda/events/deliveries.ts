/** The events function over a queue and receivers in memory. Time moves when a test moves it. */
import { type OutgoingRequest } from '../../../core/egress/egress.ts';
import { createLog } from '../../../core/log.ts';
import { Secret } from '../../../core/vault/secret.ts';
import type { Webhook } from '../../../core/event/webhook.ts';
import { createDeliver } from '../../../lambda/events/app.ts';
import { fakeEvents } from '../../fakes/events.ts';

export const START = Date.parse('2026-11-22T10:00:00.000Z');
export const MINUTE = 60_000;
export const KEY = Buffer.alloc(32, 7);
export const SECRET = `whsec_${KEY.toString('base64')}`;
export const hookOf = (client: string): Webhook => ({
  url: new URL(`https://${client}.example.com/hooks/token-in-the-path`),
  secrets: [new Secret(SECRET)],
});

/** Answers a status, or fails as the way out does. */
export type Receiver = (request: OutgoingRequest) => number | Promise<number>;

export function setUpDelivery(receive: Receiver = () => 200) {
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
