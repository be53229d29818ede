/**
 * Beginning a consent: the address the browser is sent to, and what its return must fit. What the callback needs to
 * prove (browser secret, PKCE verifier) is in the browser's cookie only; the stored grant holds hashes.
 */
import * as oauth from 'oauth4webapi';
import type { OAuth2Auth } from '../provider/auth.ts';
import { fieldMessage } from '../provider/fields.ts';
import { findApp, type OAuthApps } from '../oauth/app.ts';
import type { OrgAppPolicy } from '../tenant/settings.ts';
import type { ConsentNotes } from './note.ts';
import { consentFault, type ConsentFault } from './problem.ts';
import { consentCookieName, GRANT_TTL_MS, verifierOf, type PendingGrants } from './pending.ts';
import { allowedUrl } from '../oauth/token-endpoint.ts';
import type { Provider } from '../provider/provider.ts';
import { hashSecret, mintSecret } from '../vault/random-secret.ts';
import { regardless, type Log } from '../log.ts';
import { fail, ok, type Result } from '../result.ts';
import { Secret } from '../vault/secret.ts';
import type { TenantId, TenantParts } from '../tenant/tenant.ts';
import type { Credential } from '../vault/vault.ts';
import type { Clock } from '../time.ts';

export interface BeginDeps {
  readonly grants: PendingGrants;
  readonly apps: OAuthApps;
  readonly notes: Pick<ConsentNotes, 'put'>;
  readonly log: Log;
  readonly clock: Clock;
}

export interface ConsentRequest extends TenantParts {
  readonly tenant: TenantId;
  readonly provider: Provider;
  readonly auth: OAuth2Auth;
  /** The name the connection will have. */
  readonly connection: string;
  /** Values of the fields asked before the redirect, e.g. the portal; none of them is secret. */
  readonly asked: Credential;
  /** Optional scopes the person chose; others are refused. */
  readonly extraScopes?: readonly string[];
  /** The callback's public address. */
  readonly redirectUri: string;
  readonly orgApp: OrgAppPolicy;
  readonly linkHash?: string | undefined;
  readonly returnUrl?: string | undefined;
}

export interface Consent {
  /** Where the browser goes; holds the state, so it is not for logs. */
  readonly url: Secret<string>;
  /** To be set `Secure; HttpOnly; SameSite=Lax; Path=/`: the return from the provider is a top-level GET. */
  readonly cookie: { readonly name: string; readonly value: Secret<string>; readonly maxAgeSeconds: number };
}

export async function beginConsent(deps: BeginDeps, request: ConsentRequest): Promise<Result<Consent, ConsentFault>> {
  const { tenant, provider, auth, asked, redirectUri, extraScopes = [] } = request;
  const wrong = fieldMessage(auth, asked);
  if (wrong !== undefined)
    return fail(consentFault('bad_callback', provider.name, { code: 'invalid_input', message: wrong }));
  if (extraScopes.some((scope) => auth.scopes.optional?.some((one) => one.scope === scope) !== true))
    return fail(
      consentFault('missing_scope', provider.name, { message: `${provider.name} has no such permission to ask for.` }),
    );
  const facts = auth.derive(asked);
  const url = allowedUrl(provider.hosts, auth.authorize.url(facts));
  if (url === undefined) return fail(consentFault('forbidden_host', provider.name));
  const app = await findApp(deps.apps, tenant, provider.key, request.orgApp);
  if (app === undefined) return fail(consentFault('no_app', provider.name));

  const state = mintSecret();
  const browserSecret = mintSecret();
  const scopes = [...new Set([...auth.scopes.default, ...extraScopes])];
  await deps.grants.put({
    hash: hashSecret(state),
    tenant,
    client: request.client,
    org: request.org,
    user: request.user,
    provider: provider.key,
    auth: auth.id,
    connection: request.connection,
    clientId: app.clientId,
    redirectUri,
    browserHash: hashSecret(browserSecret),
    facts,
    scopes,
    linkHash: request.linkHash,
    returnUrl: request.returnUrl,
    expiresAt: deps.clock() + GRANT_TTL_MS,
  });
  const { connection, linkHash } = request;
  await regardless(deps.log, 'consent not noted', () =>
    deps.notes.put(tenant, { provider: provider.key, connection, linkHash, state: 'begun' }),
  );

  const parameters = {
    ...auth.authorize.params,
    response_type: 'code',
    client_id: app.clientId,
    state,
    ...(auth.authorize.sendRedirectUri ? { redirect_uri: redirectUri } : {}),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(auth.authorize.scopeSeparator ?? ' ') }),
    ...(auth.authorize.pkce === 'none'
      ? {}
      : {
          code_challenge: await oauth.calculatePKCECodeChallenge(verifierOf(browserSecret, state)),
          code_challenge_method: 'S256',
        }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return ok({
    url: new Secret(url.href),
    cookie: {
      name: consentCookieName(state, redirectUri),
      value: new Secret(browserSecret),
      maxAgeSeconds: GRANT_TTL_MS / 1000,
    },
  });
}
