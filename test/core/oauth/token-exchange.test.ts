/** A key that is exchanged for a short-lived token: the same renewal, without any OAuth. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { connectHint } from '../../../core/catalog/connect-hint.ts';
import { connectWithFields } from '../../../core/connect/connect.ts';
import type { TokenExchangeAuth } from '../../../core/provider/auth.ts';
import type { OutgoingRequest, Transport } from '../../../core/egress/egress.ts';
import { textAt } from '../../../core/json.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { startVendor } from '../../fakes/oauth-provider.ts';
import { createWorld } from './set-up.ts';

let now = 0;
beforeEach(() => {
  now = Date.parse('2026-11-22T10:00:00Z');
});
const clock = (): number => now;

const auth: TokenExchangeAuth = {
  kind: 'token_exchange',
  id: 'key',
  label: 'Key',
  fields: [{ key: 'api_key', label: 'Key', secret: true }],
  derive: () => ({}),
  inject: ({ access_token = '' }) => ({
    baseUrl: 'https://auth.vendor.example/api',
    headers: { authorization: access_token },
  }),
  exchange: {
    url: () => 'https://auth.vendor.example/exchange',
    body: ({ api_key = '' }) => ({ login: api_key }),
    token: (body) => {
      const token = textAt(body, 'token');
      return token === undefined ? undefined : { token, expiresIn: 3_600 };
    },
    refused: ({ status }) => status === 401,
  },
  skewSeconds: 60,
};

function start() {
  const base = startVendor(clock).provider;
  const provider: Provider = { ...base, auth: [auth, ...base.auth] };
  const sent: OutgoingRequest[] = [];
  let key = 'right';
  let issued = 0;
  let isGood = (token: string | undefined): boolean => token === `t${issued}`;
  const transport: Transport = async (request) => {
    sent.push(request);
    const reply = (status: number, body: unknown) => ({ status, headers: {}, text: JSON.stringify(body) });
    if (request.url.pathname === '/exchange') {
      if (textAt(JSON.parse(request.body ?? ''), 'login') !== key) return reply(401, {});
      issued += 1;
      return reply(200, { token: `t${issued}` });
    }
    return isGood(request.headers['authorization'])
      ? reply(200, { name: 'Cafe' })
      : reply(401, { error: 'expired_token' });
  };
  const world = createWorld({ provider, transport, clock });
  const connect = (api_key: string) =>
    connectWithFields(world.deps, {
      tenant: world.principal.tenant,
      provider,
      auth,
      fields: new Secret({ api_key }),
      name: 'default',
      signal: AbortSignal.timeout(5_000),
    });
  return {
    world,
    provider,
    sent,
    connect,
    issued: () => issued,
    revoke: () => void (key = 'other'),
    endToken: () => void (isGood = (token) => issued > 1 && token === `t${issued}`),
  };
}

describe('a key that is exchanged for a token', () => {
  it('connects at once, keeps its token for later calls, and renews it when it is due', async () => {
    const { world, connect, issued } = start();
    expect(await connect('right')).toMatchObject({ ok: true, value: { accountName: 'Cafe', auth: 'key' } });
    await world.call();
    expect(issued()).toBe(1);
    now += 3_550_000;
    expect(await world.call()).toMatchObject({ ok: true });
    await world.call();
    expect(issued()).toBe(2);
    expect((await world.stored())?.credential).toMatchObject({ api_key: 'right', access_token: 't2' });
  });

  it('is exchanged again when the provider refuses the token before its time', async () => {
    const { world, connect, endToken, issued } = start();
    await connect('right');
    endToken();
    expect(await world.call()).toMatchObject({ ok: true });
    expect(issued()).toBe(2);
  });

  it('that is wrong is not stored, and is not called a lost connection', async () => {
    const { world, connect } = start();
    expect(await connect('wrong')).toMatchObject({ ok: false, fault: { code: 'invalid_input' } });
    expect(await world.stored()).toBeUndefined();
  });

  it('that was revoked needs reconnecting', async () => {
    const { world, connect, revoke } = start();
    await connect('right');
    revoke();
    now += 3_700_000;
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'reconnect_required' } });
    expect((await world.stored())?.row.status).toBe('needs_reconnecting');
  });

  it('is hinted at with a link first, then its fields; OAuth, or refused credentials, with a link alone', () => {
    const { world, provider } = start();
    const [entry] = world.deps.catalog.providers;
    if (entry === undefined) throw new Error('the catalogue is empty');
    const policy = world.principal.policy;
    const link = 'connect_provider(provider_key: "vendor")';
    const hint = connectHint(entry, policy);
    expect(hint.startsWith(`${link} for a link; or, `)).toBe(true);
    expect(hint.endsWith('connect_provider(provider_key: "vendor", api_key: "<Key>")')).toBe(true);
    expect(connectHint(entry, { inline_credentials: 'refuse' })).toBe(link);
    const oauthFirst = { ...entry, auth: entry.auth.slice(1) };
    expect(connectHint(oauthFirst, policy)).toBe(link);
    expect(provider.auth).toHaveLength(2);
  });
});
