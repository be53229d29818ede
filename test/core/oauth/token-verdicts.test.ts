/** What the answer of a token endpoint is worth: its status first, then what it holds, then what it says. */
import { describe, expect, it } from '@jest/globals';
import type { Transport, TransportResponse } from '../../../core/egress/egress.ts';
import { requestToken } from '../../../core/oauth/token-endpoint.ts';
import { exchangeToken } from '../../../core/oauth/token-exchange.ts';
import type { OAuth2Auth, TokenExchangeAuth } from '../../../core/provider/auth.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { startVendor } from '../../fakes/oauth-provider.ts';
import { setUpConnected } from './set-up.ts';

const HOUR = 3_600_000;
const { provider } = startVendor(Date.now);
const [auth] = provider.auth as readonly [OAuth2Auth];
type Reply = Partial<TransportResponse> & { readonly body?: unknown };

const responding =
  ({ body, ...answer }: Reply): Transport =>
  async () => ({ status: 200, headers: {}, text: body === undefined ? '' : JSON.stringify(body), ...answer });

const refresh = (answer: Reply, more: Partial<OAuth2Auth['refresh']> = {}) =>
  requestToken(
    responding(answer),
    {
      provider,
      auth: { ...auth, refresh: { ...auth.refresh, ...more } },
      facts: {},
      clientId: 'app-1',
      secret: new Secret('s'),
      grant: { kind: 'refresh', refreshToken: 'r', redirectUri: '' },
    },
    AbortSignal.timeout(1_000),
  );

describe('an answer that holds a usable access token', () => {
  it.each<[string, Reply, object]>([
    ['with 201', { status: 201, body: { access_token: 'a', token_type: 'Bearer', expires_in: 60 } }, { expiresIn: 60 }],
    ['with 206', { status: 206, body: { access_token: 'a', token_type: 'bearer' } }, {}],
    ['without a type', { body: { access_token: 'a' } }, {}],
    ['of a type of its own', { body: { access_token: 'a', token_type: 'BearerToken' } }, {}],
    ['with a time as text', { body: { access_token: 'a', expires_in: '3600' } }, { expiresIn: 3_600 }],
    ['with a time that is none', { body: { access_token: 'a', expires_in: 'never' } }, { expiresIn: undefined }],
    ['with times below nothing', { body: { access_token: 'a', expires_in: -1 } }, { expiresIn: undefined }],
    ['with null for the rest', { body: { access_token: 'a', refresh_token: null, expires_in: null, scope: null } }, {}],
    ['with an empty refresh token', { body: { access_token: 'a', refresh_token: '' } }, { refreshToken: undefined }],
    ['with scopes in a list', { body: { access_token: 'a', scope: ['x', 'y'] } }, { scopes: ['x', 'y'] }],
    ['with an empty error', { body: { access_token: 'a', error: '' } }, {}],
    ['with a byte order mark', { text: '\uFEFF{"access_token":"a","refresh_token":"b"}' }, { refreshToken: 'b' }],
    ['with an ID token that is none', { body: { access_token: 'a', id_token: 7 } }, {}],
    [
      'written as a form',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        text: 'access_token=a&scope=x%2Cy&token_type=bearer',
      },
      { scopes: ['x', 'y'] },
    ],
    ['written as a form that says it is text', { text: 'token_type=bearer&access_token=a' }, {}],
    [
      'beside a challenge',
      { headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, body: { access_token: 'a' } },
      {},
    ],
  ])('is a success: %s', async (_how, answer, holds) => {
    expect(await refresh(answer)).toMatchObject({ ok: true, value: { accessToken: 'a', ...holds } });
  });
});

describe('an answer without a token', () => {
  const dead = { body: { error: 'invalid_grant' } };

  it.each([400, 401])('calls a refresh token dead with %i', async (status) => {
    expect(await refresh({ ...dead, status })).toEqual({ ok: false, fault: 'dead' });
  });

  it.each([301, 408, 429, 500, 502, 503, 504, 599])('says nothing about a token with %i', async (status) => {
    for (const error of ['invalid_grant', 'invalid_client', 'access_denied'])
      expect(await refresh({ body: { error }, status })).toEqual({ ok: false, fault: 'unsure' });
    expect(await refresh({ ...dead, status }, { refused: () => true })).toEqual({ ok: false, fault: 'unsure' });
  });

  it.each<[number, unknown, string]>([
    [200, { error: 'bad_verification_code', error_description: 'expired' }, 'refused'],
    [200, { error: 'bad_refresh_token' }, 'refused'],
    [200, { error: 'invalid_grant' }, 'refused'],
    [200, { error: 'incorrect_client_credentials' }, 'app'],
    [200, { ok: false, errcode: 40_029 }, 'refused'],
    [200, { access_token: '' }, 'refused'],
    [200, { access_token: 'a'.repeat(450_000) }, 'refused'],
    [403, { error: 'invalid_grant' }, 'refused'],
    [400, { error: 'invalid_request' }, 'refused'],
    [401, { error: 'invalid_client' }, 'app'],
    [400, { error: 'invalid_scope' }, 'scope'],
    [400, { error: 'temporarily_unavailable' }, 'unsure'],
    [403, '<html>', 'rejected'],
    [404, {}, 'rejected'],
    [200, '<html>', 'unsure'],
    [204, undefined, 'unsure'],
  ])('is judged by its status, then by its words: %i', async (status, body, problem) => {
    expect(await refresh({ status, body })).toEqual({ ok: false, fault: problem });
  });
});

describe('an account whose token endpoint', () => {
  async function later(answer: Reply, ahead: number) {
    const { time, vendor, world, environment } = await setUpConnected({ expiresIn: 3_600 });
    time.ahead = ahead;
    const transport: Transport = (request, signal) =>
      request.url.pathname.endsWith('/token') ? responding(answer)(request, signal) : vendor.transport(request, signal);
    const result = await environment({ transport }).call();
    const after = (await world.stored())?.row.status;
    return { result, after, afterwards: await world.call() };
  }

  it.each([429, 500, 503])('says invalid_grant with %i stays connected, and works again afterwards', async (status) => {
    const { result, after, afterwards } = await later({ status, body: { error: 'invalid_grant' } }, 2 * HOUR);
    expect(result).toMatchObject({ ok: false, fault: { code: 'provider_down' } });
    expect([after, afterwards.ok]).toEqual(['active', true]);
  });

  it('says so while the access token is good is not even noticed', async () => {
    const { result, after } = await later({ status: 500, body: { error: 'invalid_grant' } }, HOUR - 30_000);
    expect([result.ok, after]).toEqual([true, 'active']);
  });

  it('refuses with 200 is reported as refusing, with the way to connect again, and nothing is lost', async () => {
    const { result, after, afterwards } = await later({ body: { error: 'bad_refresh_token' } }, 2 * HOUR);
    expect(result).toMatchObject({
      ok: false,
      fault: { code: 'reconnect_required', message: 'Vendor refused to renew the sign-in.' },
    });
    expect([after, afterwards.ok]).toEqual(['active', true]);
  });

  it('sends a fact that could not be stored ends the consent in words', async () => {
    const { vendor, environment } = await setUpConnected({ clientEndpoint: 'https://acme.vendor.example/rest/' });
    const body = { access_token: 'a', client_endpoint: `https://acme.vendor.example/${'x'.repeat(450_000)}` };
    const transport: Transport = (request, signal) =>
      request.url.pathname.endsWith('/token')
        ? responding({ body })(request, signal)
        : vendor.transport(request, signal);
    const world = environment({ transport });
    expect(await world.finish(vendor.consent(await world.beginAt()))).toMatchObject({
      fault: { problem: 'bad_callback' },
    });
  });

  it('refuses a code with 200 ends the consent as refused', async () => {
    const { vendor, environment } = await setUpConnected({});
    const transport: Transport = (request, signal) =>
      request.url.pathname.endsWith('/token')
        ? responding({ body: { error: 'bad_verification_code' } })(request, signal)
        : vendor.transport(request, signal);
    const world = environment({ transport });
    const finished = await world.finish(vendor.consent(await world.beginAt()));
    expect(finished).toMatchObject({ ok: false, fault: { problem: 'provider_refused' } });
  });
});

describe('fields that are exchanged for a token', () => {
  const exchange: TokenExchangeAuth = {
    kind: 'token_exchange',
    id: 'key',
    label: 'Key',
    fields: [],
    derive: () => ({}),
    inject: () => ({ baseUrl: 'https://auth.vendor.example' }),
    exchange: {
      url: () => 'https://auth.vendor.example/exchange',
      body: () => ({}),
      token: (body) => ({ token: String(Object(body).token ?? '') }),
      refused: ({ body }) => Object(body).error === 'wrong key',
    },
    skewSeconds: 60,
  };
  const exchanged = (answer: Reply) =>
    exchangeToken(
      { transport: responding(answer), clock: Date.now },
      { provider, auth: exchange, facts: {}, credential: new Secret({}), signal: AbortSignal.timeout(1_000) },
    );

  it('are refused by an answer, not by a throttle or a failure that says the same', async () => {
    for (const [status, code] of [
      [200, 'reconnect_required'],
      [401, 'reconnect_required'],
      [429, 'provider_down'],
      [500, 'provider_down'],
      [503, 'provider_down'],
    ] as const)
      expect([status, await exchanged({ status, body: { error: 'wrong key' } })]).toMatchObject([
        status,
        { fault: { code } },
      ]);
  });

  it('give a token with any success, and none that is empty', async () => {
    expect(await exchanged({ status: 201, text: '\uFEFF{"token":"t"}' })).toMatchObject({ ok: true });
    for (const token of ['', 't'.repeat(450_000)])
      expect(await exchanged({ body: { token } })).toMatchObject({ fault: { code: 'provider_down' } });
  });
});
