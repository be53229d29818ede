import { describe, expect, it } from '@jest/globals';
import { hashKey, mintKey, type KeyRecord } from '../../../core/keys/api-key.ts';
import { authenticate, type Credentials } from '../../../core/keys/authenticate.ts';
import { fromAuthorizerContext, toAuthorizerContext } from '../../../core/keys/principal.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { apiKeyRecord } from '../../fakes/keys.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const key = mintKey();

function check(stored: KeyRecord, more: Partial<Credentials> = {}) {
  const keys = {
    find: async (hash: string) => (hash === hashKey(key) ? stored : undefined),
    findTenantKey: async () => undefined,
  };
  return authenticate({ apiKeys: [key], authorizations: [], query: {}, audience: 'mcp', ...more }, keys, NOW);
}

describe('who a request is', () => {
  it.each([
    ['solo', {}, { client: 'acme' }],
    ['client', {}, { client: 'acme' }],
    ['client', { user_id: ['u'] }, { client: 'acme', user: 'u' }],
    ['platform', {}, { client: 'acme' }],
    ['platform', { user_id: ['u'] }, { client: 'acme', user: 'u' }],
    ['platform', { org_id: ['o'], user_id: ['u'] }, { client: 'acme', org: 'o', user: 'u' }],
    ['platform', { org_id: ['o'] }, { client: 'acme' }],
  ] as const)('a %s key with %j is the tenant %j', async (type, query, tenant) => {
    const outcome = await check(apiKeyRecord({ type }), { query });
    expect(outcome).toMatchObject({ ok: true, value: { kind: 'tenant', tenant: tenantId(tenant) } });
  });

  it.each([
    ['solo', { user_id: ['u'] }, 'solo key', 'user_id'],
    ['solo', { org_id: ['o'] }, 'solo key', 'org_id'],
    ['solo', { org_id: ['o'], user_id: ['u'] }, 'solo key', 'org_id'],
    ['client', { org_id: ['o'] }, 'client key', 'org_id'],
    ['client', { org_id: ['o'], user_id: ['u'] }, 'client key', 'org_id'],
  ] as const)(
    'a %s key with %j is refused, naming its type and the parameter',
    async (type, query, named, parameter) => {
      const outcome = await check(apiKeyRecord({ type }), { query });
      if (outcome.ok || outcome.fault.kind !== 'forbidden') throw new Error('expected a refusal');
      expect(outcome.fault.reason).toContain(named);
      expect(outcome.fault.reason).toContain(parameter);
    },
  );

  it('a pinned platform key serves its organizations and no other tenant', async () => {
    const pinned = apiKeyRecord({ orgs: ['o1', 'o2'] });
    expect(await check(pinned, { query: { org_id: ['o2'], user_id: ['u'] } })).toMatchObject({ ok: true });
    for (const query of [{ org_id: ['o3'], user_id: ['u'] }, { user_id: ['u'] }, {}, { org_id: ['o1'] }])
      expect(await check(pinned, { query })).toMatchObject({ ok: false, fault: { kind: 'forbidden' } });
  });

  it('a key that demands a user serves no request without user_id', async () => {
    for (const type of ['client', 'platform'] as const) {
      const demanding = apiKeyRecord({ type, requireUser: true });
      expect(await check(demanding, { query: { user_id: ['u'] } })).toMatchObject({ ok: true });
      for (const audience of ['mcp', 'keys'] as const)
        expect(await check(demanding, { audience })).toMatchObject({
          ok: false,
          fault: { kind: 'forbidden', reason: expect.stringContaining('user_id') },
        });
    }
    const alone = await check(apiKeyRecord({ requireUser: true }), { query: { org_id: ['o'] } });
    expect(alone).toMatchObject({ ok: false, fault: { kind: 'forbidden' } });
  });

  it('a refused organization is told what to do: another org_id, or another key', async () => {
    const outcome = await check(apiKeyRecord({ orgs: ['o1'] }), { query: { org_id: ['o2'], user_id: ['u'] } });
    if (outcome.ok || outcome.fault.kind !== 'forbidden') throw new Error('expected a refusal');
    expect(outcome.fault.reason).toMatch(/Send an org_id of this key, or ask your administrator/);
    // It names no organization: which ones a key serves is not for everyone who holds it.
    expect(outcome.fault.reason).not.toMatch(/\bo[12]\b/);
  });

  it('repeated, empty and broken parameters are answered by the function, and only after the key is good', async () => {
    for (const query of [
      { user_id: ['a', 'b'] },
      { user_id: [''] },
      { org_id: ['a', 'a'], user_id: ['u'] },
      { user_id: ['a\u0000'] },
      { user_id: ['x'.repeat(201)] },
    ])
      expect(await check(apiKeyRecord(), { query })).toMatchObject({ ok: true, value: { kind: 'rejected' } });
    expect(await check(apiKeyRecord(), { apiKeys: [mintKey()], query: { user_id: ['a', 'b'] } })).toMatchObject({
      ok: false,
      fault: { kind: 'unauthorized' },
    });
  });

  it('an unknown parameter is answered by the function, before the key is found too narrow', async () => {
    for (const record of [apiKeyRecord(), apiKeyRecord({ orgs: ['jsm'] }), apiKeyRecord({ type: 'solo' })])
      expect(await check(record, { query: { orgId: ['jsm'], userId: ['ann'] } })).toMatchObject({
        ok: true,
        value: { kind: 'rejected', problem: expect.stringContaining('Did you mean org_id and user_id?') },
      });
    const query = { full_catalog: ['true'] };
    expect(await check(apiKeyRecord(), { query })).toMatchObject({ value: { kind: 'rejected' } });
    expect(await check(apiKeyRecord(), { query, also: ['full_catalog'] })).toMatchObject({ value: { kind: 'tenant' } });
  });

  it('an empty header is no header, beside a good key in the other one', async () => {
    const bearer = `Bearer ${key}`;
    for (const empty of [[''], [' '], ['', '']]) {
      const inBearer = { apiKeys: empty, authorizations: [bearer] };
      expect(await check(apiKeyRecord(), inBearer)).toMatchObject({ ok: true });
      expect(await check(apiKeyRecord(), { authorizations: empty })).toMatchObject({ ok: true });
    }
    expect(await check(apiKeyRecord(), { apiKeys: ['', key], authorizations: ['Bearer '] })).toMatchObject({
      ok: true,
    });
    expect(await check(apiKeyRecord(), { apiKeys: [''], authorizations: [''] })).toMatchObject({ ok: false });
  });

  it('no key, an unknown, malformed, revoked or expired key are one and the same refusal', async () => {
    const refusals = await Promise.all([
      check(apiKeyRecord(), { apiKeys: [] }),
      check(apiKeyRecord(), { apiKeys: [mintKey()] }),
      check(apiKeyRecord(), { apiKeys: ['allmcp_short'] }),
      check(apiKeyRecord({ status: 'revoked' })),
      check(apiKeyRecord({ expiresAt: '2026-11-22T12:00:00.000Z' })),
      check(apiKeyRecord(), { apiKeys: [], authorizations: ['Basic abc'] }),
    ]);
    for (const refusal of refusals) expect(refusal).toMatchObject({ ok: false, fault: { kind: 'unauthorized' } });
    expect(await check(apiKeyRecord({ expiresAt: '2026-11-22T12:00:00.001Z' }))).toMatchObject({ ok: true });
  });

  it('the key may come in either header, or in both when they agree', async () => {
    const bearer = `Bearer ${key}`;
    expect(await check(apiKeyRecord(), { apiKeys: [], authorizations: [bearer] })).toMatchObject({ ok: true });
    expect(await check(apiKeyRecord(), { authorizations: [bearer.replace('Bearer', 'bearer')] })).toMatchObject({
      ok: true,
    });
    expect(await check(apiKeyRecord(), { authorizations: [`Bearer ${mintKey()}`] })).toMatchObject({
      ok: false,
      fault: { kind: 'unauthorized' },
    });
    expect(await check(apiKeyRecord(), { apiKeys: [key, mintKey()] })).toMatchObject({
      ok: false,
      fault: { kind: 'unauthorized' },
    });
  });

  it('an operator key opens /admin only, and an API key /mcp only', async () => {
    const operator: KeyRecord = {
      kind: 'operator',
      keyId: 'k_op',
      status: 'active',
      display: 'd',
      createdAt: '2026-01-01T00:00:00.000Z',
      scope: { clientId: 'acme' },
    };
    expect(await check(operator)).toMatchObject({ ok: false, fault: { kind: 'forbidden' } });
    expect(await check(operator, { audience: 'admin' })).toEqual({
      ok: true,
      value: { kind: 'operator', keyId: 'k_op', clientId: 'acme' },
    });
    expect(await check(apiKeyRecord(), { audience: 'admin' })).toMatchObject({
      ok: false,
      fault: { kind: 'forbidden' },
    });
  });

  it('crosses to the functions as flat strings and is the same on the other side', async () => {
    const outcome = await check(apiKeyRecord({ limits: { rpm: 5, monthly: 100 } }), {
      query: { org_id: ['a#b'], user_id: ['😀'] },
    });
    if (!outcome.ok) throw new Error('expected a principal');
    const context = toAuthorizerContext(outcome.value);
    for (const value of Object.values(context)) expect(typeof value).toBe('string');
    expect(fromAuthorizerContext({ ...context, principalId: 'x', integrationLatency: '3' })).toEqual(outcome.value);
    expect(() => fromAuthorizerContext({ kind: 'tenant', keyId: 'k' })).toThrow();
  });
});
