/** Asking the provider for new tokens with what is stored: once, and with a verdict on what that means. */
import type { Facts, OAuth2Auth, RenewableAuth } from '../provider/auth.ts';
import { type Fault, fault } from '../fault.ts';
import type { Transport } from '../egress/egress.ts';
import { appOfToken, type OAuthApps } from './app.ts';
import { requestToken, TOKEN_REQUEST_MS, type TokenProblem, type TokenRequest } from './token-endpoint.ts';
import { withTokens } from './tokens.ts';
import type { Provider } from '../provider/provider.ts';
import { fail, ok, type Result } from '../result.ts';
import { Secret } from '../vault/secret.ts';
import type { TenantId } from '../tenant/tenant.ts';
import { exchangeToken } from './token-exchange.ts';
import type { Credential } from '../vault/vault.ts';
import type { Clock } from '../time.ts';

interface RenewalDeps {
  readonly oauthApps?: OAuthApps | undefined;
  readonly transport: Transport;
  readonly clock: Clock;
}

interface Renewal<Way> {
  readonly tenant: TenantId;
  readonly provider: Provider;
  readonly auth: Way;
  readonly facts: Facts;
  readonly credential: Secret<Credential>;
}

/** Not bound to the caller's own patience: an answer that nobody waits for any more is still the only one. */
const untilItEnds = (): AbortSignal => AbortSignal.timeout(TOKEN_REQUEST_MS);

export async function renewedCredential(
  deps: RenewalDeps,
  renewal: Renewal<RenewableAuth>,
): Promise<Result<Secret<Credential>, Fault>> {
  const { auth } = renewal;
  return auth.kind === 'oauth2'
    ? refreshed(deps, { ...renewal, auth })
    : exchangeToken(deps, { ...renewal, auth, signal: untilItEnds() });
}

async function refreshed(
  deps: RenewalDeps,
  { tenant, provider, auth, facts, credential }: Renewal<OAuth2Auth>,
): Promise<Result<Secret<Credential>, Fault>> {
  const { refresh_token: refreshToken, client_id: clientId, redirect_uri: redirectUri = '' } = credential.reveal();
  if (refreshToken === undefined) return fail(faultOf('dead', provider.name));
  const app = deps.oauthApps && (await appOfToken(deps.oauthApps, tenant, provider.key, clientId));
  // Not called dead: putting the old app back makes the token good again, for everyone who has not connected anew.
  if (app === undefined && (await deps.oauthApps?.list(tenant, provider.key))?.length)
    return fail(
      fault('reconnect_required', `The OAuth app that this ${provider.name} account was connected with was replaced.`),
    );
  if (app === undefined)
    return fail(
      fault('forbidden', `The OAuth app that this ${provider.name} account was connected with is not set up here.`, {
        next: 'Tell the operator of this endpoint, or ask the user to connect the account again.',
      }),
    );
  const request: TokenRequest = {
    provider,
    auth,
    facts,
    clientId: app.clientId,
    secret: await deps.oauthApps?.secret(tenant, app),
    grant: { kind: 'refresh', refreshToken, redirectUri },
  };
  let response = await requestToken(deps.transport, request, untilItEnds());
  if (!response.ok && mayAskAgain(auth, response.fault))
    response = await requestToken(deps.transport, request, untilItEnds());
  return response.ok
    ? ok(new Secret(withTokens(credential.reveal(), response.value, deps.clock())))
    : fail(faultOf(response.fault, provider.name));
}

/** Where a refresh token outlives its use, a lost answer costs nothing; elsewhere only what never left is repeated. */
function mayAskAgain({ refresh }: OAuth2Auth, problem: TokenProblem): boolean {
  return problem === 'not_sent' || (problem === 'unsure' && refresh.rotation === 'none');
}

function faultOf(problem: TokenProblem, name: string): Fault {
  switch (problem) {
    case 'dead':
      return fault('reconnect_required', `${name} has ended this sign-in.`, { cause: 'reconnect_required' });
    case 'app':
      return fault('forbidden', `${name} does not accept the OAuth app that is set up here.`, {
        next: 'Tell the operator of this endpoint: the client id or secret is wrong. The account is not lost.',
      });
    case 'forbidden_host':
      return fault('forbidden', `The stored address of this account does not belong to ${name}.`);
    // It did answer, and will answer the same again: only a new consent helps. Nothing is lost if that was a mistake.
    case 'scope':
    case 'refused':
      return fault('reconnect_required', `${name} refused to renew the sign-in.`);
    case 'rejected':
    case 'not_sent':
    case 'unsure':
      return fault('provider_down', `${name} did not renew the sign-in.`, { cause: 'provider_down' });
  }
}
