/**
 * `GET /oauth/callback`: the browser comes back from a provider's consent page. The protocol is in core/consent/finish.ts;
 * here are the cookie that goes in and the page that comes out. No value of the address is ever shown or logged: the code
 * and the state are in it.
 */
import type { FailureCause } from '../../core/failure-cause.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import type { SettingsReader } from '../../core/tenant/settings.ts';
import { regardless, tenantMark, type Log } from '../../core/log.ts';
import { CALLBACK_PATH, redirectUriOf } from '../../core/oauth/app.ts';
import type { Callback, Connected } from '../../core/consent/finish.ts';
import type { ConsentFault } from '../../core/consent/problem.ts';
import { consentCookieName, type PendingGrant } from '../../core/consent/pending.ts';
import type { Result } from '../../core/result.ts';
import { adviceAfterConsent } from './advice.ts';
import { brandingOf } from './brand.ts';
import { pageHeaders } from './headers.ts';
import type { Html } from './html.ts';
import { PLAIN, plainResult } from './outcome.ts';
import { donePage, failedPage, type Frame, type Whose } from './pages.ts';
import type { ConnectApp, ConnectContext } from './ports.ts';
import { returnAddress } from './return-url.ts';
import { endedCookieHeader, readCookie } from './session-cookie.ts';
import { brandedFrame } from './visit.ts';
import type { Clock } from '../../core/time.ts';
import type { PublicUrl } from '../../core/public-url.ts';
import { Unavailable } from '../../core/unavailable.ts';

export interface CallbackAppDeps {
  /** Finishes the consent: takes the grant, checks everything, exchanges, proves, stores, notes how it went. */
  readonly finish: (callback: Callback) => Promise<Result<Connected, ConsentFault>>;
  readonly catalog: Pick<Catalog, 'providers'>;
  readonly settings: SettingsReader;
  readonly clock: Clock;
  readonly log: Log;
}

/** Below the 29 s that API Gateway waits. */
const BUDGET_MS = 24_000;

export function createCallbackApp(deps: CallbackAppDeps): ConnectApp {
  return async (request, context) => {
    const began = deps.clock();
    const { response, ...line } = await finishedPage(deps, request, context);
    const known = { requestId: context.requestId, method: request.method, route: CALLBACK_PATH };
    const fields = { ...known, status: response.status, ms: deps.clock() - began, ...line };
    if (line.error === undefined) deps.log.info('consent', fields);
    else deps.log.error('consent', fields);
    return response;
  };
}

interface CallbackResult {
  readonly response: Response;
  readonly outcome: string;
  readonly provider?: string;
  readonly clientId?: string;
  readonly tenant?: string;
  readonly cause?: FailureCause | undefined;
  readonly error?: unknown;
}

async function finishedPage(deps: CallbackAppDeps, request: Request, context: ConnectContext): Promise<CallbackResult> {
  if (request.method !== 'GET') {
    const refusal = plainResult(405, 'method', 'This address shows a page', 'Open it in a browser.');
    refusal.response.headers.set('allow', 'GET');
    return refusal;
  }
  const { publicUrl } = context;
  const { searchParams } = new URL(request.url);
  const redirectUri = redirectUriOf(publicUrl);
  try {
    const finished = await deps.finish({
      query: searchParams,
      cookie: (name) => readCookie(request.headers.get('cookie'), name),
      redirectUri,
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(BUDGET_MS)]),
    });
    const result = await (finished.ok
      ? connected(deps, finished.value, publicUrl)
      : failed(deps, finished.fault, publicUrl));
    const name = consentCookieName(searchParams.get('state') ?? '', redirectUri);
    if (readCookie(request.headers.get('cookie'), name) !== undefined)
      result.response.headers.append('set-cookie', endedCookieHeader(name, publicUrl));
    return result;
  } catch (error) {
    const page = plainResult(
      error instanceof Unavailable ? 503 : 500,
      error instanceof Unavailable ? 'unavailable' : 'failed',
      'Something went wrong here',
      'It has been logged.',
      'Go back to your chat and ask your agent whether the account is connected; if it is not, ask for a new link.',
    );
    return { ...page, error };
  }
}

async function connected(
  deps: CallbackAppDeps,
  { connection, grant }: Connected,
  publicUrl: PublicUrl,
): Promise<CallbackResult> {
  const who = { provider: grant.provider, clientId: grant.client, tenant: tenantMark(grant.tenant) };
  const back = returnAddress(grant);
  const provider = deps.catalog.providers.find(({ key }) => key === grant.provider);
  if (back !== undefined) return { response: redirect(back), outcome: 'connected', ...who };
  if (provider === undefined) throw new Error('a provider that is not in the catalogue was connected');
  const frame = await frameFor(deps, grant, publicUrl);
  const whose: Whose = grant;
  return {
    response: page(200, frame, donePage(frame, whose, provider, connection.accountName)),
    outcome: 'connected',
    ...who,
  };
}

async function failed(deps: CallbackAppDeps, fault: ConsentFault, publicUrl: PublicUrl): Promise<CallbackResult> {
  const { grant, problem, message } = fault;
  const { status, next } = adviceAfterConsent(fault);
  if (grant === undefined)
    return plainResult(
      status,
      problem,
      'This sign-in does not work any more',
      message,
      'Have you just connected your account? Then it is done: go back to your chat.',
      next,
    );
  const { provider } = grant;
  const name = deps.catalog.providers.find(({ key }) => key === provider)?.name ?? 'The account';
  const frame = await frameFor(deps, grant, publicUrl);
  const content = failedPage(frame, `${name} is not connected`, [message, next], returnAddress(grant, problem));
  const who = { provider: grant.provider, clientId: grant.client, tenant: tenantMark(grant.tenant) };
  return { response: page(status, frame, content), outcome: problem, cause: fault.lastResponse, ...who };
}

async function frameFor(deps: CallbackAppDeps, { client, org }: PendingGrant, publicUrl: PublicUrl): Promise<Frame> {
  // How it went is known by now: without its brand the page says so all the same.
  const settings = await regardless(deps.log, 'brand not read', () => deps.settings.find({ client, org }));
  return settings === undefined ? PLAIN : brandedFrame(brandingOf(settings, { client, org }), publicUrl);
}

function page(status: number, frame: Frame, content: Html): Response {
  const headers = pageHeaders({
    style: frame.style,
    formTargets: [],
    // A consent page is never in a frame, so neither is what comes after it.
    frameAncestors: [],
    ownImages: frame.logo !== undefined && !frame.logo.startsWith('data:'),
  });
  return new Response(content.toString(), { status, headers });
}

function redirect(to: URL): Response {
  const headers = pageHeaders({ style: '', formTargets: [], frameAncestors: [], ownImages: false });
  headers.set('location', to.href);
  return new Response(null, { status: 303, headers });
}
