/**
 * Connections as every function that changes them has them: what happens to one is announced, in the same session that
 * does it. `createConnectionStore` alone is for who only reads.
 */
import { announceChanges } from '../../../core/event/announce.ts';
import { mintEventId } from '../../../core/event/connection-event.ts';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import { notingUsers } from '../tenant/user-directory.ts';
import { createConnectionStore } from '../vault/connection-store.ts';
import { createOutbox } from './outbox.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';

export function createAnnouncedConnections({ sessions, table, clock }: TenantStoreDeps): ConnectionStore {
  const outbox = createOutbox({ sessions, table });
  const connections = notingUsers(createConnectionStore({ sessions, table }), { sessions, table });
  return announceChanges(connections, { outbox, newId: mintEventId, clock });
}
