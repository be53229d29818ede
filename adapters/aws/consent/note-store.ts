/** Notes about consents, in the tenant's own partition: written by the connect pages, read by the tenant's calls. */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { NOTE_TTL_MS, type ConsentNotes } from '../../../core/consent/note.ts';
import { getRow, primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';
import { fromNoteItem, toNoteItem } from './note-item.ts';

export function createConsentNotes({ sessions, table, clock }: TenantStoreDeps): ConsentNotes {
  return {
    async put(tenant, note) {
      const { dynamodb } = await sessions(tenant);
      const ttl = Math.ceil((clock() + NOTE_TTL_MS) / 1000);
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: toNoteItem(tenant, note, ttl) }));
    },

    async clear(tenant, provider, connection) {
      const { dynamodb } = await sessions(tenant);
      const Key = primaryKey(itemKeys.tenant.consent(tenant, provider, connection));
      await dynamodb.send(new DeleteItemCommand({ TableName: table, Key }));
    },

    async find(tenant, provider, connection) {
      const { dynamodb } = await sessions(tenant);
      const item = await getRow(dynamodb, table, itemKeys.tenant.consent(tenant, provider, connection));
      if (item === undefined) return undefined;
      const { ttl, ...note } = fromNoteItem(item);
      return ttl * 1000 <= clock() ? undefined : { provider, connection, ...note };
    },
  };
}
