/**
 * The one place where a change of a connection becomes an event. The event is written before the change and taken
 * back when the change did not happen, so a change is never silent; a process that ends in between announces a change
 * that did not happen, and receivers read the connections again. A renewed token is no change that anyone is told of.
 */
import { connectionEvent, type ConnectionEventType } from './connection-event.ts';
import type { Connection, ConnectionStore } from '../vault/connection.ts';
import type { Outbox } from './outbox.ts';
import { tenantParts, type TenantId } from '../tenant/tenant.ts';
import type { Clock } from '../time.ts';

export interface AnnounceDeps {
  readonly outbox: Outbox;
  /** A new event id; see `mintEventId`. */
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Long enough for the change to be done or taken back, so that a receiver who looks at once sees it. */
export const SETTLE_MS = 5_000;

interface Change<T> {
  readonly type: ConnectionEventType;
  readonly connection: Pick<Connection, 'provider' | 'name' | 'accountName'>;
  readonly reconnected?: boolean;
  readonly run: () => Promise<T>;
  /** Whether the answer means that it took place. */
  readonly tookPlace: (response: T) => boolean;
  /** Whether the row, read again after a failure, shows that it took place. */
  readonly shows: (row: Connection | undefined) => boolean;
  /** The answer of a change that took place. */
  readonly done: T;
}

export function announceChanges(connections: ConnectionStore, deps: AnnounceDeps): ConnectionStore {
  async function announced<T>(tenant: TenantId, change: Change<T>): Promise<T> {
    const { type, connection, reconnected } = change;
    const { provider, name, accountName } = connection;
    const now = deps.clock();
    const event = connectionEvent(
      { type, owner: tenantParts(tenant), provider, connection: name, accountName, reconnected },
      deps.newId(),
      new Date(now).toISOString(),
    );
    await deps.outbox.put(tenant, event, now + SETTLE_MS);
    try {
      const response = await change.run();
      // An event too many is better than an error that hides what was done.
      if (!change.tookPlace(response)) await deps.outbox.takeBack(tenant, event).catch(() => undefined);
      return response;
    } catch (error) {
      // A write whose answer was lost may have been made: only the row can tell.
      const tookPlace = await connections.get(tenant, provider, name).then(change.shows, () => undefined);
      if (tookPlace === true) return change.done;
      if (tookPlace === false) await deps.outbox.takeBack(tenant, event).catch(() => undefined);
      throw error;
    }
  }

  return {
    ...connections,

    async put(tenant, connection) {
      const before = await connections.get(tenant, connection.provider, connection.name);
      await announced(tenant, {
        type: 'connection.created',
        connection,
        reconnected: before !== undefined,
        run: () => connections.put(tenant, connection),
        tookPlace: () => true,
        shows: (row) => row?.version === connection.version,
        done: undefined,
      });
    },

    async remove(tenant, provider, name, version) {
      const before = await connections.get(tenant, provider, name);
      // Nothing to remove at that moment is an answer too, and nothing to announce.
      if (before === undefined || (version ?? before.version) !== before.version) return false;
      return announced(tenant, {
        type: 'connection.removed',
        connection: before,
        run: () => connections.remove(tenant, provider, name, version),
        tookPlace: Boolean,
        shows: (row) => row?.version !== before.version,
        done: true,
      });
    },

    async needsReconnecting(tenant, provider, name, version) {
      const before = await connections.get(tenant, provider, name);
      if (before?.version !== version || before.status !== 'active') return false;
      return announced(tenant, {
        type: 'connection.needs_reconnect',
        connection: before,
        run: () => connections.needsReconnecting(tenant, provider, name, version),
        tookPlace: Boolean,
        shows: (row) => row?.version === version && row.status === 'needs_reconnecting',
        done: true,
      });
    },
  };
}
