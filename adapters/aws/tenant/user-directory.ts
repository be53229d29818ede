/**
 * Notes who has an account, before it is stored: no connection is ever one that operators cannot find. Rows stay when the
 * account goes, so they say where to look and not what is there.
 */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import { primaryKey, setting } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';
import { toUserItem } from './user-item.ts';

export function notingUsers(
  connections: ConnectionStore,
  { sessions, table }: Pick<TenantStoreDeps, 'sessions' | 'table'>,
): ConnectionStore {
  return {
    ...connections,
    async put(tenant, connection) {
      const { dynamodb } = await sessions(tenant);
      const Key = primaryKey(itemKeys.shared.user(tenant));
      await dynamodb.send(new UpdateItemCommand({ TableName: table, Key, ...setting(toUserItem(tenant)) }));
      await connections.put(tenant, connection);
    },
  };
}
