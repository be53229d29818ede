/** One suite on two servers: a fake whose workings are known, and a real authorization server. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { revokeAtProvider } from '../../../core/oauth/revoke.ts';
import { requestToken } from '../../../core/oauth/token-endpoint.ts';
import { Secret } from '../../../core/vault/secret.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import type { OutgoingRequest, Transport } from '../../../core/egress/egress.ts';
import { startOidc } from '../../fakes/oauth-oidc.ts';
import { APP, startVendor } from '../../fakes/oauth-provider.ts';
import { createWorld, type World } from '../oauth/set-up.ts';

interface Server {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly sent: OutgoingRequest[];
  readonly counts: { readonly token: number };
  readonly consent: (address: string, wish?: { account?: string; deny?: boolean }) => URL | Promise<URL>;
  readonly endAccess: (token: string) => void | Promise<void>;
  readonly isLive: (token: string) => boolean | Promise<boolean>;
  readonly stop?: () => Promise<void>;
}

let ahead = 0;
const clock = (): number => Date.now() + ahead;

const servers: readonly (readonly [string, () => Promise<Server>])[] = [
  [
    'the fake',
    async () =>
      startVendor(clock, {
        rotation: 'single_use',
        issuer: 'https://auth.vendor.example',
        iss: 'https://auth.vendor.example',
      }),
  ],
  ['oidc-provider', startOidc],
];

describe.each(servers)('a consent at %s', (_name, start) => {
  let server: Server;
  let world: World;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop?.());
  beforeEach(() => {
    ahead = 0;
    world = createWorld({ provider: server.provider, transport: server.transport, clock });
  });

  const connect = async () => {
    const finished = await world.finish(await server.consent(await world.beginAt()));
    if (!finished.ok) throw new Error(finished.fault.problem);
    return finished.value.connection;
  };
  const tokenRequests = async (work: () => Promise<unknown>) => {
    const before = server.counts.token;
    await work();
    return server.counts.token - before;
  };

  it('connects the account that gave it, and its tools work at once', async () => {
    expect(await connect()).toMatchObject({
      provider: 'vendor',
      name: 'default',
      accountName: 'Ann',
      status: 'active',
    });
    expect(await world.call()).toMatchObject({ ok: true, value: { account: 'Ann', connection: 'default' } });
  });

  it('stores neither state, nor browser secret, nor verifier where they could be read', async () => {
    const address = await world.beginAt();
    const state = new URL(address).searchParams.get('state') ?? '';
    const stored = JSON.stringify([...world.grants.rows]);
    for (const secret of [state, ...world.jar.values()]) expect(stored).not.toContain(secret);
    expect(new URL(address).searchParams.get('code_challenge_method')).toBe('S256');
    await server.consent(address);
  });

  it('leaves no token, secret or code in logs, faults or what is shown', async () => {
    const shown = await connect();
    await world.call();
    const credential = (await world.stored())?.credential ?? {};
    const text = JSON.stringify([world.lines, { ...shown, envelope: undefined }, String(new Secret(credential))]);
    for (const secret of [credential['access_token'], credential['refresh_token'], APP.secret])
      expect(text).not.toContain(secret);
  });

  it('renews an ending token once, and stores the pair before using it', async () => {
    await connect();
    const before = await world.stored();
    ahead = 3_599_000;
    expect(await tokenRequests(() => world.call())).toBe(1);
    const after = await world.stored();
    expect(after?.credential['refresh_token']).not.toBe(before?.credential['refresh_token']);
    expect(after?.row.version).not.toBe(before?.row.version);
    expect(await tokenRequests(() => world.call())).toBe(0);
  });

  it('renews when the provider refuses the token, and runs the call again once', async () => {
    await connect();
    await server.endAccess((await world.stored())?.credential['access_token'] ?? '');
    expect(await tokenRequests(async () => expect(await world.call()).toMatchObject({ ok: true }))).toBe(1);
  });

  it('says what to do when consent is denied, and asks for no token', async () => {
    const back = await server.consent(await world.beginAt(), { deny: true });
    const used = await tokenRequests(async () => {
      const finished = await world.finish(back);
      expect(finished).toMatchObject({
        ok: false,
        fault: { problem: 'consent_denied', next: expect.stringContaining('try again') },
      });
    });
    expect(used).toBe(0);
    expect(await world.stored()).toBeUndefined();
  });

  it('refuses another account under a name that is taken, and keeps the one that is there', async () => {
    await connect();
    const finished = await world.finish(await server.consent(await world.beginAt(), { account: 'Bob' }));
    expect(finished).toMatchObject({ ok: false, fault: { problem: 'wrong_account', code: 'conflict' } });
    expect((await world.stored())?.row.accountName).toBe('Ann');
  });

  it('says reconnect_required plainly when the refresh token was used elsewhere, and deletes nothing', async () => {
    await connect();
    const stolen = (await world.stored())?.credential['refresh_token'] ?? '';
    const elsewhere = () =>
      requestToken(
        server.transport,
        {
          provider: server.provider,
          auth: server.provider.auth[0] as never,
          facts: {},
          clientId: APP.clientId,
          secret: new Secret(APP.secret),
          grant: { kind: 'refresh', refreshToken: stolen, redirectUri: APP.redirectUri },
        },
        AbortSignal.timeout(5_000),
      );
    expect(await elsewhere()).toMatchObject({ ok: true });
    expect(await elsewhere()).toEqual({ ok: false, fault: 'dead' });
    ahead = 3_700_000;
    expect(await world.call()).toMatchObject({
      ok: false,
      fault: { code: 'reconnect_required', next: expect.stringContaining('connect_provider') },
    });
    expect(await world.stored()).toMatchObject({
      row: { status: 'needs_reconnecting' },
      credential: { refresh_token: stolen },
    });
    expect(await tokenRequests(() => world.call())).toBe(0);
    await connect();
    expect(await world.call()).toMatchObject({ ok: true });
  });

  it('ends the sign-in at the provider when the account is disconnected', async () => {
    const connection = await connect();
    const refreshToken = (await world.stored())?.credential['refresh_token'] ?? '';
    expect(await revokeAtProvider(world.deps, world.principal.tenant, server.provider, connection)).toBe(true);
    expect(await server.isLive(refreshToken)).toBe(false);
  });

  describe('under attack', () => {
    it('refuses a replayed state', async () => {
      const back = await server.consent(await world.beginAt());
      expect(await world.finish(back)).toMatchObject({ ok: true });
      expect(
        await tokenRequests(async () =>
          expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'unknown_state' } }),
        ),
      ).toBe(0);
    });

    it('gives a state to one of two callbacks that come at once', async () => {
      const back = await server.consent(await world.beginAt());
      const finished = await Promise.all([world.finish(back), world.finish(back)]);
      expect(finished.filter(({ ok }) => ok)).toHaveLength(1);
    });

    it('refuses a callback without the cookie, and uses the state up', async () => {
      const back = await server.consent(await world.beginAt());
      expect(
        await tokenRequests(async () =>
          expect(await world.finish(back, { jar: new Map() })).toMatchObject({
            ok: false,
            fault: { problem: 'wrong_browser' },
          }),
        ),
      ).toBe(0);
      expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'unknown_state' } });
    });

    it('refuses a state that another tenant began, although the browser has a consent of its own open', async () => {
      const mine = await world.beginAt();
      const theirs = createWorld({ provider: server.provider, transport: server.transport, clock });
      const [grants, connections] = [world.deps.grants, world.deps.connections];
      Object.assign(theirs.deps, { grants, connections });
      const back = await server.consent(await theirs.beginAt());
      expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'wrong_browser' } });
      // Even with the cookie under the name that is looked for, the value is the one of another consent.
      const again = await server.consent(await theirs.beginAt());
      const [ownSecret = ''] = world.jar.values();
      const renamed = new Map([...theirs.jar.keys()].map((name) => [name, ownSecret]));
      expect(await world.finish(again, { jar: renamed })).toMatchObject({
        ok: false,
        fault: { problem: 'wrong_browser' },
      });
      await server.consent(mine);
    });

    it('refuses a code that was injected from another consent', async () => {
      const victim = createWorld({ provider: server.provider, transport: server.transport, clock });
      const stolen = await server.consent(await victim.beginAt());
      const back = await server.consent(await world.beginAt());
      back.searchParams.set('code', stolen.searchParams.get('code') ?? '');
      expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'expired_code' } });
      expect(await world.stored()).toBeUndefined();
    });

    it('refuses a mix-up: an answer in the name of another issuer', async () => {
      const back = await server.consent(await world.beginAt());
      expect(back.searchParams.has('iss')).toBe(true);
      back.searchParams.set('iss', 'https://evil.example.net');
      expect(
        await tokenRequests(async () =>
          expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'wrong_issuer' } }),
        ),
      ).toBe(0);
    });

    it('refuses a callback at another address than the consent named', async () => {
      const back = await server.consent(await world.beginAt());
      const elsewhere = 'https://other.example.com/oauth/callback';
      expect(await world.finish(back, { redirectUri: elsewhere })).toMatchObject({
        ok: false,
        fault: { problem: 'wrong_redirect' },
      });
    });

    it('refuses a parameter that is sent twice, and tokens in the address', async () => {
      for (const [name, value] of [
        ['code', 'x'],
        ['state', 'x'],
        ['id_token', 'x'],
        ['response', 'x'],
      ] as const) {
        const back = await server.consent(await world.beginAt());
        back.searchParams.append(name, value);
        expect([name, await world.finish(back)]).toMatchObject([
          name,
          { ok: false, fault: { problem: 'bad_callback' } },
        ]);
      }
    });

    it('refuses a state that has expired, whatever the table still holds', async () => {
      const back = await server.consent(await world.beginAt());
      ahead = 601_000;
      expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'unknown_state' } });
    });
  });
});
