/**
 * A vendor with an authorization server and a small API, and with the departures from the standard that real vendors
 * make, each behind a switch. It remembers what it was sent, and tells what a refresh token is still worth.
 */
import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { OAuth2Auth } from '../../core/provider/auth.ts';
import {
  TransportError,
  type TransportResponse,
  type OutgoingRequest,
  type Transport,
} from '../../core/egress/egress.ts';
import { at, textAt, type JsonObject } from '../../core/json.ts';
import { defineProvider, type Provider } from '../../core/provider/provider.ts';
import { post } from '../../core/provider/request.ts';
import { defineTool } from '../../core/provider/tool.ts';

export interface Quirks {
  readonly rotation: OAuth2Auth['refresh']['rotation'];
  readonly when: OAuth2Auth['refresh']['when'];
  readonly pkce: OAuth2Auth['authorize']['pkce'];
  readonly encoding: OAuth2Auth['token']['encoding'];
  readonly clientAuth: OAuth2Auth['token']['clientAuth'];
  /** In the authorize address; without it the one of the app's card is used. */
  readonly authorizeRedirectUri: boolean;
  /** In token requests, code and refresh alike; the server insists on what is set. */
  readonly tokenRedirectUri: boolean;
  /** No `token_type` in answers. */
  readonly untyped: boolean;
  /** The account's host comes with the callback as `referer`, and the token endpoint is there. */
  readonly referer: string | undefined;
  /** The API's address comes with the token answer. */
  readonly clientEndpoint: string | undefined;
  /** The access token goes into the body instead of a header. */
  readonly tokenInBody: boolean;
  /** Sent with the callback. */
  readonly iss: string | undefined;
  /** What the definition knows as issuer. */
  readonly issuer: string | undefined;
  readonly codeTtlMs: number;
  /** Seconds; undefined: the answer does not say. */
  readonly expiresIn: number | undefined;
  readonly skewSeconds: number;
  /** A used refresh token is answered with 401 and a hint instead of `invalid_grant`. */
  readonly hintsAtDeadTokens: boolean;
  readonly scopes: readonly string[];
  /** The person unticks this one. */
  readonly withheldScope: string | undefined;
}

const PLAIN: Quirks = {
  rotation: 'rotating',
  when: 'before_expiry',
  pkce: 'S256',
  encoding: 'form',
  clientAuth: 'body',
  authorizeRedirectUri: true,
  tokenRedirectUri: true,
  untyped: false,
  referer: undefined,
  clientEndpoint: undefined,
  tokenInBody: false,
  iss: undefined,
  issuer: undefined,
  codeTtlMs: 60_000,
  expiresIn: 3_600,
  skewSeconds: 60,
  hintsAtDeadTokens: false,
  scopes: [],
  withheldScope: undefined,
};

export const APP = {
  clientId: 'app-1',
  secret: 'app-secret-&=+%',
  redirectUri: 'https://gate.example.com/oauth/callback',
};

interface Code {
  readonly challenge: string | null;
  readonly redirectUri: string | null;
  readonly ends: number;
  readonly account: string;
  readonly scope: string;
}
interface Refresh {
  readonly account: string;
  live: boolean;
}

/** Troubles to come: each request to the token endpoint uses the first one up. */
export type Trouble = 'drop_before' | 'drop_after' | 'fail_503' | 'slow';

export function startVendor(clock: () => number, given: Partial<Quirks> = {}) {
  const quirks: Quirks = { ...PLAIN, ...given };
  const codes = new Map<string, Code>();
  const accesses = new Map<string, { readonly account: string; readonly ends: number }>();
  const refreshes = new Map<string, Refresh>();
  const sent: OutgoingRequest[] = [];
  const troubles: Trouble[] = [];
  const notes: string[] = [];
  const counts = { token: 0, refreshed: 0, refusedRefreshes: 0, api: 0, revoked: 0 };
  const fresh = (kind: string): string => `${kind}-${randomBytes(12).toString('hex')}`;
  const reply = (status: number, body: unknown): TransportResponse => ({
    status,
    headers: { 'content-type': 'application/json' },
    text: body === undefined ? '' : JSON.stringify(body),
  });

  /** What the person's browser does: consent, or not, and where it ends up. */
  function consent(address: string, choice: { account?: string; deny?: boolean } = {}): URL {
    const asked = new URL(address).searchParams;
    if (asked.get('client_id') !== APP.clientId) throw new Error('the vendor does not know this app');
    const redirectUri = asked.get('redirect_uri');
    if (quirks.authorizeRedirectUri !== (redirectUri !== null)) throw new Error('redirect_uri is not as agreed');
    const back = new URL(redirectUri ?? APP.redirectUri);
    back.searchParams.set('state', asked.get('state') ?? '');
    if (quirks.iss !== undefined) back.searchParams.set('iss', quirks.iss);
    if (choice.deny === true) {
      back.searchParams.set('error', 'access_denied');
      return back;
    }
    const code = fresh('code');
    const scope = (asked.get('scope') ?? '').split(' ').filter((name) => name !== quirks.withheldScope);
    codes.set(code, {
      challenge: asked.get('code_challenge'),
      redirectUri,
      ends: clock() + quirks.codeTtlMs,
      account: choice.account ?? 'Ann',
      scope: scope.join(' '),
    });
    back.searchParams.set('code', code);
    if (quirks.referer !== undefined) back.searchParams.set('referer', quirks.referer);
    return back;
  }

  function issue(account: string, scope: string | undefined, old?: string): TransportResponse {
    const access = fresh('access');
    accesses.set(access, { account, ends: clock() + (quirks.expiresIn ?? 86_400) * 1000 });
    const isNew = old === undefined || quirks.rotation !== 'none';
    const refresh = isNew ? fresh('refresh') : undefined;
    if (refresh !== undefined) refreshes.set(refresh, { account, live: true });
    return reply(200, {
      access_token: access,
      ...(refresh === undefined ? {} : { refresh_token: refresh }),
      ...(quirks.untyped ? {} : { token_type: 'Bearer' }),
      ...(quirks.expiresIn === undefined ? {} : { expires_in: quirks.expiresIn }),
      ...(quirks.scopes.length === 0 || scope === undefined ? {} : { scope }),
      ...(quirks.clientEndpoint === undefined ? {} : { client_endpoint: quirks.clientEndpoint }),
      // Not asked for and not validated by us; some vendors send one whenever the person has ever agreed to it.
      id_token: 'not.a.token',
    });
  }

  function tokenParameters({ method, url, body, headers }: OutgoingRequest): URLSearchParams {
    const type = headers['content-type'] ?? '';
    if (quirks.encoding === 'query')
      return method === 'GET' && body === undefined ? url.searchParams : new URLSearchParams();
    if (method !== 'POST') return new URLSearchParams();
    if (quirks.encoding === 'json')
      return new URLSearchParams(
        type === 'application/json' ? (JSON.parse(body ?? '{}') as Record<string, string>) : {},
      );
    return new URLSearchParams(type.startsWith('application/x-www-form-urlencoded') ? body : '');
  }

  function isApp(parameters: URLSearchParams, headers: OutgoingRequest['headers']): boolean {
    if (quirks.clientAuth === 'none')
      return parameters.get('client_id') === APP.clientId && !parameters.has('client_secret');
    if (quirks.clientAuth === 'body')
      return parameters.get('client_id') === APP.clientId && parameters.get('client_secret') === APP.secret;
    const pair = Buffer.from((headers['authorization'] ?? '').replace(/^Basic /, ''), 'base64').toString();
    // RFC 6749, section 2.3.1: both parts are form-encoded before they are joined.
    const [id, secret] = pair.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    return id === APP.clientId && secret === APP.secret;
  }

  function token(request: OutgoingRequest): TransportResponse {
    const parameters = tokenParameters(request);
    if (!isApp(parameters, request.headers)) return reply(401, { error: 'invalid_client' });
    if (quirks.tokenRedirectUri !== (parameters.get('redirect_uri') === APP.redirectUri))
      return reply(400, { error: 'invalid_request', error_description: 'redirect_uri is not as agreed' });
    return parameters.get('grant_type') === 'refresh_token' ? refreshGrant(parameters) : codeGrant(parameters);
  }

  function codeGrant(parameters: URLSearchParams): TransportResponse {
    const code = parameters.get('code') ?? '';
    const found = codes.get(code);
    codes.delete(code);
    if (found === undefined || found.ends <= clock()) return reply(400, { error: 'invalid_grant' });
    const proof = createHash('sha256')
      .update(parameters.get('code_verifier') ?? '')
      .digest('base64url');
    if (quirks.pkce === 'S256' && found.challenge !== proof) return reply(400, { error: 'invalid_grant' });
    return issue(found.account, found.scope);
  }

  function refreshGrant(parameters: URLSearchParams): TransportResponse {
    const old = parameters.get('refresh_token') ?? '';
    const found = refreshes.get(old);
    if (found?.live !== true) {
      counts.refusedRefreshes += 1;
      return quirks.hintsAtDeadTokens
        ? reply(401, { title: 'Unauthorized', hint: 'Token has been revoked', status: 401 })
        : reply(400, { error: 'invalid_grant' });
    }
    if (quirks.rotation !== 'none') found.live = false;
    counts.refreshed += 1;
    return issue(found.account, undefined, old);
  }

  function api(request: OutgoingRequest): TransportResponse {
    counts.api += 1;
    const body = (request.body === undefined ? {} : JSON.parse(request.body)) as JsonObject;
    const presented = quirks.tokenInBody
      ? textAt(body, 'auth')
      : request.headers['authorization']?.replace('Bearer ', '');
    const found = accesses.get(presented ?? '');
    if (found === undefined || found.ends <= clock()) return reply(401, { error: 'expired_token' });
    if (request.url.pathname.endsWith('/notes')) notes.push(textAt(body, 'text') ?? '');
    return reply(200, { name: found.account });
  }

  const transport: Transport = async (request) => {
    sent.push(request);
    const { pathname, hostname } = request.url;
    if (pathname.endsWith('/revoke')) {
      counts.revoked += 1;
      const dead = new URLSearchParams(request.body).get('token') ?? '';
      refreshes.delete(dead);
      accesses.delete(dead);
      return { status: 200, headers: {}, text: '' };
    }
    if (!pathname.endsWith('/token')) return api(request);
    if (hostname !== (quirks.referer ?? 'auth.vendor.example')) return reply(404, { error: 'no such account' });
    counts.token += 1;
    const trouble = troubles.shift();
    if (trouble === 'drop_before') throw new TransportError('unreachable', true);
    if (trouble === 'fail_503') return reply(503, 'busy');
    if (trouble === 'slow') await new Promise((resolve) => setTimeout(resolve, 150));
    const answer = token(request);
    if (trouble === 'drop_after') throw new TransportError('unreachable', true);
    return answer;
  };

  return {
    quirks,
    transport,
    consent,
    sent,
    troubles,
    notes,
    counts,
    provider: definition(quirks),
    /** Access tokens stop working; refresh tokens live on. */
    endAccess: () => accesses.clear(),
    /** The account is cut off. */
    endAll: () => (accesses.clear(), refreshes.clear()),
    isLive: (refreshToken: string | undefined) => refreshes.get(refreshToken ?? '')?.live === true,
  };
}

export type Vendor = ReturnType<typeof startVendor>;

const item = (body: unknown): JsonObject | undefined => body as JsonObject;
const whoAmI = defineTool({
  name: 'who_am_i',
  title: 'Who am I',
  description: 'Reads the account.',
  access: 'read',
  input: z.strictObject({}),
  request: () => post('/me'),
  shape: { kind: 'item', item },
});
const addNote = defineTool({
  name: 'add_note',
  title: 'Add a note',
  description: 'Writes a note.',
  access: 'write',
  input: z.strictObject({ text: z.string() }),
  request: ({ text }) => post('/notes', { text }),
  shape: { kind: 'item', item },
});

/** The definition that fits a vendor with these quirks. */
function definition(quirks: Quirks): Provider {
  const auth: OAuth2Auth = {
    kind: 'oauth2',
    id: 'oauth',
    label: 'Sign in',
    fields: [],
    derive: () => ({}),
    inject: ({ access_token = '' }, { host = 'auth.vendor.example', endpoint = `https://${host}/api` }) =>
      quirks.tokenInBody
        ? { baseUrl: endpoint, body: { auth: access_token } }
        : { baseUrl: endpoint, headers: { authorization: `Bearer ${access_token}` } },
    ...(quirks.issuer === undefined ? {} : { issuer: quirks.issuer }),
    authorize: {
      url: () => 'https://auth.vendor.example/authorize',
      pkce: quirks.pkce,
      sendRedirectUri: quirks.authorizeRedirectUri,
    },
    token: {
      url: ({ host = 'auth.vendor.example' }) => `https://${host}/token`,
      encoding: quirks.encoding,
      clientAuth: quirks.clientAuth,
      sendRedirectUri: quirks.tokenRedirectUri,
    },
    refresh: {
      rotation: quirks.rotation,
      skewSeconds: quirks.skewSeconds,
      when: quirks.when,
      sendRedirectUri: quirks.tokenRedirectUri,
      refused: ({ status, body }) => status === 401 && /revoked/i.test(textAt(body, 'hint') ?? ''),
    },
    capture: {
      callback: ({ referer }) =>
        quirks.referer === undefined ? {} : referer === undefined ? undefined : { host: referer },
      token: (body) => {
        if (quirks.clientEndpoint === undefined) return {};
        const endpoint = textAt(body, 'client_endpoint');
        return endpoint === undefined ? undefined : { endpoint };
      },
    },
    scopes: { default: quirks.scopes, optional: [{ scope: 'extra', label: 'Something more' }] },
    revoke: { url: () => 'https://auth.vendor.example/revoke', token: 'refresh_token' },
  };
  return defineProvider({
    key: 'vendor',
    name: 'Vendor',
    docs: 'https://vendor.example/docs',
    hosts: ['*.vendor.example'],
    auth: [auth],
    errors: [{ when: ({ body }) => at(body, 'error') === 'expired_token', is: 'auth_expired' }],
    probe: { request: post('/me'), account: (body) => textAt(body, 'name') },
    categories: { me: { title: 'Me', purpose: 'The account', core: true, tools: [whoAmI, addNote] } },
  });
}
