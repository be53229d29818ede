/**
 * Events that wait to be delivered. Whoever changes a connection writes them in the tenant's own session; the events
 * function takes them out. At least once: a row goes only after the receiver has said yes, or after three days.
 */
import type { OutgoingEvent } from './connection-event.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { EpochMs } from '../time.ts';

/** What may announce: the tenant's own session. It can write an event of its client and read none. */
export interface Outbox {
  /** @param dueAt milliseconds since 1970 before which it is not sent. */
  put(tenant: TenantId, event: OutgoingEvent, dueAt: EpochMs): Promise<void>;
  takeBack(tenant: TenantId, event: OutgoingEvent): Promise<void>;
}

export interface QueuedEvent extends Omit<OutgoingEvent, 'type'> {
  readonly client: string;
  /** Tries that were begun. */
  readonly attempts: number;
  readonly dueAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** A client that has a webhook. */
export interface Subscriber {
  readonly client: string;
  /** ISO 8601. What happened before is not delivered. */
  readonly since: string;
}

/** What the events function may do with waiting events. */
export interface EventQueue {
  subscribers(): Promise<readonly Subscriber[]>;
  /** Those due at `now`, oldest first, at most `limit`. */
  due(subscriber: Subscriber, now: EpochMs, limit: number): Promise<readonly QueuedEvent[]>;
  /** Takes the right to try it until then, and counts the try. Undefined when someone else has it, or it is gone. */
  lease(event: QueuedEvent, until: number): Promise<QueuedEvent | undefined>;
  /** Puts a leased one back; nothing happens when the lease has passed to someone else. */
  retryAt(leased: QueuedEvent, dueAt: EpochMs): Promise<void>;
  remove(event: QueuedEvent): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long an event is tried for. */
export const EVENT_TTL_MS = 72 * HOUR_MS;
/** After the first try, the second, and so on; the last one repeats. */
const DELAYS_MS = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 6 * HOUR_MS] as const;
const LONGEST_MS = 6 * HOUR_MS;

/**
 * When to try again after `attempts` tries, or undefined when the event's time is over by then. Up to a quarter later
 * than planned, so that what failed together does not come back together.
 *
 * @param random from 0 to 1.
 */
export function nextAttempt(
  { attempts, expiresAt }: Pick<QueuedEvent, 'attempts' | 'expiresAt'>,
  now: EpochMs,
  random: number,
): number | undefined {
  const delay = DELAYS_MS[attempts - 1] ?? LONGEST_MS;
  const at = Math.floor(now + delay * (1 + random / 4));
  return at < expiresAt ? at : undefined;
}
