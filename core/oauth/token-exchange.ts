/**
 * Exchanging what the person gave for the short-lived token that the provider's calls take. The fields stay in the
 * credential, so that the next token can be had without the person.
 */
import type { Facts, TokenExchangeAuth, TokenResponse } from '../provider/auth.ts';
import { type Fault, fault } from '../fault.ts';
import { egressProblem, TransportError, type OutgoingRequest, type Transport } from '../egress/egress.ts';
import { MAX_TOKEN_LENGTH, withTokens } from './tokens.ts';
import { jsonOrText } from '../json.ts';
import { isVerdict, TOKEN_REQUEST_MS } from './token-endpoint.ts';
import type { Provider } from '../provider/provider.ts';
import { fail, ok, type Result } from '../result.ts';
import { Secret } from '../vault/secret.ts';
import type { Credential } from '../vault/vault.ts';
import type { Clock } from '../time.ts';

export interface TokenExchange {
  readonly provider: Provider;
  readonly auth: TokenExchangeAuth;
  readonly facts: Facts;
  readonly credential: Secret<Credential>;
  readonly signal: AbortSignal;
}

/** The credential with a new access token in it. A fault that is dead (`isDead`) means that the fields were refused. */
export async function exchangeToken(
  deps: { readonly transport: Transport; readonly clock: Clock },
  { provider, auth, facts, credential, signal }: TokenExchange,
): Promise<Result<Secret<Credential>, Fault>> {
  const { name } = provider;
  const text = auth.exchange.url(facts);
  if (!URL.canParse(text)) return fail(fault('invalid_input', `The ${name} address is not a valid one.`));
  const outgoing: OutgoingRequest = {
    method: 'POST',
    url: new URL(text),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(auth.exchange.body(credential.reveal())),
  };
  const problem = egressProblem(outgoing, provider.hosts);
  if (problem !== undefined) return fail(fault('invalid_input', `The sign-in at ${name} was not sent: ${problem}.`));
  let response: TokenResponse;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TOKEN_REQUEST_MS)]);
    const { status, text: body } = await deps.transport(outgoing, limit);
    response = { status, body: jsonOrText(body) };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return fail(fault('provider_down', `${name} did not answer the sign-in.`, { cause: 'provider_down' }));
  }
  if (isVerdict(response.status) && auth.exchange.refused(response))
    return fail(
      fault('reconnect_required', `${name} no longer accepts the stored credential.`, { cause: 'reconnect_required' }),
    );
  const token = response.status >= 200 && response.status < 300 ? auth.exchange.token(response.body) : undefined;
  if (token === undefined || token.token === '' || token.token.length > MAX_TOKEN_LENGTH)
    return fail(fault('provider_down', `${name} gave no token for the sign-in.`, { cause: 'provider_down' }));
  const issued = { accessToken: token.token, expiresIn: token.expiresIn };
  return ok(new Secret(withTokens(credential.reveal(), issued, deps.clock())));
}
