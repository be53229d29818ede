/**
 * Disconnecting an account: the provider is told where it can be, then the row goes, whatever the provider said. The
 * telling is bounded in time, so that a provider that is away keeps nobody connected.
 */
import type { CatalogProvider } from '../catalog/catalog.ts';
import type { Connection, ConnectionStore } from '../vault/connection.ts';
import type { Log } from '../log.ts';
import { patience, revokeAtProvider, type RevokeDeps } from '../oauth/revoke.ts';
import type { Provider } from '../provider/provider.ts';
import type { TenantId } from '../tenant/tenant.ts';

export interface DisconnectDeps extends RevokeDeps {
  readonly connections: Pick<ConnectionStore, 'list' | 'get' | 'remove'>;
  readonly loadProvider: (key: string) => Promise<Provider>;
}

export interface DisconnectRequest {
  readonly tenant: TenantId;
  readonly provider: CatalogProvider;
  /** Which account; may be left out while there is only one. */
  readonly connection: string | undefined;
  /**
   * How long the provider may take, over all attempts.
   *
   * @default - a slow provider's own time and the calls around it
   */
  readonly patienceMs?: number;
}

export type Disconnected =
  | { readonly kind: 'done'; readonly connection: string; readonly revoked: boolean }
  | { readonly kind: 'none' }
  /** Nothing was removed: one of these has to be named. */
  | { readonly kind: 'several'; readonly names: readonly string[] };

const PATIENCE_MS = 12_000;
const ATTEMPTS = 3;

export async function disconnect(
  deps: DisconnectDeps,
  log: Log,
  { tenant, provider, connection: wanted, patienceMs = PATIENCE_MS }: DisconnectRequest,
): Promise<Disconnected> {
  const connections = await deps.connections.list(tenant, provider.key);
  const names = connections.map(({ name }) => name);
  if (wanted === undefined && names.length > 1) return { kind: 'several', names };
  const found = connections.find(({ name }) => name === (wanted ?? names[0]));
  if (found === undefined) return { kind: 'none' };
  const told = patience(patienceMs, (error) =>
    log.warn('not revoked at the provider', { provider: provider.key, error }),
  );
  return removed(deps, { tenant, connection: found }, told);
}

/** A row that was replaced after it was read holds another token: that one is revoked too before the row goes. */
async function removed(
  deps: DisconnectDeps,
  { tenant, connection: found }: { readonly tenant: TenantId; readonly connection: Connection },
  told: ReturnType<typeof patience>,
): Promise<Disconnected> {
  const { provider: key, name } = found;
  let current: Connection | undefined = found;
  for (let attempt = 1; current !== undefined && attempt <= ATTEMPTS; attempt += 1) {
    const connection: Connection = current;
    const telling = deps.loadProvider(key).then((loaded) => revokeAtProvider(deps, tenant, loaded, connection));
    const revoked = await told(telling);
    const isRemoved = await deps.connections.remove(tenant, key, name, connection.version);
    deps.vault.forget(tenant, key, name);
    if (isRemoved) return { kind: 'done', connection: name, revoked };
    current = await deps.connections.get(tenant, key, name);
  }
  // Replaced faster than it can be revoked: it goes all the same, and nothing is claimed about its token.
  const isRemoved = current !== undefined && (await deps.connections.remove(tenant, key, name));
  return isRemoved ? { kind: 'done', connection: name, revoked: false } : { kind: 'none' };
}
