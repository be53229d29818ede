/** What vendors do differently, one by one: each is a value of the definition, and the flow is the same. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { tenantTags } from '../../../core/tenant/tenant.ts';
import { fakeApps } from '../../fakes/oauth-ports.ts';
import { APP, startVendor, type Quirks, type Vendor } from '../../fakes/oauth-provider.ts';
import { principalOf } from '../../fakes/principal.ts';
import { createWorld, type World } from './set-up.ts';

let now = 0;
beforeEach(() => {
  now = Date.parse('2026-11-22T10:00:00Z');
});
const clock = (): number => now;

function at(quirks: Partial<Quirks>): { vendor: Vendor; world: World } {
  const vendor = startVendor(clock, quirks);
  const { provider, transport } = vendor;
  return { vendor, world: createWorld({ provider, transport, clock, sleep: async () => undefined }) };
}

async function connected(quirks: Partial<Quirks>): Promise<{ vendor: Vendor; world: World }> {
  const { vendor, world } = at(quirks);
  const finished = await world.finish(vendor.consent(await world.beginAt()));
  if (!finished.ok) throw new Error(finished.fault.problem);
  return { vendor, world };
}

const HOST = 'acme.vendor.example';

describe('a vendor that departs from the standard', () => {
  const departures: readonly (readonly [string, Partial<Quirks>])[] = [
    ['takes JSON', { encoding: 'json' }],
    ['takes a GET with everything in the query', { encoding: 'query' }],
    ['takes the client by HTTP basic authentication', { clientAuth: 'basic' }],
    ['knows no client secret', { clientAuth: 'none' }],
    ['knows no PKCE', { pkce: 'none' }],
    ['takes the redirect address from the card of the app', { authorizeRedirectUri: false, tokenRedirectUri: false }],
    ['names no token type', { untyped: true }],
    ['does not say how long a token lives', { expiresIn: undefined }],
    ['has its token endpoint on the account host', { referer: HOST, encoding: 'json', pkce: 'none' }],
    ['names the address of its API in the token answer', { clientEndpoint: `https://${HOST}/rest/` }],
    ['takes the token as a parameter', { tokenInBody: true }],
    ['keeps its refresh token', { rotation: 'none' }],
    ['has refresh tokens for one use', { rotation: 'single_use' }],
    ['names an issuer of its own that no definition knows', { iss: 'https://auth.vendor.example' }],
  ];

  it.each(departures)('connects and renews: one that %s', async (_name, quirks) => {
    const { vendor, world } = await connected(quirks);
    expect(await world.call()).toMatchObject({ ok: true });
    now += 86_400_000;
    expect(await world.call()).toMatchObject({ ok: true, value: { item: { name: 'Ann' } } });
    expect(vendor.counts).toMatchObject({ token: 2, refreshed: 1 });
  });

  it.each([
    'https://evil.example.net',
    'https://vendor.example.evil.net',
    'http://auth.vendor.example',
    'vendor.example',
    '',
  ])('is not believed where no definition knows its issuer and the answer names %j', async (iss) => {
    const { vendor, world } = at({});
    const back = vendor.consent(await world.beginAt());
    back.searchParams.set('iss', iss);
    expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'wrong_issuer' } });
    expect(vendor.counts.token).toBe(0);
  });

  it('is not asked for a new token before it refuses the old one', async () => {
    const { vendor, world } = await connected({ when: 'when_refused', expiresIn: 3_600 });
    now += 3_599_000;
    await world.call();
    expect(vendor.counts.refreshed).toBe(0);
    now += 2_000;
    expect(await world.call()).toMatchObject({ ok: true });
    expect(vendor.counts.refreshed).toBe(1);
  });

  it('may have tokens so short that the skew would renew them on every call', async () => {
    const { vendor, world } = await connected({ expiresIn: 100, skewSeconds: 600 });
    await world.call();
    now += 40_000;
    await world.call();
    expect(vendor.counts.refreshed).toBe(0);
    now += 11_000;
    await world.call();
    expect(vendor.counts.refreshed).toBe(1);
  });

  it('keeps codes for half a minute: after that the person is told to start again', async () => {
    const { vendor, world } = at({ codeTtlMs: 30_000 });
    const back = vendor.consent(await world.beginAt());
    now += 30_001;
    expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'expired_code' } });
  });

  it('sends a callback without the account host: that is no callback', async () => {
    const { vendor, world } = at({ referer: HOST });
    const back = vendor.consent(await world.beginAt());
    back.searchParams.delete('referer');
    expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'bad_callback' } });
  });
});

describe('a host from a callback outside the allow-list', () => {
  it.each([
    'evil.example.net',
    'acme.vendor.example.evil.net',
    'acme.vendor.example@evil.net',
    'evil.net/x?.vendor.example',
    'acme.vendor.example:8443',
    'user@acme.vendor.example',
    'a.b.vendor.example',
    '169.254.169.254',
    '',
  ])('gets neither the code nor the client secret: %s', async (host) => {
    const { vendor, world } = at({ referer: HOST, pkce: 'none' });
    const back = vendor.consent(await world.beginAt());
    back.searchParams.set('referer', host);
    expect(await world.finish(back)).toMatchObject({ ok: false, fault: { problem: 'forbidden_host' } });
    expect(vendor.sent).toEqual([]);
    expect((world.apps as ReturnType<typeof fakeApps>).opened).toEqual([]);
  });

  it('gets no access token either, when the token answer names it', async () => {
    const { vendor, world } = at({ clientEndpoint: 'https://evil.example.net/rest/' });
    const finished = await world.finish(vendor.consent(await world.beginAt()));
    expect(finished).toMatchObject({ ok: false });
    expect(vendor.sent.map(({ url }) => url.hostname)).toEqual(['auth.vendor.example']);
    expect(await world.stored()).toBeUndefined();
  });
});

describe('permissions', () => {
  const scopes = ['read', 'write'];

  it('are asked for as the definition says, with the extras that were chosen', async () => {
    const { vendor, world } = at({ scopes });
    const asked = new URL(await world.beginAt({ extraScopes: ['extra'] })).searchParams.get('scope');
    expect(asked).toBe('read write extra');
    expect(await world.begin({ extraScopes: ['admin'] })).toMatchObject({
      ok: false,
      fault: { problem: 'missing_scope' },
    });
    expect(vendor.sent).toEqual([]);
  });

  it('that the person withheld end in a page that says so, and nothing is stored', async () => {
    const { vendor, world } = at({ scopes, withheldScope: 'write' });
    const finished = await world.finish(vendor.consent(await world.beginAt()));
    expect(finished).toMatchObject({ ok: false, fault: { problem: 'missing_scope', code: 'insufficient_scope' } });
    expect(await world.stored()).toBeUndefined();
  });
});

describe('OAuth apps', () => {
  const principal = principalOf({ org: 'jsm', user: 'ann' });
  const { client, org } = tenantTags(principal.tenant);
  const platform = { level: 'platform', provider: 'vendor', clientId: 'p', secret: 's' } as const;
  const ofClient = { ...platform, level: 'client', client, clientId: 'c' } as const;
  const ofOrg = { ...ofClient, level: 'org', org, clientId: 'o' } as const;
  const clientIdWith = async (rows: Parameters<typeof fakeApps>[0], orgApp: 'fall_back' | 'refuse' = 'fall_back') => {
    const { provider, transport } = startVendor(clock);
    const world = createWorld({ provider, transport, clock, principal, apps: fakeApps(rows) });
    const begun = await world.begin({ orgApp });
    return begun.ok ? new URL(begun.value.url.reveal()).searchParams.get('client_id') : begun.fault.problem;
  };

  it('are taken from the organization, then its client, then the platform', async () => {
    expect(await clientIdWith([platform, ofClient, ofOrg])).toBe('o');
    expect(await clientIdWith([platform, ofClient])).toBe('c');
    expect(await clientIdWith([platform])).toBe('p');
    expect(await clientIdWith([])).toBe('no_app');
  });

  it('of another organization or client are not used', async () => {
    expect(await clientIdWith([{ ...ofOrg, org: 'other' }, { ...ofClient, client: 'other' }, platform])).toBe('p');
  });

  it("must be the organization's own where the policy says so", async () => {
    expect(await clientIdWith([platform, ofClient], 'refuse')).toBe('no_app');
    expect(await clientIdWith([platform, ofClient, ofOrg], 'refuse')).toBe('o');
  });

  it('renew only the tokens that were issued to them, whatever has been set up since', async () => {
    const { vendor, world } = await connected({ rotation: 'single_use' });
    const { rows } = world.apps as ReturnType<typeof fakeApps>;
    rows.push({ ...ofClient, client: tenantTags(world.principal.tenant).client });
    now += 86_400_000;
    expect(await world.call()).toMatchObject({ ok: true });
    const [own] = rows.splice(0, 1);
    now += 86_400_000;
    // There is another app: the person can connect anew with it, and nothing is lost if the old one is put back.
    expect(await world.call()).toMatchObject({
      ok: false,
      fault: { code: 'reconnect_required', missing: { connection: 'default' } },
    });
    const others = rows.splice(0);
    expect(await world.call()).toMatchObject({ ok: false, fault: { code: 'forbidden' } });
    expect([own?.clientId, vendor.counts.refreshed]).toEqual([APP.clientId, 1]);
    rows.push(...others);
    rows.push({ level: 'platform', provider: 'vendor', clientId: APP.clientId, secret: 'rotated' });
    expect(await world.call()).toMatchObject({
      ok: false,
      fault: { code: 'forbidden', next: expect.stringContaining('not lost') },
    });
    Object.assign(rows.at(-1) ?? {}, { secret: APP.secret });
    expect(await world.call()).toMatchObject({ ok: true });
  });
});
