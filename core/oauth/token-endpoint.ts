/**
 * Requests to a token endpoint. The protocol (parameters, client authentication, validation of the answer) is
 * oauth4webapi's; the way out is our own guarded transport, which also applies what a vendor does differently.
 * Invariant: no secret leaves for a host that is not one of the provider's.
 */
import * as oauth from 'oauth4webapi';
import type { Facts, OAuth2Auth, TokenResponse } from '../provider/auth.ts';
import {
  egressProblem,
  TransportError,
  type TransportResponse,
  type OutgoingRequest,
  type Transport,
} from '../egress/egress.ts';
import { textAt } from '../json.ts';
import type { IssuedTokens } from './tokens.ts';
import type { Provider } from '../provider/provider.ts';
import { fail, ok, type Result } from '../result.ts';
import { Secret } from '../vault/secret.ts';

/** Long enough for a slow vendor, and well within a lease (`refresh.ts`). */
export const TOKEN_REQUEST_MS = 10_000;

/**
 * Why no token came. `dead`: the code or refresh token is used up or revoked. `app`: the client id or secret is refused.
 * `not_sent`: nothing left this process. `unsure`: the request may have been carried out. `forbidden_host`: not sent.
 */
export type TokenProblem = 'dead' | 'app' | 'scope' | 'refused' | 'not_sent' | 'unsure' | 'forbidden_host';

/** A callback that oauth4webapi has validated: it takes no other. */
export type ValidCallback = ReturnType<typeof oauth.validateAuthResponse>;

export type Grant =
  | {
      readonly kind: 'code';
      readonly callback: ValidCallback;
      readonly redirectUri: string;
      readonly verifier: string | undefined;
    }
  | { readonly kind: 'refresh'; readonly refreshToken: string; readonly redirectUri: string };

export interface TokenRequest {
  readonly provider: Pick<Provider, 'hosts'>;
  readonly auth: OAuth2Auth;
  readonly facts: Facts;
  readonly clientId: string;
  /** Undefined for a public app. */
  readonly secret: Secret<string> | undefined;
  readonly grant: Grant;
}

export interface GrantedTokens extends IssuedTokens {
  /** As granted, where the answer says so. */
  readonly scopes: readonly string[] | undefined;
  /** The whole answer, for `capture`; it holds the tokens. */
  readonly body: Secret<unknown>;
}

/** The token endpoint's address when it may be used: https, one of the provider's hosts, no port, no user name. */
export function tokenUrl(provider: Pick<Provider, 'hosts'>, auth: OAuth2Auth, facts: Facts): URL | undefined {
  return allowedUrl(provider.hosts, auth.token.url(facts));
}

export function allowedUrl(hosts: readonly string[], text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return egressProblem({ method: 'GET', url, headers: {} }, hosts) === undefined ? url : undefined;
}

/** The server as the library wants it. Its issuer is only compared with `iss`, which our own code has looked at first. */
export function serverOf(
  auth: OAuth2Auth,
  endpoints: Partial<oauth.AuthorizationServer> = {},
): oauth.AuthorizationServer {
  return { issuer: auth.issuer ?? 'https://issuer.invalid', ...endpoints };
}

export async function requestToken(
  transport: Transport,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<Result<GrantedTokens, TokenProblem>> {
  const { provider, auth, facts, clientId, grant } = request;
  const url = tokenUrl(provider, auth, facts);
  if (url === undefined) return fail('forbidden_host');
  const server = serverOf(auth, { token_endpoint: url.href });
  const client: oauth.Client = { client_id: clientId };
  const clientAuthentication = clientAuth(auth, request.secret);
  const guardedFetch = guarded(transport, provider.hosts, auth, signal);
  const options = { [oauth.customFetch]: guardedFetch.fetch };
  try {
    const { redirectUri } = grant;
    const tokens =
      grant.kind === 'code'
        ? await oauth.processAuthorizationCodeResponse(
            server,
            client,
            await oauth.authorizationCodeGrantRequest(
              server,
              client,
              clientAuthentication,
              grant.callback,
              redirectUri,
              grant.verifier ?? oauth.nopkce,
              options,
            ),
          )
        : await oauth.processRefreshTokenResponse(
            server,
            client,
            await oauth.refreshTokenGrantRequest(server, client, clientAuthentication, grant.refreshToken, {
              ...options,
              additionalParameters: auth.refresh.sendRedirectUri ? { redirect_uri: redirectUri } : {},
            }),
          );
    return ok(grantedTokens(tokens, guardedFetch.response()?.body));
  } catch (error) {
    if (error instanceof TransportError) return fail(error.sent ? 'unsure' : 'not_sent');
    const tokenResponse = guardedFetch.response();
    // Without a reply nothing was refused by anyone: it is a bug, and not the account's fault.
    if (tokenResponse === undefined) throw error;
    return fail(problemOf(auth, tokenResponse));
  }
}

export function clientAuth({ token }: OAuth2Auth, secret: Secret<string> | undefined): oauth.ClientAuth {
  if (token.clientAuth === 'none' || secret === undefined) return oauth.None();
  return token.clientAuth === 'basic'
    ? oauth.ClientSecretBasic(secret.reveal())
    : oauth.ClientSecretPost(secret.reveal());
}

function grantedTokens(tokens: oauth.TokenEndpointResponse, body: unknown): GrantedTokens {
  const { access_token, refresh_token, expires_in, scope } = tokens;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresIn: expires_in,
    // Vendors separate scopes by spaces or commas, whatever they were asked with.
    scopes: scope?.split(/[\s,]+/).filter((name) => name !== ''),
    body: new Secret(body),
  };
}

interface GuardedFetch {
  readonly fetch: (url: string, options: oauth.CustomFetchOptions<'POST', URLSearchParams>) => Promise<Response>;
  /** What came back, before the library judged it. */
  readonly response: () => TokenResponse | undefined;
}

/** The library's `fetch`, through the guarded transport. */
export function guarded(
  transport: Transport,
  hosts: readonly string[],
  auth: OAuth2Auth,
  signal: AbortSignal,
): GuardedFetch {
  let tokenResponse: TokenResponse | undefined;
  return {
    response: () => tokenResponse,
    async fetch(url, { body, headers }) {
      const outgoing = encoded(auth, new URL(url), body, headers);
      // The address was checked before; the library must not be able to change it.
      if (egressProblem(outgoing, hosts) !== undefined) throw new TransportError('blocked', false);
      const incoming = await transport(outgoing, signal);
      tokenResponse = { status: incoming.status, body: parsed(incoming.text) };
      return toResponse(incoming, tokenResponse, auth);
    },
  };
}

function encoded(
  { token }: OAuth2Auth,
  url: URL,
  parameters: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): OutgoingRequest {
  const { 'content-type': formType, ...rest } = headers;
  if (parameters.get('grant_type') === 'authorization_code' && !token.sendRedirectUri)
    parameters.delete('redirect_uri');
  if (token.encoding === 'query') {
    for (const [name, value] of parameters) url.searchParams.append(name, value);
    return { method: 'GET', url, headers: rest };
  }
  return token.encoding === 'json'
    ? {
        method: 'POST',
        url,
        headers: { ...rest, 'content-type': 'application/json' },
        body: JSON.stringify(Object.fromEntries(parameters)),
      }
    : { method: 'POST', url, headers: { ...rest, 'content-type': formType ?? '' }, body: parameters.toString() };
}

/** ID tokens are left out: nothing here reads one, and validating what is not read can only fail. */
function toResponse({ status, headers, text }: TransportResponse, { body }: TokenResponse, auth: OAuth2Auth): Response {
  const challenge = headers['www-authenticate'];
  const init = {
    // 1xx and anything out of range cannot be a Response; no token comes with them either.
    status: status >= 200 && status <= 599 ? status : 502,
    headers: {
      'content-type': 'application/json',
      ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    },
  };
  if ([204, 205, 304].includes(init.status)) return new Response(null, init);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return new Response(text, init);
  const { id_token: _unread, ...rest } = body as Record<string, unknown>;
  return new Response(
    JSON.stringify(auth.token.untyped === true && !('token_type' in rest) ? { ...rest, token_type: 'bearer' } : rest),
    init,
  );
}

/** JSON where it is JSON, else the text. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const PROBLEM_OF: Readonly<Record<string, TokenProblem>> = {
  invalid_grant: 'dead',
  invalid_client: 'app',
  unauthorized_client: 'app',
  invalid_scope: 'scope',
  temporarily_unavailable: 'unsure',
  server_error: 'unsure',
};

function problemOf(auth: OAuth2Auth, tokenResponse: TokenResponse): TokenProblem {
  const error = textAt(tokenResponse.body, 'error');
  if (auth.refresh.refused?.(tokenResponse) === true) return 'dead';
  const known = error !== undefined && Object.hasOwn(PROBLEM_OF, error) ? PROBLEM_OF[error] : undefined;
  if (known !== undefined) return known;
  // A success without a usable token, a redirect, a throttle or a failure of theirs: it may have been carried out.
  if (tokenResponse.status < 400 || tokenResponse.status === 429 || tokenResponse.status >= 500) return 'unsure';
  return 'refused';
}
