/** Asking for a connect link: one act for every edge, which says what came of it and leaves the words to them. */
import { describe, expect, it } from '@jest/globals';
import { missingAppMessage, requestLink, type RequestLinkDeps } from '../../../core/connect/issue-link.ts';
import { ClientSettings } from '../../../core/tenant/settings.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { fakeApps, type AppRow } from '../../fakes/oauth-ports.ts';
import { fakeTicketWriter } from '../../fakes/stores.ts';

const NOW = Date.UTC(2026, 10, 22);
const parts = { client: 'acme', org: 'jsm', user: 'ann' };
const consent = { id: 'oauth', kind: 'oauth2', label: 'Sign in', fields: [] } as const;
const token = { id: 'token', kind: 'api_key', label: 'Token', fields: [] } as const;
const OF_CLIENT: AppRow = { level: 'client', client: 'acme', provider: 'p', clientId: 'a' };

function setUp({ apps = [], ...set }: { apps?: AppRow[]; return_urls?: string[]; org_app?: 'refuse' } = {}) {
  const links = fakeTicketWriter();
  const client = ClientSettings.parse(set);
  const deps: RequestLinkDeps = {
    links,
    clock: () => NOW,
    settings: { find: async () => ({ client }) },
    oauthApps: fakeApps(apps),
  };
  const ask = (
    auth: readonly (typeof consent | typeof token)[],
    more: { org?: undefined; returnUrl?: string } = {},
  ) => {
    const whose = { ...parts, ...more };
    const request = { ...whose, tenant: tenantId(whose), provider: { key: 'p', auth }, connection: 'work' };
    return requestLink(deps, request, 'https://gateway.test');
  };
  return { ask, links };
}

describe('a link that is asked for', () => {
  it('is for the tenant, the account and the address that were named', async () => {
    const { ask, links } = setUp({ return_urls: ['https://app.example.com/done'] });
    const returnUrl = 'https://app.example.com/done?x=1';
    expect(await ask([token], { returnUrl })).toMatchObject({ kind: 'issued', link: { code: expect.any(String) } });
    const request = { ...parts, tenant: tenantId(parts), provider: 'p', connection: 'work', returnUrl };
    expect([...links.rows.values()]).toMatchObject([request]);
  });

  it('is not made to lead to an address that the client does not allow', async () => {
    const { ask, links } = setUp();
    expect(await ask([token], { returnUrl: 'https://evil.example/' })).toEqual({ kind: 'return_refused' });
    expect(links.rows.size).toBe(0);
  });

  it('is not made where consent is the only way and has no app to ask with', async () => {
    const { ask, links } = setUp();
    expect(await ask([consent])).toEqual({ kind: 'no_app', missing: { own: false } });
    expect(links.rows.size).toBe(0);
    expect(await ask([consent, token])).toMatchObject({ kind: 'issued' });
    expect(await setUp({ apps: [OF_CLIENT] }).ask([consent])).toMatchObject({ kind: 'issued' });
  });

  it("needs the organization's own app where its client lets it use no other", async () => {
    const { ask } = setUp({ apps: [OF_CLIENT], org_app: 'refuse' });
    expect(await ask([consent])).toEqual({ kind: 'no_app', missing: { own: true } });
    expect(await ask([consent], { org: undefined })).toMatchObject({ kind: 'issued' });
    expect(missingAppMessage('P', { own: true })).toContain('an app of its own');
  });
});
