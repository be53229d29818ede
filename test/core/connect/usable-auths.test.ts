import { describe, expect, it } from '@jest/globals';
import type { CatalogAuth } from '../../../core/catalog/catalog.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { usableAuths } from '../../../core/connect/usable-auths.ts';
import { fakeApps } from '../../fakes/oauth-ports.ts';

const token: CatalogAuth = { id: 'token', kind: 'api_key', label: 'Token', fields: [] };
const consent: CatalogAuth = { id: 'oauth', kind: 'oauth2', label: 'Sign in', fields: [] };
const tenant = tenantId({ client: 'acme', org: 'o1', user: 'u' });
const ofClient = { level: 'client', client: 'acme', provider: 'p', clientId: 'a' } as const;

const auths = async (
  auth: readonly CatalogAuth[],
  rows: Parameters<typeof fakeApps>[0],
  org_app: 'fall_back' | 'refuse' = 'fall_back',
) => {
  const found = await usableAuths({ apps: fakeApps(rows), policy: async () => org_app }, tenant, {
    key: 'p',
    auth,
  });
  return found.map(({ id }) => id);
};

describe('the ways of signing in that can be used', () => {
  it('are all where there is an OAuth app, and those without consent where there is none', async () => {
    expect(await auths([token, consent], [ofClient])).toEqual(['token', 'oauth']);
    expect(await auths([token, consent], [])).toEqual(['token']);
    expect(await auths([consent], [])).toEqual([]);
    expect(await auths([consent], [{ ...ofClient, provider: 'other' }])).toEqual([]);
  });

  it("need the organization's own app where the policy says so", async () => {
    expect(await auths([consent], [ofClient], 'refuse')).toEqual([]);
    expect(await auths([consent], [{ ...ofClient, level: 'org', org: 'o1' }], 'refuse')).toEqual(['oauth']);
  });

  it('ask nobody where the provider offers no consent', async () => {
    const nobody = {
      apps: { list: () => Promise.reject(new Error('asked')) },
      policy: () => Promise.reject(new Error('asked')),
    };
    expect(await usableAuths(nobody, tenant, { key: 'p', auth: [token] })).toEqual([token]);
  });
});
