/**
 * One request with a ticket that can still be used, and everything its pages need. A ticket is looked up by its hash
 * only; whatever is wrong with it, the answer is the same.
 */
import type { CatalogAuth, CatalogProvider } from '../core/catalog.ts';
import type { SettingsOf } from '../core/client-settings.ts';
import { hashSecret } from '../core/random-secret.ts';
import { MAX_TRIES, type Ticket } from '../core/ticket.ts';
import type { Credential } from '../core/vault.ts';
import { brandingOf, logo, type Branding } from './brand.ts';
import { pageHeaders } from './headers.ts';
import type { Html } from './html.ts';
import { answerPage, gone, type Outcome } from './outcome.ts';
import { formPage, type Frame } from './pages.ts';
import type { ConnectAppDeps, ConnectContext } from './ports.ts';
import { returnOrigin } from './return-url.ts';
import { cookieHeader, formToken, mintSecret, readSecret } from './session-cookie.ts';
import { styleSheet } from './style.ts';

export interface Visit {
  readonly deps: ConnectAppDeps;
  readonly request: Request;
  readonly context: ConnectContext;
  /** The secret in the address; with it a code can be compared. */
  readonly secret: string;
  readonly ticket: Ticket;
  readonly provider: CatalogProvider;
  readonly set: SettingsOf;
  readonly branding: Branding;
}

/** What the form shows besides the ticket; on a first visit nothing. */
export interface Typed {
  readonly way: CatalogAuth;
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
): Promise<Visit | Outcome> {
  const [, secret] = TICKET_PATH.exec(new URL(request.url).pathname) ?? [];
  const ticket = secret === undefined ? undefined : await deps.tickets.find(hashSecret(secret));
  if (secret === undefined || ticket === undefined) return gone('gone');
  // Rows outlive their time in the table for a while.
  if (ticket.expiresAt <= deps.clock() || ticket.tries >= MAX_TRIES) return gone('gone');
  const listed = deps.catalog.providers.find(({ key }) => key === ticket.provider);
  if (listed === undefined) return gone('no_such_provider', ticket);
  const set = await deps.settings.find({ client: ticket.client, org: ticket.org });
  const provider = { ...listed, auth: await deps.usableWays(ticket, listed, set) };
  if (provider.auth.length === 0) return { ...withoutApp(provider.name), ticket };
  return { deps, request, context, secret, ticket, provider, set, branding: brandingOf(set, ticket) };
}

/** The link stays good: the app may be set up in the next minutes. */
function withoutApp(provider: string): Outcome {
  return answerPage(
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
export function showForm(visit: Visit, status = 200, outcome = 'shown', typed?: Typed): Outcome {
  const { deps, request, context, ticket, provider, branding } = visit;
  const [first] = provider.auth;
  if (first === undefined) return gone('no_such_provider', ticket);
  const browser = readSecret(request.headers.get('cookie'), context.publicUrl) ?? mintSecret(deps.random);
  const minutesLeft = Math.max(1, Math.ceil((ticket.expiresAt - deps.clock()) / 60_000));
  const page = formPage(frameOf(visit), {
    ticket,
    provider,
    token: formToken(browser, ticket.hash),
    minutesLeft,
    ownWindow: isFramed(visit) ? `${context.publicUrl}/connect/${visit.secret}` : undefined,
    ...(typed ?? { way: first, code: '', values: {}, scopes: [], problems: NO_PROBLEMS }),
  });
  const answer = respond(visit, status, outcome, page);
  const framed = isFramed(visit) && branding.embeddingOrigins.length > 0;
  if (!browser.brought) answer.response.headers.append('set-cookie', cookieHeader(browser, context.publicUrl, framed));
  return answer;
}

export function respond(visit: Visit, status: number, outcome: string, page: Html | null): Outcome {
  const { ticket, branding, provider } = visit;
  const frame = frameOf(visit);
  const back = returnOrigin(ticket);
  const headers = pageHeaders({
    style: frame.style,
    formTargets: back === undefined ? [] : [back],
    beginsConsent: provider.auth.some(({ kind }) => kind === 'oauth2'),
    frameAncestors: branding.embeddingOrigins,
    ownImages: frame.logo !== undefined && !frame.logo.startsWith('data:'),
  });
  return { response: new Response(page?.toString() ?? null, { status, headers }), outcome, ticket };
}

export function frameOf({ branding, context, provider }: Visit): Frame {
  return brandedFrame(branding, context.publicUrl, provider.auth.length);
}

/** @param ways how many ways of signing in the page offers. */
export function brandedFrame(branding: Branding, publicUrl: string, ways = 0): Frame {
  return {
    style: styleSheet(branding.color, ways),
    name: branding.name,
    logo: logo(branding.logoUrl, publicUrl),
  };
}
