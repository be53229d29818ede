/** What a tenant key may do: what the key it was made with may do now, for one tenant. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashKey, mintKey, type ApiKeyRecord, type KeyRecord } from '../../../core/keys/api-key.ts';
import { authenticate, type Credentials } from '../../../core/keys/authenticate.ts';
import { fromAuthorizerContext, toAuthorizerContext, type IssuerPrincipal } from '../../../core/keys/principal.ts';
import { idProblem, tenantId } from '../../../core/tenant/tenant.ts';
import { issueTenantKey } from '../../../core/keys/tenant-key.ts';
import { apiKeyRecord, fakeKeys, type FakeKeys } from '../../fakes/keys.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600;

type Asked = { readonly org?: string | undefined; readonly user?: string | undefined };
const queryOf = ({ org, user }: Asked): Credentials['query'] => ({
  ...(org === undefined ? {} : { org_id: [org] }),
  ...(user === undefined ? {} : { user_id: [user] }),
});

function present(keys: FakeKeys, key: string, more: Partial<Credentials> = {}, now = NOW) {
  return authenticate({ apiKeys: [key], authorizations: [], query: {}, audience: 'mcp', ...more }, keys, now);
}

/** A tenant key made as the deployed functions make one: authenticated first, then issued. */
async function made(parent: ApiKeyRecord, asked: Asked, seconds = HOUR) {
  const keys = fakeKeys();
  const parentKey = keys.hold(parent);
  const decision = await present(keys, parentKey, { query: queryOf(asked), audience: 'keys' });
  if (!decision.ok || decision.value.kind !== 'issuer') throw new Error(`not an issuer: ${JSON.stringify(decision)}`);
  const issued = await issueTenantKey({ keys, clock: () => NOW }, decision.value, seconds);
  return { keys, parentKey, issuer: decision.value, ...issued };
}

const unauthorized = { ok: false, fault: { kind: 'unauthorized' } };
const forbidden = (words: RegExp) => ({
  ok: false,
  fault: { kind: 'forbidden', reason: expect.stringMatching(words) },
});

const id = fc
  .oneof(fc.constantFrom('a', 'b', 'a#b', '#', '=', '*', '😀', 'x'.repeat(200)), fc.string({ minLength: 1 }))
  .filter((text) => idProblem(text) === undefined);
const maybe = fc.option(id, { nil: undefined });

describe('a tenant key', () => {
  it('serves its one tenant and nothing else, whatever parameters are sent with it', async () => {
    const seen = { served: 0, refused: 0, rejected: 0 };
    const parent = fc.oneof(
      fc.tuple(fc.constant<Partial<ApiKeyRecord>>({ type: 'client' }), fc.record({ user: maybe })),
      fc.tuple(fc.constant<Partial<ApiKeyRecord>>({ type: 'platform' }), fc.record({ org: maybe, user: maybe })),
      fc
        .tuple(id, id)
        .map(
          ([org, user]) =>
            [{ type: 'platform', orgs: [org, 'other'] } as Partial<ApiKeyRecord>, { org, user }] as const,
        ),
    );
    /** The tenant's own values among others, so that all kinds of likeness come up. */
    const sent = (own: string | undefined) =>
      fc.oneof(
        fc.constant(undefined),
        own === undefined ? fc.constant(undefined) : fc.constant([own]),
        fc.array(fc.oneof(id, fc.constantFrom('', `${own}`, ` ${own}`, 'a\u0000')), { maxLength: 2 }),
      );
    const situation = parent.chain(([record, asked]: readonly [Partial<ApiKeyRecord>, Asked]) =>
      fc.record({
        record: fc.constant(record),
        asked: fc.constant(asked),
        org_id: sent(asked.org),
        user_id: sent(asked.user),
      }),
    );
    await fc.assert(
      fc.asyncProperty(situation, async ({ record, asked, org_id, user_id }) => {
        const { keys, key } = await made(apiKeyRecord(record), asked);
        const own = asked.user === undefined ? {} : asked;
        const query = { ...(org_id === undefined ? {} : { org_id }), ...(user_id === undefined ? {} : { user_id }) };
        const outcome = await present(keys, key, { query });
        const sentOrg = org_id ?? [];
        const sentUser = user_id ?? [];
        const broken = [sentOrg, sentUser].some(
          (values) => values.length > 1 || values.some((value) => idProblem(value) !== undefined),
        );
        if (broken) {
          seen.rejected += 1;
          expect(outcome).toMatchObject({ ok: true, value: { kind: 'rejected' } });
        } else if (
          [...sentOrg.map((org) => org === own.org), ...sentUser.map((user) => user === own.user)].includes(false)
        ) {
          seen.refused += 1;
          expect(outcome).toMatchObject({ ok: false, fault: { kind: 'forbidden' } });
        } else {
          seen.served += 1;
          const tenant = tenantId({ client: 'acme', ...own });
          expect(outcome).toMatchObject({ ok: true, value: { kind: 'tenant', tenant, org: own.org, user: own.user } });
        }
        for (const audience of ['keys', 'admin'] as const)
          expect(await present(keys, key, { query, audience })).toMatchObject({
            ok: false,
            fault: { kind: 'forbidden' },
          });
      }),
      { numRuns: 300 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it('serves its tenant without any parameter, and with those of its tenant', async () => {
    const { keys, key, record } = await made(apiKeyRecord(), { org: 'jsm', user: 'ann' });
    for (const query of [{}, { user_id: ['ann'] }, { org_id: ['jsm'] }, { org_id: ['jsm'], user_id: ['ann'] }])
      expect(await present(keys, key, { query })).toMatchObject({
        ok: true,
        value: { tenant: tenantId({ client: 'acme', org: 'jsm', user: 'ann' }), tenantKeyId: record.keyId },
      });
  });

  it('that was made without a user serves the default user, and no organization', async () => {
    const { keys, key, record } = await made(apiKeyRecord(), { org: 'jsm' });
    expect(record).toMatchObject({ org: undefined, user: undefined });
    expect(await present(keys, key)).toMatchObject({ ok: true, value: { tenant: tenantId({ client: 'acme' }) } });
    expect(await present(keys, key, { query: { org_id: ['jsm'] } })).toMatchObject(forbidden(/tenant key.*org_id/));
  });

  it('is refused for another tenant in words that name the parameter and nothing of the request', async () => {
    const { keys, key } = await made(apiKeyRecord(), { org: 'jsm', user: 'ann' });
    const other = await present(keys, key, { query: { user_id: ['secret-user'] } });
    expect(other).toMatchObject(forbidden(/This is a tenant key: it serves one tenant.*user_id/));
    expect(JSON.stringify(other)).not.toMatch(/secret-user|ann|jsm/);
  });

  it('cannot make tenant keys and does not open /admin', async () => {
    const { keys, key } = await made(apiKeyRecord(), { user: 'ann' });
    expect(await present(keys, key, { audience: 'keys' })).toMatchObject(
      forbidden(/tenant key: it cannot make tenant keys/),
    );
    expect(await present(keys, key, { audience: 'admin' })).toMatchObject(forbidden(/takes an operator key/));
  });

  it('takes limits, policy and confirmation from the key it was made with, as they are now', async () => {
    const parent = apiKeyRecord();
    const { keys, parentKey, key } = await made(parent, { user: 'ann' });
    keys.replace(parentKey, {
      ...parent,
      limits: { rpm: 3, monthly: 9 },
      policy: { inline_credentials: 'refuse' },
      confirm: 'outward',
    });
    expect(await present(keys, key)).toMatchObject({
      ok: true,
      value: {
        keyId: 'k_1',
        keyType: 'platform',
        limits: { rpm: 3, monthly: 9 },
        policy: { inline_credentials: 'refuse' },
        confirm: 'outward',
      },
    });
  });

  it.each<[string, Partial<ApiKeyRecord>]>([
    ['was revoked', { status: 'revoked' }],
    ['has expired', { expiresAt: new Date(NOW).toISOString() }],
    ['was pinned to other organizations', { orgs: ['other'] }],
    ['is a client key now, which serves no organization', { type: 'client' }],
    ['is a solo key now', { type: 'solo' }],
    ['belongs to another client', { clientId: 'rival' }],
    ['is another key', { keyId: 'k_2' }],
  ])('ends at once when the key it was made with %s', async (_what, change) => {
    const parent = apiKeyRecord();
    const { keys, parentKey, key } = await made(parent, { org: 'jsm', user: 'ann' });
    expect(await present(keys, key)).toMatchObject({ ok: true });
    keys.replace(parentKey, { ...parent, ...change });
    for (const audience of ['mcp', 'keys', 'admin'] as const)
      expect(await present(keys, key, { audience })).toEqual(unauthorized);
  });

  it('ends with the request after its parent was revoked or has expired, with the refusal of any bad key', async () => {
    const ends = new Date(NOW + 10_000).toISOString();
    const parent = apiKeyRecord({ expiresAt: ends });
    const { keys, parentKey, key, record } = await made(parent, {});
    expect(record.expiresAt).toBe(ends);
    expect(await present(keys, key, {}, NOW + 9_999)).toMatchObject({ ok: true });
    expect(await present(keys, key, {}, NOW + 10_000)).toEqual(unauthorized);
    keys.replace(parentKey, { ...parent, status: 'revoked' });
    expect(await present(keys, key)).toEqual(unauthorized);
    expect(await present(keys, mintKey())).toEqual(unauthorized);
  });

  it('whose parent is gone, or is an operator key, is refused', async () => {
    const { keys, key, record } = await made(apiKeyRecord(), {});
    keys.tenantKeys.set(hashKey(key), { ...record, parentHash: hashKey(mintKey()) });
    expect(await present(keys, key)).toEqual(unauthorized);
    const operator: KeyRecord = {
      kind: 'operator',
      scope: 'all',
      keyId: 'k_1',
      status: 'active',
      display: '',
      createdAt: record.createdAt,
    };
    keys.tenantKeys.set(hashKey(key), { ...record, parentHash: hashKey(keys.hold(operator)) });
    expect(await present(keys, key)).toEqual(unauthorized);
  });

  it('expires by the clock, whether its row is still there or not', async () => {
    const { keys, key, record } = await made(apiKeyRecord(), {}, 60);
    expect(await present(keys, key, {}, NOW + 59_999)).toMatchObject({ ok: true });
    expect(await present(keys, key, {}, NOW + 60_000)).toEqual(unauthorized);
    keys.tenantKeys.set(hashKey(key), { ...record, expiresAt: 'never' });
    expect(await present(keys, key)).toEqual(unauthorized);
  });

  it('of a revoked key is not looked up: what is there decides', async () => {
    const { keys, key, record } = await made(apiKeyRecord(), {});
    const revoked = keys.hold(apiKeyRecord({ status: 'revoked' }));
    keys.tenantKeys.set(hashKey(revoked), record);
    expect(await present(keys, revoked)).toEqual(unauthorized);
    expect(await present(keys, key)).toMatchObject({ ok: true });
  });

  it('crosses to the functions as flat strings, with the id of its own and without any hash', async () => {
    const { keys, key, record, issuer } = await made(apiKeyRecord({ limits: { rpm: 5 } }), { org: 'a#b', user: '😀' });
    const outcome = await present(keys, key);
    if (!outcome.ok) throw new Error('expected a principal');
    const context = toAuthorizerContext(outcome.value);
    expect(context['tenantKeyId']).toBe(record.keyId);
    expect(JSON.stringify(context)).not.toContain(issuer.keyHash);
    expect(JSON.stringify(context)).not.toContain(hashKey(key));
    expect(fromAuthorizerContext(context)).toEqual(outcome.value);
  });
});

describe('making a tenant key', () => {
  it.each<[string, Partial<ApiKeyRecord>, Asked, RegExp]>([
    ['a solo key, naming its type', { type: 'solo' }, {}, /This is a solo key/],
    ['a solo key with a user too', { type: 'solo' }, { user: 'u' }, /This is a solo key/],
    ['a client key with an organization', { type: 'client' }, { org: 'o', user: 'u' }, /This is a client key.*org_id/],
    [
      'a pinned key for another organization',
      { orgs: ['o'] },
      { org: 'p', user: 'u' },
      /pinned to other organizations/,
    ],
    ['a pinned key without an organization', { orgs: ['o'] }, { user: 'u' }, /pinned.*send org_id and user_id/],
  ])('is refused to %s', async (_who, record, asked, words) => {
    const keys = fakeKeys();
    const key = keys.hold(apiKeyRecord(record));
    expect(await present(keys, key, { query: queryOf(asked), audience: 'keys' })).toMatchObject(forbidden(words));
  });

  it('is refused to an operator key, and to keys that are no good', async () => {
    const keys = fakeKeys();
    const { status, display, createdAt } = apiKeyRecord();
    const operator = keys.hold({ kind: 'operator', keyId: 'op_1', scope: 'all', status, display, createdAt });
    expect(await present(keys, operator, { audience: 'keys' })).toMatchObject(forbidden(/operator key/));
    const revoked = keys.hold(apiKeyRecord({ status: 'revoked' }));
    for (const key of [revoked, mintKey(), 'allmcp_x'])
      expect(await present(keys, key, { audience: 'keys' })).toEqual(unauthorized);
  });

  it.each<[Partial<ApiKeyRecord>, Asked, Asked]>([
    [{ type: 'client' }, {}, {}],
    [{ type: 'client' }, { user: 'u' }, { user: 'u' }],
    [{ type: 'platform' }, { user: 'u' }, { user: 'u' }],
    [{ type: 'platform' }, { org: 'o', user: 'u' }, { org: 'o', user: 'u' }],
    [{ type: 'platform' }, { org: 'o' }, {}],
  ])('with %j and %j is for the tenant %j', async (record, asked, tenant) => {
    const { record: stored } = await made(apiKeyRecord(record), asked);
    expect(tenantId({ client: stored.clientId, ...stored })).toBe(tenantId({ client: 'acme', ...tenant }));
    expect([stored.org, stored.user]).toEqual([tenant.org, tenant.user]);
  });

  it('with parameters that make no sense is answered by the function', async () => {
    const keys = fakeKeys();
    const key = keys.hold(apiKeyRecord());
    expect(await present(keys, key, { query: { user_id: ['a', 'b'] }, audience: 'keys' })).toMatchObject({
      ok: true,
      value: { kind: 'rejected' },
    });
  });

  it('gives the hash of the key to the function that makes tenant keys and to no other', async () => {
    const { keys, parentKey, issuer } = await made(apiKeyRecord({ expiresAt: '2026-12-01T00:00:00.000Z' }), {
      user: 'u',
    });
    expect(issuer.keyHash).toBe(hashKey(parentKey));
    expect(fromAuthorizerContext(toAuthorizerContext(issuer))).toEqual(issuer);
    for (const audience of ['mcp', 'admin'] as const)
      expect(JSON.stringify(await present(keys, parentKey, { audience }))).not.toContain(issuer.keyHash);
  });

  it('stores a hash and no more of the key than four characters', async () => {
    const { key, keys, record } = await made(apiKeyRecord(), { user: 'u' });
    expect([...keys.tenantKeys]).toEqual([[hashKey(key), record]]);
    expect(JSON.stringify(record)).not.toContain(key.slice(0, 12));
    expect(record.display).toBe(`${key.slice(0, 11)}…`);
    expect(record.keyId).toMatch(/^tk_[A-Za-z0-9]{12}$/);
  });

  it('lives as long as asked, or as long as its parent', async () => {
    const issuer: IssuerPrincipal = { kind: 'issuer', keyId: 'k_1', keyHash: 'h', clientId: 'acme' };
    const endOf = async (expiresAt: string | undefined) => {
      const deps = { keys: fakeKeys(), clock: () => NOW };
      return (await issueTenantKey(deps, { ...issuer, expiresAt }, HOUR)).record.expiresAt;
    };
    const hour = '2026-11-22T13:00:00.000Z';
    expect(await endOf(undefined)).toBe(hour);
    expect(await endOf('2026-11-22T13:00:01.000Z')).toBe(hour);
    expect(await endOf('2026-11-22T12:00:05.000Z')).toBe('2026-11-22T12:00:05.000Z');
  });
});
