/**
 * The browser's return from a consent: the state is used up first, whatever follows; then browser, redirect, issuer,
 * code, token, scopes and account are checked in that order, and only a proved account is stored. The exchange is done
 * here and now, because codes live as short as 30 seconds.
 */
import * as oauth from 'oauth4webapi';
import type { ConnectedAccount, Facts, OAuth2Auth } from '../provider/auth.ts';
import { proveAndStore, type ConnectDeps } from '../connect/connect.ts';
import type { Connection, ConnectionFacts } from '../vault/connection.ts';
import { withLastResponse } from '../egress/observe.ts';
import { hostMatches } from '../egress/egress.ts';
import { appOfToken, type OAuthApp, type OAuthApps } from '../oauth/app.ts';
import type { ConsentNotes } from './note.ts';
import { consentFault, type ConsentFault, type ConsentProblem } from './problem.ts';
import { consentCookieName, isBrowserOf, verifierOf, type PendingGrant, type PendingGrants } from './pending.ts';
import {
  requestToken,
  serverOf,
  TOKEN_REQUEST_MS,
  tokenUrl,
  type GrantedTokens,
  type TokenProblem,
  type ValidCallback,
} from '../oauth/token-endpoint.ts';
import { withTokens } from '../oauth/tokens.ts';
import { isDead } from '../provider-error-classes.ts';
import type { Provider } from '../provider/provider.ts';
import { hashSecret } from '../vault/random-secret.ts';
import { regardless } from '../log.ts';
import { fail, ok, type Result } from '../result.ts';
import { Secret } from '../vault/secret.ts';

export interface CallbackDeps extends ConnectDeps {
  readonly grants: PendingGrants;
  readonly apps: OAuthApps;
  /** Tells the tool call that asks next how it went. */
  readonly notes: Pick<ConsentNotes, 'put' | 'clear'>;
  readonly loadProvider: (key: string) => Promise<Provider>;
}

export interface Callback {
  /** The query of the address the browser came back to. */
  readonly query: URLSearchParams;
  /** The value of a cookie of that request. */
  readonly cookie: (name: string) => string | undefined;
  /** The public address of the callback that was reached. */
  readonly redirectUri: string;
  readonly signal: AbortSignal;
}

export interface Connected {
  readonly connection: Connection;
  readonly grant: PendingGrant;
}

const MAX_STATE = 200;

export async function finishConsent(deps: CallbackDeps, callback: Callback): Promise<Result<Connected, ConsentFault>> {
  const state = callback.query.get('state') ?? '';
  const grant = state === '' || state.length > MAX_STATE ? undefined : await deps.grants.take(hashSecret(state));
  if (grant === undefined || grant.expiresAt <= deps.clock()) return fail(consentFault('unknown_state', ''));
  const provider = await deps.loadProvider(grant.provider);
  const finished = await withLastResponse(deps, (observed) => admit(observed, callback, { provider, grant, state }));
  if (finished.ok) return ok({ connection: finished.value, grant });
  const { tenant, connection, linkHash } = grant;
  const note = { provider: grant.provider, connection, linkHash, state: finished.fault.problem };
  await regardless(deps.log, 'consent not noted', () => deps.notes.put(tenant, note));
  return fail({ ...finished.fault, grant });
}

interface Returned {
  readonly provider: Provider;
  readonly grant: PendingGrant;
  readonly state: string;
}

async function admit(
  deps: CallbackDeps,
  callback: Callback,
  { provider, grant, state }: Returned,
): Promise<Result<Connection, ConsentFault>> {
  const because = (problem: ConsentProblem) => fail(consentFault(problem, provider.name));
  const auth = provider.auth.find(({ id }) => id === grant.auth);
  // The way was there when the consent began: a deployment in between has taken it away.
  if (auth?.kind !== 'oauth2') return because('unknown_state');
  const browserSecret = callback.cookie(consentCookieName(state, callback.redirectUri));
  if (browserSecret === undefined || !isBrowserOf(grant, browserSecret)) return because('wrong_browser');
  if (callback.redirectUri !== grant.redirectUri) return because('wrong_redirect');

  const valid = validated(provider, auth, callback.query, state);
  if (!valid.ok) return because(valid.fault);
  const verifier = verifierOf(browserSecret, state);
  const exchanged = await exchange(deps, { provider, auth, grant, verifier }, valid.value);
  if (!exchanged.ok) return because(exchanged.fault);
  const { scopes } = exchanged.value.response;
  if (scopes !== undefined && auth.scopes.default.some((scope) => !scopes.includes(scope)))
    return because('missing_scope');
  return keep(deps, { provider, auth, grant, ...exchanged.value }, callback.signal);
}

/** Proves the token at the provider's API, compares the account with the one it replaces, and stores. */
async function keep(
  deps: CallbackDeps,
  { provider, auth, grant, response, app, facts }: Exchanged & Pick<Exchange, 'provider' | 'auth' | 'grant'>,
  signal: AbortSignal,
): Promise<Result<Connection, ConsentFault>> {
  let isAnother = false;
  const stored = await proveAndStore(deps, {
    tenant: grant.tenant,
    provider,
    auth,
    name: grant.connection,
    facts,
    credential: new Secret({
      ...withTokens({}, response, deps.clock()),
      client_id: app.clientId,
      redirect_uri: grant.redirectUri,
    }),
    signal,
    objection: (before, account) => {
      isAnother = !isSameAccount(auth, before, { accountName: account, facts });
      return isAnother ? consentFault('wrong_account', provider.name) : undefined;
    },
  });
  if (stored.ok) return stored;
  if (isDead(stored.fault)) return fail(consentFault('not_proved', provider.name));
  return fail({ ...stored.fault, problem: isAnother ? 'wrong_account' : 'not_proved' });
}

/** What the library accepts as an answer of this server to this state. */
function validated(
  provider: Provider,
  auth: OAuth2Auth,
  query: URLSearchParams,
  state: string,
): Result<ValidCallback, ConsentProblem> {
  const names = [...query.keys()];
  // Two values of one name: two readers could each see another one.
  if (new Set(names).size < names.length) return fail('bad_callback');
  const checked = new URLSearchParams(query);
  const named = query.get('iss');
  if (named !== null) {
    // Where the definition knows no issuer, the one that is named must at least be the provider's own.
    if (auth.issuer === undefined ? !isOwnIssuer(provider, named) : named !== auth.issuer) return fail('wrong_issuer');
    if (auth.issuer === undefined) checked.delete('iss');
  }
  try {
    const valid = oauth.validateAuthResponse(serverOf(auth), { client_id: 'ours' }, checked, state);
    return valid.get('code') === null ? fail('bad_callback') : ok(valid);
  } catch (error) {
    if (!(error instanceof oauth.AuthorizationResponseError)) return fail('bad_callback');
    if (error.error === 'access_denied') return fail('consent_denied');
    return fail(error.error === 'invalid_scope' ? 'missing_scope' : 'provider_refused');
  }
}

function isOwnIssuer({ hosts }: Provider, iss: string): boolean {
  if (!URL.canParse(iss)) return false;
  const { protocol, hostname } = new URL(iss);
  return protocol === 'https:' && hosts.some((allowed) => hostMatches(hostname, allowed));
}

interface Exchange {
  readonly provider: Provider;
  readonly auth: OAuth2Auth;
  readonly grant: PendingGrant;
  readonly verifier: string;
}

interface Exchanged {
  readonly response: GrantedTokens;
  readonly app: OAuthApp;
  readonly facts: Facts;
}

const PROBLEM_OF: Readonly<Record<TokenProblem, ConsentProblem>> = {
  dead: 'expired_code',
  app: 'app_refused',
  scope: 'missing_scope',
  refused: 'provider_refused',
  rejected: 'provider_refused',
  not_sent: 'no_answer',
  unsure: 'no_answer',
  forbidden_host: 'forbidden_host',
};

async function exchange(
  deps: CallbackDeps,
  { provider, auth, grant, verifier }: Exchange,
  callback: ValidCallback,
): Promise<Result<Exchanged, ConsentProblem>> {
  const fromCallback = captured(auth.capture?.callback, Object.fromEntries(callback));
  if (fromCallback === undefined) return fail('bad_callback');
  const facts = { ...grant.facts, ...fromCallback };
  // Before the secret is even opened: the host may be one that the callback has named.
  if (tokenUrl(provider, auth, facts) === undefined) return fail('forbidden_host');
  const app = await appOfToken(deps.apps, grant.tenant, provider.key, grant.clientId);
  if (app === undefined) return fail('no_app');
  const secret = await deps.apps.secret(grant.tenant, app);
  const pkce = auth.authorize.pkce === 'S256';
  const response = await requestToken(
    deps.transport,
    {
      provider,
      auth,
      facts,
      clientId: app.clientId,
      secret,
      grant: { kind: 'code', callback, redirectUri: grant.redirectUri, verifier: pkce ? verifier : undefined },
    },
    // Not the browser's: a page that is closed must not lose a grant half way.
    AbortSignal.timeout(TOKEN_REQUEST_MS),
  );
  if (!response.ok) return fail(PROBLEM_OF[response.fault]);
  const fromToken = captured(auth.capture?.token, response.value.body.reveal());
  if (fromToken === undefined) return fail('bad_callback');
  return ok({ response: response.value, app, facts: { ...facts, ...fromToken } });
}

/** A host, an address, an id: what is longer than any of them is none, and could not be stored. */
const LONGEST_FACT = 1_000;

/** The facts that a definition reads from an answer; undefined when they are not there or not as they must be. */
function captured<T>(read: ((from: T) => Facts | undefined) | undefined, from: T): Facts | undefined {
  const facts = read === undefined ? {} : read(from);
  return facts !== undefined && Object.values(facts).some(({ length }) => length > LONGEST_FACT) ? undefined : facts;
}

/** A connection made in another way (a webhook, say) proves nothing about the account: it may be replaced. */
function isSameAccount(auth: OAuth2Auth, before: ConnectionFacts, now: ConnectedAccount): boolean {
  if (before.auth !== auth.id) return true;
  return auth.sameAccount === undefined ? before.accountName === now.accountName : auth.sameAccount(before, now);
}
