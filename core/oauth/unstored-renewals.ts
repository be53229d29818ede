/**
 * Renewed credentials that could not be stored because the store was down all the time: the old refresh token is used up, so
 * this is the only copy. It stays sealed and in the memory of the environment that renewed it, whose next call stores it
 * before it asks the provider for another. An environment that ends first loses the sign-in; nothing else can hold it.
 */
import { LRUCache } from 'lru-cache';
import type { TenantId } from '../tenant/tenant.ts';
import type { Connection } from '../vault/connection.ts';

export interface UnstoredRenewals {
  keep(tenant: TenantId, renewed: Connection, replaces: string): void;
  /** What was renewed from this version of the connection, and is stored nowhere. */
  find(tenant: TenantId, connection: Connection): Connection | undefined;
  forget(tenant: TenantId, connection: Connection): void;
}

const MAX_KEPT = 200;

export function createUnstoredRenewals(): UnstoredRenewals {
  const kept = new LRUCache<string, Connection>({ max: MAX_KEPT });
  const key = (tenant: TenantId, { provider, name }: Connection, version: string): string =>
    JSON.stringify([tenant, provider, name, version]);
  return {
    keep: (tenant, renewed, replaces) => void kept.set(key(tenant, renewed, replaces), renewed),
    find: (tenant, connection) => kept.get(key(tenant, connection, connection.version)),
    forget: (tenant, connection) => void kept.delete(key(tenant, connection, connection.version)),
  };
}
