/**
 * Inviting a person to connect an account on the hosted page: for one tenant, one provider and one name. Address and
 * code are for that person; together they let somebody connect an account and nothing else. They are never logged.
 */
import type { CatalogProvider } from '../catalog/catalog.ts';
import { fault, type ConnectLinkJson, type Fault } from '../fault.ts';
import type { TenantPrincipal } from '../keys/principal.ts';
import { findApp, type OAuthApps } from '../oauth/app.ts';
import { isAllowedReturn, type SettingsOf } from '../tenant/settings.ts';
import type { TenantId, TenantParts } from '../tenant/tenant.ts';
import { issueConnectLink, type IssuedConnectLink, type ConnectLinkRequest, type ConnectLinkWriter } from './link.ts';
import type { Clock } from '../time.ts';
import type { PublicUrl } from '../public-url.ts';

export interface ConnectLinkDeps {
  readonly links: ConnectLinkWriter;
  readonly clock: Clock;
}

interface AppDeps {
  /** What the client has set. */
  readonly settings: { find(owner: Pick<TenantParts, 'client' | 'org'>): Promise<Pick<SettingsOf, 'client'>> };
  readonly oauthApps: Pick<OAuthApps, 'list'>;
}

export interface RequestLinkDeps extends ConnectLinkDeps, AppDeps {}

/** Whose link it will be. */
export interface LinkOwner extends TenantParts {
  readonly tenant: TenantId;
}

export interface LinkRequest extends LinkOwner {
  readonly provider: Pick<CatalogProvider, 'key' | 'auth'>;
  readonly connection: string;
  readonly returnUrl?: string | undefined;
}

/** The provider is connected by consent only, and there is no OAuth app to ask with. */
export interface MissingApp {
  /** The organization needs one of its own: its client lets it use no other. */
  readonly own: boolean;
}

export type RequestedLink =
  | { readonly kind: 'issued'; readonly link: IssuedConnectLink }
  /** A page that sends people on to wherever a request says would lend this domain's name to anyone. */
  | { readonly kind: 'return_refused' }
  | { readonly kind: 'no_app'; readonly missing: MissingApp };

export function ownerOf({ tenant, clientId: client, org, user }: TenantPrincipal): LinkOwner {
  return { tenant, client, org, user };
}

/**
 * A link as somebody asks for one who is not the person: to an address that the client allows, and to a page that can help.
 */
export async function requestLink(
  deps: RequestLinkDeps,
  request: LinkRequest,
  publicUrl: PublicUrl,
): Promise<RequestedLink> {
  const { client, org, returnUrl } = request;
  if (returnUrl !== undefined && !isAllowedReturn((await deps.settings.find({ client, org })).client, returnUrl))
    return { kind: 'return_refused' };
  const missing = await missingApp(deps, request, request.provider);
  if (missing !== undefined) return { kind: 'no_app', missing };
  return { kind: 'issued', link: await issueLinkFor(deps, request, request, publicUrl) };
}

/** Why a link would lead the person to a page that can only say that there is no app; undefined when it would not. */
export async function missingApp(
  { settings, oauthApps }: AppDeps,
  { tenant, client, org }: LinkOwner,
  { key, auth }: LinkRequest['provider'],
): Promise<MissingApp | undefined> {
  if (auth.some(({ kind }) => kind !== 'oauth2')) return undefined;
  const { org_app: policy } = (await settings.find({ client, org })).client;
  if ((await findApp(oauthApps, tenant, key, policy)) !== undefined) return undefined;
  return { own: org !== undefined && policy === 'refuse' };
}

/** What an agent is told in place of a link that could only say the same: neither it nor the person can do anything. */
export function missingAppFault(name: string, missing: MissingApp): Fault {
  return fault('not_connected', missingAppMessage(name, missing), {
    next: `Tell the user that the administrator of this endpoint has to register an OAuth app for ${name} and store it (oauth-apps set${
      missing.own ? ', with --org' : ''
    }); then call again.`,
  });
}

/** @param name the provider's name, as people read it. */
export function missingAppMessage(name: string, { own }: MissingApp): string {
  return `${name} is connected by OAuth only, and ${
    own
      ? 'this organization needs an app of its own: its client lets organizations use no other (org_app: refuse).'
      : 'no app is stored that this client could use.'
  }`;
}

/** A link whatever can be done with it. */
export function issueLinkFor(
  deps: ConnectLinkDeps,
  { tenant, client, org, user }: LinkOwner,
  {
    provider,
    connection,
    returnUrl,
  }: Omit<LinkRequest, keyof LinkOwner | 'provider'> & { readonly provider: { readonly key: string } },
  publicUrl: PublicUrl,
): Promise<IssuedConnectLink> {
  const request: ConnectLinkRequest = { tenant, client, org, user, provider: provider.key, connection, returnUrl };
  return issueConnectLink(deps, request, publicUrl);
}

export function toConnectLinkJson({
  url,
  code,
  expiresAt,
}: Pick<IssuedConnectLink, 'url' | 'code' | 'expiresAt'>): ConnectLinkJson {
  return { url, code, expires_at: new Date(expiresAt).toISOString() };
}
