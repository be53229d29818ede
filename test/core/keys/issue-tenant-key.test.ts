/** Making a tenant key: how long it lives, and what is stored of it. */
import { describe, expect, it } from '@jest/globals';
import { hashKey, mintKey, type ApiKeyRecord } from '../../../core/keys/api-key.ts';
import { fromAuthorizerContext, toAuthorizerContext, type IssuerPrincipal } from '../../../core/keys/principal.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { issueTenantKey } from '../../../core/keys/tenant-key.ts';
import { apiKeyRecord, fakeKeys } from '../../fakes/keys.ts';
import { NOW, HOUR, queryOf, present, made, unauthorized, forbidden, type Asked } from './made-tenant-key.ts';

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
