/** Signing in at each vendor: by consent, or by what the person knows. */
import { describe, expect, it } from '@jest/globals';
import { isFormAuth, type Auth, type OAuth2Auth } from '../../core/provider/auth.ts';
import { connectWithFields } from '../../core/connect/connect.ts';
import type { OutgoingRequest, Transport } from '../../core/egress/egress.ts';
import type { Provider } from '../../core/provider/provider.ts';
import { Secret } from '../../core/vault/secret.ts';
import { loadProvider } from '../../providers/index.ts';
import { APP } from '../fakes/oauth-provider.ts';
import { createWorld } from '../core/oauth/set-up.ts';

import { providerOf, reply } from './contract.ts';

/** A vendor that answers the token endpoint and the test call, and nothing else. */
function signIn(tokenPath: string, token: unknown, account: unknown) {
  const sent: OutgoingRequest[] = [];
  const transport: Transport = async (request) => {
    sent.push(request);
    return reply(request.url.pathname === tokenPath ? token : account);
  };
  return { sent, transport };
}

const oauthOf = (provider: Provider): Auth | undefined => provider.auth.find(({ kind }) => kind === 'oauth2');

async function consent(
  key: string,
  options: { vendor: ReturnType<typeof signIn>; asked?: Record<string, string>; back: Record<string, string> },
) {
  const full = await providerOf(key);
  const auth = oauthOf(full) as OAuth2Auth;
  const provider: Provider = { ...full, auth: [auth] };
  const world = createWorld({ provider, transport: options.vendor.transport, clock: () => 1_000_000 });
  const begun = new URL(await world.beginAt({ asked: options.asked ?? {} }));
  const back = new URL(APP.redirectUri);
  const state = begun.searchParams.get('state') ?? '';
  for (const [name, value] of Object.entries({ ...options.back, state, code: 'the-code' }))
    back.searchParams.set(name, value);
  return { world, begun, finished: await world.finish(back) };
}

describe('signing in', () => {
  const tokens = { access_token: 'a', refresh_token: 'r', expires_in: 86_400 };

  it('to kommo: at the account host, by JSON, with tokens for one use', async () => {
    const vendor = signIn('/oauth2/access_token', { ...tokens, token_type: 'Bearer' }, { name: 'Acme' });
    const { world, begun, finished } = await consent('kommo', { vendor, back: { referer: 'acme.kommo.com' } });
    expect(begun.origin + begun.pathname).toBe('https://www.kommo.com/oauth');
    expect([...begun.searchParams.keys()].toSorted()).toEqual(['client_id', 'mode', 'response_type', 'state']);
    expect(finished).toMatchObject({
      ok: true,
      value: { connection: { accountName: 'Acme', facts: { host: 'acme.kommo.com' } } },
    });
    const [request] = vendor.sent;
    expect([request?.method, request?.url.href]).toEqual(['POST', 'https://acme.kommo.com/oauth2/access_token']);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      client_id: APP.clientId,
      client_secret: APP.secret,
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: APP.redirectUri,
    });
    expect(vendor.sent[1]?.url.href).toBe('https://acme.kommo.com/api/v4/account');
    expect((await world.stored())?.credential).toMatchObject({ refresh_token: 'r' });
  });

  it('to kommo: a host that is not an account of kommo gets nothing', async () => {
    for (const referer of ['evil.example.net', 'acme.kommo.com.evil.net', 'acme.kommo.com/x', 'a.b.kommo.com', '']) {
      const vendor = signIn('/oauth2/access_token', tokens, {});
      const { finished } = await consent('kommo', { vendor, back: { referer } });
      expect([referer, finished.ok, vendor.sent]).toEqual([referer, false, []]);
    }
  });

  it('to google_sheets: offline, with PKCE, and with every permission it needs', async () => {
    const scope = 'https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive.file';
    const vendor = signIn('/token', { ...tokens, token_type: 'Bearer', scope }, { user: { emailAddress: 'a@b.co' } });
    const { begun, finished } = await consent('google_sheets', {
      vendor,
      back: { iss: 'https://accounts.google.com' },
    });
    expect(Object.fromEntries(begun.searchParams)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      include_granted_scopes: 'true',
      code_challenge_method: 'S256',
      scope,
    });
    expect(finished).toMatchObject({ ok: true, value: { connection: { accountName: 'a@b.co' } } });
    expect(vendor.sent[0]?.body).toContain('code_verifier=');
    const partly = signIn('/token', { ...tokens, token_type: 'Bearer', scope: scope.split(' ')[0] }, {});
    const refused = await consent('google_sheets', { vendor: partly, back: {} });
    expect(refused.finished).toMatchObject({ ok: false, fault: { problem: 'missing_scope' } });
  });

  const portal = { member_id: 'm', user_id: 6, client_endpoint: 'https://acme.bitrix24.com/rest/' };

  it('to bitrix24: on the portal, by GET, with the token as a parameter', async () => {
    const vendor = signIn('/oauth/token/', { ...tokens, ...portal }, { result: { NAME: 'Ann' } });
    const asked = { portal: 'acme.bitrix24.com' };
    const { begun, finished } = await consent('bitrix24', { vendor, asked, back: { domain: 'acme.bitrix24.com' } });
    expect(begun.origin + begun.pathname).toBe('https://acme.bitrix24.com/oauth/authorize/');
    expect(begun.searchParams.has('redirect_uri')).toBe(false);
    expect(finished).toMatchObject({
      ok: true,
      value: { connection: { accountName: 'Ann', facts: { portal: 'acme.bitrix24.com', member_id: 'm' } } },
    });
    const [request, test] = vendor.sent;
    expect([request?.method, request?.url.host, request?.body]).toEqual(['GET', 'oauth.bitrix24.tech', undefined]);
    expect([...(request?.url.searchParams.keys() ?? [])].toSorted()).toEqual([
      'client_id',
      'client_secret',
      'code',
      'grant_type',
    ]);
    expect([test?.url.href, test?.body]).toEqual(['https://acme.bitrix24.com/rest/user.current', '{"auth":"a"}']);
  });

  it('to bitrix24: an address elsewhere, in the form, the callback or the answer, gets no token', async () => {
    const asked = { portal: 'acme.bitrix24.com' };
    for (const client_endpoint of [
      'https://evil.net/rest/',
      'https://acme.bitrix24.com.evil.net/rest/',
      'http://acme.bitrix24.com/rest/',
    ]) {
      const vendor = signIn('/oauth/token/', { ...tokens, ...portal, client_endpoint }, {});
      const { finished } = await consent('bitrix24', { vendor, asked, back: { domain: 'acme.bitrix24.com' } });
      expect([client_endpoint, finished.ok, vendor.sent.length]).toEqual([client_endpoint, false, 1]);
    }
    const vendor = signIn('/oauth/token/', tokens, {});
    expect(await consent('bitrix24', { vendor, asked, back: { domain: 'evil.net' } })).toMatchObject({
      finished: { ok: false },
    });
    await expect(consent('bitrix24', { vendor, asked: { portal: 'evil.net' }, back: {} })).rejects.toThrow();
    expect(vendor.sent).toEqual([]);
  });

  it.each([
    ['iiko', { api_key: 'k' }, '/api/1/access_token', { token: 't' }, { organizations: [{ name: 'Cafe' }] }, 'Cafe', 2],
    [
      'altegio',
      { partner_token: 'p', user_token: 'u', company_id: '12' },
      '-',
      {},
      { data: { title: 'Salon' } },
      'Salon',
      1,
    ],
    ['kommo', { subdomain: 'acme', access_token: 't' }, '-', {}, { name: 'Acme' }, 'Acme', 1],
  ])('to %s with what the person knows', async (key, fields, tokenPath, token, answer, account, requests) => {
    const provider = await providerOf(key);
    const vendor = signIn(tokenPath, token, answer);
    const world = createWorld({
      provider: { ...provider, auth: [...provider.auth, ...(await loadProvider('kommo')).auth] },
      transport: vendor.transport,
      clock: () => 0,
    });
    const auth = provider.auth.find(isFormAuth);
    if (auth === undefined) throw new Error('no fields');
    const tenant = world.principal.tenant;
    const signal = AbortSignal.timeout(5_000);
    const connected = await connectWithFields(world.deps, {
      tenant,
      provider,
      auth,
      fields: new Secret(fields),
      name: 'default',
      signal,
    });
    expect(connected).toMatchObject({ ok: true, value: { accountName: account } });
    expect(vendor.sent).toHaveLength(requests);
  });
});
