/**
 * A real authorization server on loopback (oidc-provider): PKCE required, refresh tokens rotate, reuse of one revokes
 * the whole family, `iss` in callbacks. Its userinfo endpoint is the API. To us it is https://as.example.com.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import OidcProvider from 'oidc-provider';
import * as z from 'zod';
import type { OAuth2Auth } from '../../core/provider/auth.ts';
import { TransportError, type OutgoingRequest, type Transport } from '../../core/egress/egress.ts';
import { textAt, type JsonObject } from '../../core/json.ts';
import { defineProvider } from '../../core/provider/provider.ts';
import { get } from '../../core/provider/request.ts';
import { defineTool } from '../../core/provider/tool.ts';
import { APP } from './oauth-provider.ts';

const ISSUER = 'https://as.example.com';

export async function startOidc() {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...keys.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'k' };
  const server = new OidcProvider(ISSUER, {
    clients: [
      {
        client_id: APP.clientId,
        client_secret: APP.secret,
        redirect_uris: [APP.redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    features: { devInteractions: { enabled: false }, revocation: { enabled: true, allowedPolicy: async () => true } },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 600,
      Interaction: 600,
      IdToken: 600,
    },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  });
  server.proxy = true;
  let choice: { readonly account: string; readonly deny: boolean } = { account: 'Ann', deny: false };
  server.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    const { prompt, params, session } = await server.interactionDetails(context.req, context.res);
    const decide = async (): Promise<object> => {
      if (choice.deny) return { error: 'access_denied' };
      if (prompt.name === 'login') return { login: { accountId: choice.account } };
      const grant = new server.Grant({ accountId: session?.accountId ?? '', clientId: params.client_id });
      grant.addOIDCScope('openid');
      return { consent: { grantId: await grant.save() } };
    };
    const to = await server.interactionResult(context.req, context.res, await decide(), {
      mergeWithLastSubmission: true,
    });
    context.redirect(to);
  });
  const http = createServer(server.callback());
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const counts = { token: 0 };
  const sent: OutgoingRequest[] = [];

  const ask = (url: URL, method: string, headers: Readonly<Record<string, string>>, body?: string) =>
    new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const through = { ...headers, host: url.host, 'x-forwarded-proto': 'https' };
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port,
          path: url.pathname + url.search,
          method,
          headers: { ...through, ...length },
          agent: false,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  const transport: Transport = async (request) => {
    sent.push(request);
    if (request.url.pathname === '/token') counts.token += 1;
    if (request.url.origin !== ISSUER) throw new TransportError('unreachable', false);
    const { status, headers, text } = await ask(request.url, request.method, request.headers, request.body);
    return {
      status,
      text,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    };
  };

  /** A browser: follows redirects with its cookies until it is sent back to us. */
  async function consent(address: string, wish: { account?: string; deny?: boolean } = {}): Promise<URL> {
    choice = { account: wish.account ?? 'Ann', deny: wish.deny ?? false };
    const cookies = new Map<string, string>();
    let url = new URL(address);
    for (let step = 0; step < 10; step += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const { status, headers, text } = await ask(url, 'GET', cookie === '' ? {} : { cookie });
      for (const line of headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      if (headers.location === undefined)
        throw new Error(`the server stopped at ${url.pathname}: ${status} ${text.slice(0, 300)}`);
      url = new URL(headers.location, url);
      if (url.href.startsWith(APP.redirectUri)) return url;
    }
    throw new Error('too many redirects');
  }

  return {
    provider,
    transport,
    consent,
    counts,
    sent,
    /** An access token stops working; its refresh token lives on. */
    endAccess: async (token: string) => {
      const found = await server.AccessToken.find(token);
      await found?.destroy();
    },
    isLive: async (token: string) => {
      const found = await server.RefreshToken.find(token);
      return found !== undefined && found.consumed === undefined;
    },
    stop: async () => {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

const auth: OAuth2Auth = {
  kind: 'oauth2',
  id: 'oauth',
  label: 'Sign in',
  issuer: ISSUER,
  fields: [],
  derive: () => ({}),
  inject: ({ access_token = '' }) => ({ baseUrl: ISSUER, headers: { authorization: `Bearer ${access_token}` } }),
  authorize: { url: () => `${ISSUER}/auth`, pkce: 'S256', sendRedirectUri: true },
  token: { url: () => `${ISSUER}/token`, encoding: 'form', clientAuth: 'basic', sendRedirectUri: true },
  refresh: { rotation: 'single_use', skewSeconds: 60, when: 'before_expiry', sendRedirectUri: false },
  scopes: { default: ['openid'] },
  revoke: { url: () => `${ISSUER}/token/revocation`, token: 'refresh_token' },
};

const provider = defineProvider({
  key: 'vendor',
  name: 'Vendor',
  docs: 'https://as.example.com/docs',
  hosts: ['as.example.com'],
  auth: [auth],
  errors: [],
  probe: { request: get('/me'), account: (body) => textAt(body, 'sub') },
  categories: {
    me: {
      title: 'Me',
      purpose: 'The account',
      core: true,
      tools: [
        defineTool({
          name: 'who_am_i',
          title: 'Who am I',
          description: 'Reads the account.',
          access: 'read',
          input: z.strictObject({}),
          request: () => get('/me'),
          shape: { kind: 'item', item: (body) => body as JsonObject },
        }),
      ],
    },
  },
});
