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
  const named = await nameOne(deps, { tenant, provider: provider.key, connection: wanted });
  if (named.kind !== 'one') return named;
  const told = patience(patienceMs, (error) =>
    log.warn('not revoked at the provider', { provider: provider.key, error }),
  );
  return removed(deps, { tenant, provider: provider.key, name: named.name }, told);
}

/** The same by someone who can open no credential: the provider is not told, and nothing is claimed about the token. */
export async function disconnectUntold(
  deps: { readonly connections: Pick<ConnectionStore, 'list' | 'remove'> },
  { tenant, provider, connection }: NamedAccount,
): Promise<Disconnected> {
  const named = await nameOne(deps, { tenant, provider, connection });
  if (named.kind !== 'one') return named;
  const { name } = named;
  const isRemoved = await deps.connections.remove(tenant, provider, name);
  return isRemoved ? { kind: 'done', connection: name, revoked: false } : { kind: 'none' };
}

interface NamedAccount {
  readonly tenant: TenantId;
  readonly provider: string;
  readonly connection: string | undefined;
}

type NamedOne = Exclude<Disconnected, { kind: 'done' }> | { readonly kind: 'one'; readonly name: string };

/** The account that is meant: the one of that name, or the only one. */
async function nameOne(
  { connections }: { readonly connections: Pick<ConnectionStore, 'list'> },
  { tenant, provider, connection: wanted }: NamedAccount,
): Promise<NamedOne> {
  const rows = await connections.list(tenant, provider);
  const names = rows.map(({ name }) => name);
  if (wanted === undefined && names.length > 1) return { kind: 'several', names };
  const name = names.find((one) => one === (wanted ?? names[0]));
  return name === undefined ? { kind: 'none' } : { kind: 'one', name };
}

/** A row that was replaced after it was read holds another token: that one is revoked too before the row goes. */
async function removed(
  deps: DisconnectDeps,
  { tenant, provider: key, name }: { readonly tenant: TenantId; readonly provider: string; readonly name: string },
  told: ReturnType<typeof patience>,
): Promise<Disconnected> {
  let current: Connection | undefined = await deps.connections.get(tenant, key, name);
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
