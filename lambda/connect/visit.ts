/**
 * One request with a link that can still be used, and everything its pages need. A link is looked up by its hash
 * only; whatever is wrong with it, the answer is the same.
 */
import type { CatalogAuth, CatalogProvider } from '../../core/catalog/catalog.ts';
import type { SettingsOf } from '../../core/tenant/settings.ts';
import { hashSecret } from '../../core/vault/random-secret.ts';
import { MAX_TRIES, type ConnectLink } from '../../core/connect/link.ts';
import type { Credential } from '../../core/vault/vault.ts';
import { brandingOf, logo, type Branding } from './brand.ts';
import { pageHeaders } from './headers.ts';
import type { Html } from './html.ts';
import { plainResult, gone, type PageResult } from './outcome.ts';
import { formPage, type Frame } from './pages.ts';
import type { ConnectAppDeps, ConnectContext } from './ports.ts';
import { returnOrigin } from './return-url.ts';
import { cookieHeader, formToken, mintBrowserSecret, readSecret } from './session-cookie.ts';
import { styleSheet } from './style.ts';
import type { PublicUrl } from '../../core/public-url.ts';

export interface Visit {
  readonly deps: ConnectAppDeps;
  readonly request: Request;
  readonly context: ConnectContext;
  /** The secret in the address; with it a code can be compared. */
  readonly secret: string;
  readonly link: ConnectLink;
  readonly provider: CatalogProvider;
  readonly settings: SettingsOf;
  readonly branding: Branding;
}

/** What the form shows besides the link; on a first visit nothing. */
export interface FormInput {
  readonly auth: CatalogAuth;
  readonly code: string;
  readonly values: Credential;
  readonly scopes: readonly string[];
  readonly problems: ReadonlyMap<string, string>;
  readonly problem?: string | undefined;
}

/** API Gateway leaves the base path of a domain's mapping in the path, and takes a slash at its end for the same. */
const TICKET_PATH = /\/connect\/([A-Za-z0-9_-]{1,200})\/?$/;

export const NO_PROBLEMS: ReadonlyMap<string, string> = new Map();

export async function findVisit(
  deps: ConnectAppDeps,
  request: Request,
  context: ConnectContext,
): Promise<Visit | PageResult> {
  const [, secret] = TICKET_PATH.exec(new URL(request.url).pathname) ?? [];
  const link = secret === undefined ? undefined : await deps.links.find(hashSecret(secret));
  if (secret === undefined || link === undefined) return gone('gone');
  // Rows outlive their time in the table for a while.
  if (link.expiresAt <= deps.clock() || link.tries >= MAX_TRIES) return gone('gone');
  const listed = deps.catalog.providers.find(({ key }) => key === link.provider);
  if (listed === undefined) return gone('no_such_provider', link);
  const settings = await deps.settings.find({ client: link.client, org: link.org });
  const provider = { ...listed, auth: await deps.usableAuths(settings.client.org_app, link.tenant, listed) };
  if (provider.auth.length === 0) return { ...withoutApp(provider.name), link };
  return { deps, request, context, secret, link, provider, settings, branding: brandingOf(settings, link) };
}

/** The link stays good: the app may be set up in the next minutes. */
function withoutApp(provider: string): PageResult {
  return plainResult(
    503,
    'no_app',
    `${provider} cannot be connected here yet`,
    `One signs in at ${provider} itself, and this service has no OAuth app to ask with.`,
    'Tell the people who run this service: they have to set one up. Then open the link again, or ask for a new one.',
  );
}

/** Shown inside another page; a browser that does not say so is taken at its word. */
export function isFramed({ request }: Pick<Visit, 'request'>): boolean {
  return request.headers.get('sec-fetch-dest') === 'iframe';
}

/** The form, first shown or shown again. Every form gets a cookie and a token that belong together. */
export function showForm(visit: Visit, status = 200, outcome = 'shown', typed?: FormInput): PageResult {
  const { deps, request, context, link, provider, branding } = visit;
  const [first] = provider.auth;
  if (first === undefined) return gone('no_such_provider', link);
  const browser = readSecret(request.headers.get('cookie'), context.publicUrl) ?? mintBrowserSecret(deps.random);
  const minutesLeft = Math.max(1, Math.ceil((link.expiresAt - deps.clock()) / 60_000));
  const page = formPage(frameOf(visit), {
    link,
    provider,
    token: formToken(browser, link.hash),
    minutesLeft,
    ownWindow: isFramed(visit) ? `${context.publicUrl}/connect/${visit.secret}` : undefined,
    ...(typed ?? { auth: first, code: '', values: {}, scopes: [], problems: NO_PROBLEMS }),
  });
  const result = respond(visit, status, outcome, page);
  const framed = isFramed(visit) && branding.embeddingOrigins.length > 0;
  if (!browser.brought) result.response.headers.append('set-cookie', cookieHeader(browser, context.publicUrl, framed));
  return result;
}

export function respond(visit: Visit, status: number, outcome: string, page: Html | null): PageResult {
  const { link, branding, provider } = visit;
  const frame = frameOf(visit);
  const back = returnOrigin(link);
  const headers = pageHeaders({
    style: frame.style,
    formTargets: back === undefined ? [] : [back],
    beginsConsent: provider.auth.some(({ kind }) => kind === 'oauth2'),
    frameAncestors: branding.embeddingOrigins,
    ownImages: frame.logo !== undefined && !frame.logo.startsWith('data:'),
  });
  return { response: new Response(page?.toString() ?? null, { status, headers }), outcome, link };
}

export function frameOf({ branding, context, provider }: Visit): Frame {
  return brandedFrame(branding, context.publicUrl, provider.auth.length);
}

/** @param auths how many ways of signing in the page offers. */
export function brandedFrame(branding: Branding, publicUrl: PublicUrl, auths = 0): Frame {
  return {
    style: styleSheet(branding.color, auths),
    name: branding.name,
    logo: logo(branding.logoUrl, publicUrl),
  };
}
