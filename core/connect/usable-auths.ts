/** Which ways of signing in a person of one organization can use now: consent needs an OAuth app to be asked with. */
import type { CatalogAuth, CatalogProvider } from '../catalog/catalog.ts';
import { findApp, type OAuthApps } from '../oauth/app.ts';
import type { OrgAppPolicy } from '../tenant/settings.ts';
import type { TenantId } from '../tenant/tenant.ts';

export interface UsableAuthDeps {
  readonly apps: Pick<OAuthApps, 'list'>;
  /** What the client has set for organizations without an app of their own. */
  readonly policy: () => Promise<OrgAppPolicy>;
}

/** Asks nobody where the provider offers no consent. */
export async function usableAuths(
  { apps, policy }: UsableAuthDeps,
  tenant: TenantId,
  { key, auth }: Pick<CatalogProvider, 'key' | 'auth'>,
): Promise<readonly CatalogAuth[]> {
  if (!auth.some(({ kind }) => kind === 'oauth2')) return auth;
  const app = await findApp(apps, tenant, key, await policy());
  return app === undefined ? auth.filter(({ kind }) => kind !== 'oauth2') : auth;
}
