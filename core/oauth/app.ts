/**
 * OAuth apps: the client id and secret that a vendor gave for our redirect address. An organization's own app goes
 * before its client's, and that before the platform's. The secret is opened only where a code or a refresh token is
 * exchanged.
 */
import { APP_LEVELS, type AppLevel } from '../vault/app-owner.ts';
import type { OrgAppPolicy } from '../tenant/settings.ts';
import { tenantTags, type TenantId } from '../tenant/tenant.ts';
import type { Secret } from '../vault/secret.ts';
import type { PublicUrl } from '../public-url.ts';

/** Below the address where this service is reached. */
export const CALLBACK_PATH = '/oauth/callback';

/** Where vendors send the browser back to; registered with each of them exactly as it is here. */
export function redirectUriOf(publicUrl: PublicUrl): string {
  return `${publicUrl}${CALLBACK_PATH}`;
}

export interface OAuthApp {
  readonly level: AppLevel;
  readonly provider: string;
  readonly clientId: string;
}

export interface OAuthApps {
  /** The app of each level that this tenant may use; absent levels are left out. */
  list(tenant: TenantId, provider: string): Promise<readonly OAuthApp[]>;
  /** Opens the secret of an app that `list` gave; undefined for a public app, which has none. */
  secret(tenant: TenantId, app: OAuthApp): Promise<Secret<string> | undefined>;
}

/** The app for a new consent. */
export async function findApp(
  apps: Pick<OAuthApps, 'list'>,
  tenant: TenantId,
  provider: string,
  policy: OrgAppPolicy,
): Promise<OAuthApp | undefined> {
  return chooseApp(await apps.list(tenant, provider), inOrganization(tenant), policy);
}

/** @param ofOrg whether the consent is for a user of an organization. */
export function chooseApp<App extends Pick<OAuthApp, 'level'>>(
  found: readonly App[],
  ofOrg: boolean,
  policy: OrgAppPolicy,
): App | undefined {
  const own = ofOrg && policy === 'refuse';
  return APP_LEVELS.filter((level) => level === 'org' || !own)
    .map((level) => found.find((app) => app.level === level))
    .find((app) => app !== undefined);
}

/** The app that a token was issued to: only that one can renew it, whatever has been set up since. */
export async function appOfToken(
  apps: OAuthApps,
  tenant: TenantId,
  provider: string,
  clientId: string | undefined,
): Promise<OAuthApp | undefined> {
  return (await apps.list(tenant, provider)).find((app) => app.clientId === clientId);
}

function inOrganization(tenant: TenantId): boolean {
  return tenantTags(tenant).org !== '=';
}
