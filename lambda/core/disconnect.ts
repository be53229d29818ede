/**
 * Disconnecting an account: the provider is told where it can be, then the row goes, whatever the provider said. The
 * telling is bounded in time, so that a provider that is away keeps nobody connected.
 */
import type { CatalogProvider } from './catalog.ts';
import type { Connection, ConnectionStore } from './connection.ts';
import type { Log } from './log.ts';
import { revokeAtProvider, type RevokeDeps } from './oauth-revoke.ts';
import type { Provider } from './provider.ts';
import type { TenantId } from './tenant.ts';

export interface DisconnectDeps extends RevokeDeps {
  readonly connections: Pick<ConnectionStore, 'list' | 'remove'>;
  readonly loadProvider: (key: string) => Promise<Provider>;
}

export interface DisconnectRequest {
  readonly tenant: TenantId;
  readonly provider: CatalogProvider;
  /** Which account; may be left out while there is only one. */
  readonly connection: string | undefined;
  /**
   * How long the provider may take.
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
  const revoked = await revokedInTime(deps, log, tenant, found, patienceMs);
  const removed = await deps.connections.remove(tenant, provider.key, found.name);
  deps.vault.forget(tenant, provider.key, found.name);
  return removed ? { kind: 'done', connection: found.name, revoked } : { kind: 'none' };
}

async function revokedInTime(
  deps: DisconnectDeps,
  log: Log,
  tenant: TenantId,
  connection: Connection,
  patienceMs: number,
): Promise<boolean> {
  const late = AbortSignal.timeout(patienceMs);
  const tooLate = new Promise<false>((resolve) => {
    late.addEventListener('abort', () => resolve(false), { once: true });
  });
  const told = deps
    .loadProvider(connection.provider)
    .then((provider) => revokeAtProvider(deps, tenant, provider, connection))
    .catch((error: unknown) => {
      log.warn('not revoked at the provider', { provider: connection.provider, error });
      return false;
    });
  return Promise.race([told, tooLate]);
}
