/** Notes about consents, in the tenant's own partition: written by the connect pages, read by the tenant's calls. */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { ConsentState, NOTE_TTL_MS, type ConsentNotes } from '../../../core/consent/note.ts';
import { fromItem, toItem } from '../attributes.ts';
import { getRow, primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';

const NoteItem = z.object({ state: ConsentState, ticket: z.string().optional(), ttl: z.number() });

export function createConsentNotes({ sessions, table, clock }: TenantStoreDeps): ConsentNotes {
  return {
    async put(tenant, { provider, connection, state, linkHash: link }) {
      const { dynamodb } = await sessions(tenant);
      const ttl = Math.ceil((clock() + NOTE_TTL_MS) / 1000);
      const Item = toItem({ ...itemKeys.tenant.consent(tenant, provider, connection), state, ticket: link, ttl });
      await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
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
      const { state, ticket: link, ttl } = NoteItem.parse(fromItem(item));
      return ttl * 1000 <= clock() ? undefined : { provider, connection, state, linkHash: link };
    },
  };
}
