/**
 * A form that was sent: it must come from our own page in the same browser, carry the right code and whole fields;
 * then the provider is asked, the link is used up, and the credential is stored, in this order. A wrong code is
 * counted before anything else happens; everything a person can correct leaves the link as it is.
 */
import { isFormAuth, type FormAuth, type OAuth2Auth } from '../../core/provider/auth.ts';
import type { Fault } from '../../core/fault.ts';
import { redirectUriOf } from '../../core/oauth/app.ts';
import type { Provider } from '../../core/provider/provider.ts';
import { Secret } from '../../core/vault/secret.ts';
import { isRightCode } from '../../core/connect/link-code.ts';
import { MAX_TRIES } from '../../core/connect/link.ts';
import { adviceOn } from './advice.ts';
import { CODE, fieldWords, readSubmission, type Submission } from './form.ts';
import { plainResult, gone, type PageResult } from './outcome.ts';
import { donePage } from './pages.ts';
import { returnAddress } from './return-url.ts';
import { consentCookieHeader, isFormToken, readSecret } from './session-cookie.ts';
import { frameOf, isFramed, NO_PROBLEMS, respond, showForm, type Visit } from './visit.ts';
import type { PublicUrl } from '../../core/public-url.ts';

const MAX_BODY_BYTES = 64 * 1024;
/** What the provider may take; below the 29 s that API Gateway waits. */
const PROVIDER_BUDGET_MS = 20_000;

export async function submit(visit: Visit): Promise<PageResult> {
  const { request, link, provider, context } = visit;
  if (!isFromOurPage(request, context.publicUrl))
    return refused(visit, 403, 'cross_site', 'It was sent from another site.');
  const body = await readBody(request);
  if (typeof body === 'number') return refused(visit, body, 'no_form', 'It was not sent as the form on this page.');
  const given = readSubmission(body, provider);
  if (given === undefined) return refused(visit, 422, 'no_form', 'It names a way of signing in that does not exist.');

  const browser = readSecret(request.headers.get('cookie'), context.publicUrl);
  if (browser === undefined || !isFormToken(given.token, browser, link.hash))
    return showForm(visit, 403, 'forged', {
      ...nothingTyped(given),
      problem: 'The form could not be matched to this browser. Allow cookies for this site, then fill it in again.',
    });

  return (await codeRefusal(visit, given)) ?? connect(visit, given);
}

/** Undefined when the code is right. */
async function codeRefusal(visit: Visit, given: Submission): Promise<PageResult | undefined> {
  const { deps, link, secret } = visit;
  const again = (outcome: string, problem: string): PageResult =>
    showForm(visit, 422, outcome, {
      ...nothingTyped(given),
      values: given.values,
      scopes: given.scopes,
      problems: new Map([[CODE, problem]]),
    });
  if (given.code === '') return again('no_code', 'The code from your chat is missing.');
  // Before the comparison: of many codes sent at the same time, no more than MAX_TRIES are ever looked at.
  const tries = await deps.links.countTry(link);
  if (tries === undefined) return gone('worn_out', link);
  if (isRightCode(link, secret, given.code)) {
    await deps.links.giveTryBack(link);
    return undefined;
  }
  const left = MAX_TRIES - tries;
  if (left <= 0) return gone('worn_out', link);
  const more = left === 1 ? 'You can try once more' : `You can try ${left} more times`;
  return again('wrong_code', `This is not the code that belongs to this link. ${more}.`);
}

async function connect(visit: Visit, given: Submission): Promise<PageResult> {
  const { deps, provider } = visit;
  const full = await deps.loadProvider(provider.key);
  const auth = full.auth.find(({ id }) => id === given.auth.id);
  if (auth === undefined) throw new Error('the catalogue names a way of signing in that its provider does not have');
  const problems = fieldWords(auth, given.values);
  if (problems.size > 0) return showForm(visit, 422, 'invalid_fields', { ...given, problems });
  return isFormAuth(auth) ? storeFields(visit, given, full, auth) : toConsent(visit, given, full, auth);
}

async function storeFields(visit: Visit, given: Submission, provider: Provider, auth: FormAuth): Promise<PageResult> {
  const { deps, request, link } = visit;
  const claim = once(() => deps.links.take(link));
  const stored = await deps.store({
    tenant: link.tenant,
    name: link.connection,
    provider,
    auth,
    fields: new Secret(given.values),
    // Asked after the provider has accepted the credential: a link that somebody else has used by then stores nothing.
    claim: claim.run,
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(PROVIDER_BUDGET_MS)]),
  });
  if (claim.result() === false) return gone('lost_race', link);
  if (!stored.ok) return notStored(visit, given, stored.fault);
  if (claim.result() !== true) throw new Error('a credential was stored without using up its link');
  return connected(visit, stored.value.accountName);
}

async function toConsent(visit: Visit, given: Submission, provider: Provider, auth: OAuth2Auth): Promise<PageResult> {
  const { deps, link, context, settings } = visit;
  const { publicUrl } = context;
  // Before anything is used up: the provider would not show itself here, and its return would find no cookie.
  if (isFramed(visit))
    return showForm(visit, 409, 'framed', {
      ...given,
      problems: NO_PROBLEMS,
      problem: `${provider.name} opens its sign-in in a window of its own only. Go on in a new window, with the same code.`,
    });
  const { client, org, user, tenant, connection, hash: linkHash, returnUrl } = link;
  const begun = await deps.beginConsent({
    client,
    org,
    user,
    tenant,
    connection,
    provider,
    auth,
    asked: given.values,
    extraScopes: given.scopes,
    redirectUri: redirectUriOf(publicUrl),
    orgApp: settings.client.org_app,
    linkHash,
    returnUrl,
  });
  if (!begun.ok) return notStored(visit, given, begun.fault);
  if (!(await deps.links.take(link))) return gone('lost_race', link);
  const redirect = respond(visit, 303, 'consent', null);
  redirect.response.headers.set('location', begun.value.url.reveal());
  redirect.response.headers.append('set-cookie', consentCookieHeader(begun.value.cookie, publicUrl));
  return redirect;
}

function notStored(visit: Visit, given: Submission, fault: Fault): PageResult {
  const { status, say } = adviceOn(fault, visit.provider.name, given.values);
  const form = showForm(visit, status, `refused:${fault.code}`, { ...given, problems: NO_PROBLEMS, problem: say });
  return { ...form, cause: fault.lastResponse };
}

function connected(visit: Visit, account: string): PageResult {
  const { link, provider } = visit;
  const address = returnAddress(link);
  if (address === undefined) return respond(visit, 200, 'connected', donePage(frameOf(visit), link, provider, account));
  const redirect = respond(visit, 303, 'connected', null);
  redirect.response.headers.set('location', address.href);
  return redirect;
}

/**
 * A page with `no-referrer` sends `Origin: null` with its own form, so the origin alone cannot tell; where the browser
 * says how request and page relate, that decides. The token in the form is what no other site can have.
 */
function isFromOurPage(request: Request, publicUrl: PublicUrl): boolean {
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  const known = origin === null || origin === 'null' || origin === new URL(publicUrl).origin;
  return known && (site === null || site === 'same-origin' || site === 'none');
}

/** The form's fields, or the status to refuse with. */
async function readBody(request: Request): Promise<URLSearchParams | number> {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return 415;
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) return 413;
  const bytes = await request.arrayBuffer();
  return bytes.byteLength > MAX_BODY_BYTES ? 413 : new URLSearchParams(Buffer.from(bytes).toString('utf8'));
}

function refused({ link }: Visit, status: number, outcome: string, why: string): PageResult {
  return {
    ...plainResult(
      status,
      outcome,
      'This could not be accepted',
      why,
      'Open the link again and fill in the form there.',
    ),
    link,
  };
}

function nothingTyped({ auth }: Submission) {
  return { auth, code: '', values: {}, scopes: [], problems: NO_PROBLEMS };
}

/** Runs at most once and remembers the answer, so that a store that asks twice does not lose its own claim. */
function once(act: () => Promise<boolean>) {
  let running: Promise<boolean> | undefined;
  let result: boolean | undefined;
  return {
    run: async (): Promise<boolean> => (result = await (running ??= act())),
    result: (): boolean | undefined => result,
  };
}
