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
import { at, jsonOrText, textAt } from '../json.ts';
import { MAX_TOKEN_LENGTH, type IssuedTokens } from './tokens.ts';
import type { Provider } from '../provider/provider.ts';
import { fail, ok, type Result } from '../result.ts';
import { Secret } from '../vault/secret.ts';

/** Long enough for a slow vendor, and well within a lease (`refresh.ts`). */
export const TOKEN_REQUEST_MS = 10_000;

/**
 * Why no token came. `dead`: the code or refresh token is used up or revoked. `app`: the client id or secret is refused.
 * `refused`: the endpoint said no, for another reason. `rejected`: something in front of it did, in no words of OAuth.
 * `not_sent`: nothing left this process. `unsure`: the request may have been carried out. `forbidden_host`: not sent.
 */
export type TokenProblem = 'dead' | 'app' | 'scope' | 'refused' | 'rejected' | 'not_sent' | 'unsure' | 'forbidden_host';

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
      tokenResponse = { status: incoming.status, body: bodyOf(incoming) };
      return toResponse(incoming, tokenResponse);
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

/** JSON where it is JSON; a form where it is one, as GitHub's are to who asks for nothing else; else the text. */
function bodyOf({ headers, text }: TransportResponse): unknown {
  const body = jsonOrText(text);
  if (typeof body !== 'string') return body;
  const isForm =
    /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '') || /(?:^|&)access_token=/.test(body);
  return isForm ? Object.fromEntries(new URLSearchParams(body)) : body;
}

/**
 * The response as the library takes it. Every success is 200 there, and what holds a usable access token is a success, however
 * the rest is written: a token that was given is spent or lost when the answer around it is not liked.
 */
function toResponse({ status, headers, text }: TransportResponse, { body }: TokenResponse): Response {
  const json = { 'content-type': 'application/json' };
  if (isSuccess(status)) return new Response(JSON.stringify(usableTokens(body) ?? {}), { status: 200, headers: json });
  const challenge = headers['www-authenticate'];
  const init = {
    // 1xx and anything out of range cannot be a Response; no token comes with them either.
    status: status >= 300 && status <= 599 ? status : 502,
    headers: { ...json, ...(challenge === undefined ? {} : { 'www-authenticate': challenge }) },
  };
  return new Response(init.status === 304 ? null : text, init);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * What is of use in a token response, in the form of RFC 6749, section 5.1; undefined without an access token. The type is
 * bearer whatever it is called: another one was never asked for. ID tokens are left out: nothing here reads one.
 */
function usableTokens(body: unknown): Readonly<Record<string, unknown>> | undefined {
  const accessToken = wordAt(body, 'access_token');
  if (accessToken === undefined) return undefined;
  const refreshToken = wordAt(body, 'refresh_token');
  const scope = at(body, 'scope');
  const scopes = Array.isArray(scope) ? scope.join(' ') : scope;
  const seconds = Number(textAt(body, 'expires_in') ?? Number.NaN);
  return {
    access_token: accessToken,
    token_type: 'bearer',
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(seconds > 0 && Number.isFinite(seconds) ? { expires_in: seconds } : {}),
    ...(typeof scopes === 'string' && scopes !== '' ? { scope: scopes } : {}),
  };
}

/** A text with something in it that can be kept; some vendors send `null`, `""` or `false` for what they do not give. */
function wordAt(body: unknown, path: string): string | undefined {
  const found = textAt(body, path)?.trim() ?? '';
  return found === '' || found.length > MAX_TOKEN_LENGTH ? undefined : found;
}

const PROBLEM_OF: Readonly<Record<string, TokenProblem>> = {
  invalid_grant: 'dead',
  invalid_client: 'app',
  unauthorized_client: 'app',
  // GitHub's name for it, with 200.
  incorrect_client_credentials: 'app',
  invalid_scope: 'scope',
  temporarily_unavailable: 'unsure',
  server_error: 'unsure',
};

/**
 * Judged by the status first: a throttle, a failure of theirs or a redirect says nothing about a token, whatever stands in it.
 * @returns true where an endpoint has answered this request, so that what it says may be believed.
 */
export function isVerdict(status: number): boolean {
  return isSuccess(status) || (status >= 400 && status < 500 && status !== 408 && status !== 429);
}

function problemOf(auth: OAuth2Auth, tokenResponse: TokenResponse): TokenProblem {
  const { status, body } = tokenResponse;
  if (!isVerdict(status)) return 'unsure';
  if (auth.refresh.refused?.(tokenResponse) === true) return 'dead';
  const error = wordAt(body, 'error');
  if (error === undefined) return withoutWords(tokenResponse);
  const known = Object.hasOwn(PROBLEM_OF, error) ? PROBLEM_OF[error] : undefined;
  // RFC 6749, section 5.2: a token is called dead with 400 or 401. Said with another status it is no more than a No.
  return known === undefined || (known === 'dead' && status !== 400 && status !== 401) ? 'refused' : known;
}

/** No token, and no error as OAuth names one: vendors have fields of their own for that, and gateways have pages. */
function withoutWords({ status, body }: TokenResponse): TokenProblem {
  if (!isSuccess(status)) return 'rejected';
  return typeof body === 'object' && body !== null && Object.keys(body).length > 0 ? 'refused' : 'unsure';
}
