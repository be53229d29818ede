/** Which ways of signing in a person of one organization can use now: consent needs an OAuth app to be asked with. */
import type { CatalogAuth, CatalogProvider } from './catalog.ts';
import type { SettingsReader } from './client-settings.ts';
import { findApp, type OAuthApps } from './oauth-app.ts';
import type { TenantId } from './tenant.ts';

export interface WaysDeps {
  readonly apps: Pick<OAuthApps, 'list'>;
  readonly settings: SettingsReader;
}

/** Asks nobody where the provider offers no consent. */
export async function usableWays(
  { apps, settings }: WaysDeps,
  { tenant, client, org }: { readonly tenant: TenantId; readonly client: string; readonly org?: string | undefined },
  { key, auth }: Pick<CatalogProvider, 'key' | 'auth'>,
): Promise<readonly CatalogAuth[]> {
  if (!auth.some(({ kind }) => kind === 'oauth2')) return auth;
  const { org_app: policy } = (await settings.find({ client, org })).client;
  const app = await findApp(apps, tenant, key, policy);
  return app === undefined ? auth.filter(({ kind }) => kind !== 'oauth2') : auth;
}
