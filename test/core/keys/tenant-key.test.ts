/** What a tenant key opens: one tenant, as long as its parent stands. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashKey, mintKey, type ApiKeyRecord, type KeyRecord } from '../../../core/keys/api-key.ts';
import { fromAuthorizerContext, toAuthorizerContext } from '../../../core/keys/principal.ts';
import { idProblem, tenantId } from '../../../core/tenant/tenant.ts';
import { apiKeyRecord } from '../../fakes/keys.ts';
import { NOW, present, made, unauthorized, forbidden, id, maybe, type Asked } from './made-tenant-key.ts';

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
