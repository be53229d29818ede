/** Waiting events in memory, for tests of what announces and what delivers: same contract as the adapters, no AWS. */
import type { OutgoingEvent } from '../../core/event/connection-event.ts';
import {
  EVENT_TTL_MS,
  type EventQueue,
  type Outbox,
  type QueuedEvent,
  type Subscriber,
} from '../../core/event/outbox.ts';
import { tenantParts } from '../../core/tenant/tenant.ts';

export interface FakeEvents extends Outbox, EventQueue {
  /** By id. */
  readonly rows: Map<string, QueuedEvent>;
  readonly receivers: Subscriber[];
  /** Adds one that waits. */
  readonly add: (client: string, id: string, at: number, more?: Partial<QueuedEvent>) => void;
}

export function fakeEvents(): FakeEvents {
  const rows = new Map<string, QueuedEvent>();
  const receivers: Subscriber[] = [];
  const queue = (
    client: string,
    event: Omit<OutgoingEvent, 'type'>,
    dueAt: number,
    more: Partial<QueuedEvent> = {},
  ): void => {
    const expiresAt = Date.parse(event.at) + EVENT_TTL_MS;
    const { id, at, body } = event;
    rows.set(id, { id, at, body, client, attempts: 0, dueAt, expiresAt, ...more });
  };
  const held = ({ id, dueAt, attempts }: QueuedEvent): boolean => {
    const row = rows.get(id);
    return row?.dueAt === dueAt && row.attempts === attempts;
  };
  return {
    rows,
    receivers,
    add(client, id, at, more) {
      queue(client, { id, at: new Date(at).toISOString(), body: `{"id":"${id}"}` }, at, more);
    },
    async put(tenant, event, dueAt) {
      queue(tenantParts(tenant).client, event, dueAt);
    },
    async takeBack(_tenant, { id }) {
      rows.delete(id);
    },
    subscribers: async () => receivers,
    async due({ client, since }, now, limit) {
      return [...rows.values()]
        .filter((row) => row.client === client && row.dueAt <= now && row.expiresAt > now && row.at >= since)
        .toSorted((a, b) => (a.at < b.at ? -1 : 1))
        .slice(0, limit);
    },
    async lease(event, until) {
      if (!held(event)) return undefined;
      const leased = { ...event, dueAt: until, attempts: event.attempts + 1 };
      rows.set(event.id, leased);
      return leased;
    },
    async retryAt(leased, dueAt) {
      if (held(leased)) rows.set(leased.id, { ...leased, dueAt });
    },
    async remove({ id }) {
      rows.delete(id);
    },
  };
}
