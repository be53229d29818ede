/** What is remembered of a consent, for the tool call that asks next: by the acts themselves, wherever they are run. */
import { describe, expect, it } from '@jest/globals';
import { connectWithFields } from '../../../core/connect/connect.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { Secret } from '../../../core/vault/secret.ts';
import type { FormAuth } from '../../../core/provider/auth.ts';
import type { ConsentNotes } from '../../../core/consent/note.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { startVendor } from '../../fakes/oauth-provider.ts';
import { fakeConsentNotes } from '../../fakes/stores.ts';
import { createWorld } from '../oauth/set-up.ts';

const linkHash = hashSecret('link');
const about = { provider: 'vendor', connection: 'work', linkHash };

function setUp(notes: ConsentNotes = fakeConsentNotes()) {
  const vendor = startVendor(Date.now, { rotation: 'none' });
  const world = createWorld({ provider: vendor.provider, transport: vendor.transport, clock: Date.now, notes });
  const begin = () => world.beginAt({ connection: 'work', linkHash });
  const noted = () => notes.find(world.principal.tenant, 'vendor', 'work');
  return { ...world, vendor, begin, noted };
}

describe('a consent', () => {
  it('is noted as begun, with the link it began from', async () => {
    const { begin, noted } = setUp();
    await begin();
    expect(await noted()).toEqual({ ...about, state: 'begun' });
  });

  it('is not noted where it could not begin', async () => {
    const { beginAt, noted, grants } = setUp();
    await expect(beginAt({ connection: 'work', linkHash, extraScopes: ['more'] })).rejects.toThrow('missing_scope');
    expect([await noted(), grants.rows.size]).toEqual([undefined, 0]);
  });

  it('that led to a connection leaves nothing to tell', async () => {
    const { begin, finish, vendor, noted } = setUp();
    expect((await finish(vendor.consent(await begin()))).ok).toBe(true);
    expect(await noted()).toBeUndefined();
  });

  it('that led to none is noted with what went wrong', async () => {
    const denied = setUp();
    await denied.finish(denied.vendor.consent(await denied.begin(), { deny: true }));
    expect(await denied.noted()).toEqual({ ...about, state: 'consent_denied' });

    const elsewhere = setUp();
    await elsewhere.finish(elsewhere.vendor.consent(await elsewhere.begin()), { jar: new Map() });
    expect(await elsewhere.noted()).toEqual({ ...about, state: 'wrong_browser' });

    const moved = setUp();
    await moved.finish(moved.vendor.consent(await moved.begin()), { redirectUri: 'https://other.example/cb' });
    expect(await moved.noted()).toEqual({ ...about, state: 'wrong_redirect' });
  });

  it('of an unknown state is noted for nobody', async () => {
    const { finish, begin, vendor, noted } = setUp();
    const back = vendor.consent(await begin());
    back.searchParams.set('state', 'another');
    expect(await finish(back)).toMatchObject({ ok: false, fault: { problem: 'unknown_state' } });
    expect(await noted()).toEqual({ ...about, state: 'begun' });
  });
});

describe('a note that cannot be written', () => {
  const broken = () => Promise.reject(new Error('no table'));
  const deaf: ConsentNotes = { put: broken, clear: broken, find: async () => undefined };

  it('changes nothing of how a consent begins and ends', async () => {
    const good = setUp(deaf);
    expect((await good.finish(good.vendor.consent(await good.begin()))).ok).toBe(true);
    expect(await good.stored('work')).toBeDefined();
    const denied = setUp(deaf);
    const ended = await denied.finish(denied.vendor.consent(await denied.begin(), { deny: true }));
    expect(ended).toMatchObject({ ok: false, fault: { problem: 'consent_denied' } });
    for (const { lines } of [good, denied])
      expect(lines.filter((line) => line.includes('consent not noted'))).toHaveLength(2);
  });

  it('changes nothing of connecting with fields', async () => {
    const world = createWorld({
      provider: { ...exampleProvider, auth: [...exampleProvider.auth, ...startVendor(Date.now, {}).provider.auth] },
      transport: async () => ({ status: 200, headers: {}, text: '{"name":"Ann"}' }),
      clock: Date.now,
      notes: deaf,
    });
    const connected = await connectWithFields(world.deps, {
      tenant: world.principal.tenant,
      provider: exampleProvider,
      auth: exampleProvider.auth[0] as FormAuth,
      fields: new Secret({ api_key: 'tok_good' }),
      name: 'default',
      signal: AbortSignal.timeout(5_000),
    });
    expect(connected).toMatchObject({ ok: true, value: { accountName: 'Ann' } });
    expect(world.lines.join()).toContain('consent not noted');
  });
});
