/**
 * One run of deliveries. Clients take turns, so that none waits for another's backlog or for another's slow receiver;
 * an event is leased before it is sent and removed after the receiver said yes. Neither the address nor the body is
 * logged, and an answer's body is not looked at.
 */
import { TransportError, type Transport } from '../../core/egress/egress.ts';
import type { Log } from '../../core/log.ts';
import { nextAttempt, type EventQueue, type QueuedEvent, type Subscriber } from '../../core/event/outbox.ts';
import { webhookHeaders, type Webhook } from '../../core/event/webhook.ts';
import type { Clock } from '../../core/time.ts';

export interface DeliveryDeps {
  readonly queue: EventQueue;
  /** The webhook of a client, opened; undefined when it has none by now. */
  readonly webhookOf: (client: string) => Promise<Webhook | undefined>;
  readonly transport: Transport;
  readonly log: Log;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What one receiver may take for one event. */
export const DELIVERY_MS = 10_000;
/** A try that takes longer than this has lost its right: the delivery, and two calls to the table. */
export const DELIVERY_LEASE_MS = 30_000;
/** Sent to one client at a time; more waits for the client's next turn. */
export const AT_ONCE = 5;
const CLIENTS_AT_ONCE = 16;
/** For the calls to the table after a delivery. */
const MARGIN_MS = 3_000;
/** After this an event that still fails is an alarm's business. */
export const OVERDUE_MS = 3_600_000;

/** @param deadline milliseconds since 1970 by which the run is over; nothing is begun that could take longer. */
export type Deliver = (deadline: number) => Promise<void>;

export function createDeliver(deps: DeliveryDeps): Deliver {
  const { queue, log, clock } = deps;

  /** One turn of a client. True when it has more that may be sent in this run. */
  async function turn(subscriber: Subscriber, opened: Map<string, Webhook>): Promise<boolean> {
    const { client } = subscriber;
    const events = await queue.due(subscriber, clock(), AT_ONCE);
    if (events.length === 0) return false;
    const webhook = opened.get(client) ?? (await deps.webhookOf(client));
    // Its row goes before the one in the directory: what waits ends by itself.
    if (webhook === undefined) return false;
    opened.set(client, webhook);
    // Each is seen to its end, whatever becomes of the others: an answer must find its row.
    const tried = await Promise.allSettled(events.map((event) => attempt(deps, event, webhook)));
    for (const one of tried) if (one.status === 'rejected') throw one.reason;
    // A receiver that takes none of them is left alone until the next run.
    return events.length === AT_ONCE && tried.some((one) => one.status === 'fulfilled' && one.value);
  }

  return async (deadline) => {
    const waiting = startingAnywhere(await queue.subscribers(), deps.random());
    const opened = new Map<string, Webhook>();
    async function work(): Promise<void> {
      for (;;) {
        if (clock() + DELIVERY_MS + MARGIN_MS > deadline) return;
        const subscriber = waiting.shift();
        if (subscriber === undefined) return;
        try {
          if (await turn(subscriber, opened)) waiting.push(subscriber);
        } catch (error) {
          // One client's trouble is not another's, and a failed run would be begun again for all of them. An alarm counts this line.
          log.error('events of a client failed', { clientId: subscriber.client, error });
        }
      }
    }
    await Promise.all(Array.from({ length: CLIENTS_AT_ONCE }, work));
  };
}

/** Where a run begins differs, so that a run that has to end early does not pass over the same clients each time. */
function startingAnywhere<T>(list: readonly T[], random: number): T[] {
  const start = Math.floor(random * list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}

/** True when the receiver has taken it. */
async function attempt(deps: DeliveryDeps, event: QueuedEvent, webhook: Webhook): Promise<boolean> {
  const { queue, log, clock } = deps;
  const started = clock();
  const leased = await queue.lease(event, started + DELIVERY_LEASE_MS);
  if (leased === undefined) return false;
  const { outcome, status } = await post(deps, leased, webhook);
  const { client: clientId, id: reference } = event;
  log.info('event tried', { clientId, reference, outcome, status, ms: clock() - started });
  if (outcome === 'delivered') {
    await queue.remove(leased);
    return true;
  }
  const next = nextAttempt(leased, clock(), deps.random());
  if (next === undefined) {
    await queue.remove(leased);
    log.error('event given up', { clientId, reference, outcome, status });
    return false;
  }
  await queue.retryAt(leased, next);
  if (clock() - Date.parse(event.at) >= OVERDUE_MS)
    log.error('event overdue', { clientId, reference, outcome, status });
  return false;
}

interface DeliveryResponse {
  /** `gone` is a receiver that wants no more; only an operator can say so. */
  readonly outcome: 'delivered' | 'refused' | 'gone' | TransportError['kind'];
  readonly status?: number;
}

async function post(
  { transport, clock }: DeliveryDeps,
  event: QueuedEvent,
  webhook: Webhook,
): Promise<DeliveryResponse> {
  const { url, secrets } = webhook;
  const headers = webhookHeaders(event, secrets, clock());
  try {
    const signal = AbortSignal.timeout(DELIVERY_MS);
    const { status } = await transport({ method: 'POST', url, headers, body: event.body }, signal);
    if (status >= 200 && status < 300) return { outcome: 'delivered', status };
    return { outcome: status === 410 ? 'gone' : 'refused', status };
  } catch (error) {
    if (error instanceof TransportError) return { outcome: error.kind };
    throw error;
  }
}
