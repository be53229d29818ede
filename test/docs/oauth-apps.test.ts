/** docs/oauth-apps.md against the contract of the admin API and the levels there are. */
import { describe, expect, it } from '@jest/globals';
import { CONTRACT } from '../../lambda/admin/contract.ts';
import type { Endpoint } from '../../lambda/admin/resource/endpoint.ts';
import { APP_ENDPOINTS } from '../../lambda/admin/oauth-apps/contract.ts';
import { CONNECTION_ENDPOINTS } from '../../lambda/admin/connections/contract.ts';
import { SETTINGS_ENDPOINTS } from '../../lambda/admin/settings/contract.ts';
import { consentAuth } from '../../core/oauth/app-admin.ts';
import { redirectUriOf } from '../../core/oauth/app.ts';
import { APP_LEVELS } from '../../core/vault/app-owner.ts';
import { loadProvider, PROVIDERS } from '../../providers/index.ts';
import { codeSpans, readPage, section, tableRows } from './markdown.ts';

const page = readPage('docs/oauth-apps.md');

describe('docs/oauth-apps.md', () => {
  it('names every endpoint it is about, and no other', () => {
    const told = tableRows(section(page, 'Over HTTP')).flatMap(([cell = '']) => {
      let methods: string[] = [];
      return codeSpans(cell).flatMap((span) => {
        const [, method = '', path] = /^([A-Z]+)(?: \/admin\/v1(\S+))?$/.exec(span) ?? [];
        methods.push(method);
        if (path === undefined) return [];
        const named = methods.map((one) => `${one} ${path}`);
        methods = [];
        return named;
      });
    });
    const about = { ...APP_ENDPOINTS, ...SETTINGS_ENDPOINTS, ...CONNECTION_ENDPOINTS };
    const real = Object.values<Endpoint>(about).map(({ method, path }) => `${method} ${path}`);
    expect(told.toSorted()).toEqual(real.toSorted());
    expect(Object.keys(CONTRACT)).toEqual(expect.arrayContaining(Object.keys(about)));
  });

  it('names the levels of an app, the most specific first', () => {
    const levels = tableRows(section(page, 'Whose app')).map(([level]) => level);
    expect(levels).toEqual(APP_LEVELS.map((level) => (level === 'org' ? 'organization' : level)));
  });

  it('says how to register an app for every provider with consent', async () => {
    const told = section(page, 'At the vendor');
    const all = [];
    for (const key of Object.keys(PROVIDERS)) all.push(await loadProvider(key));
    const withConsent = all.filter((provider) => consentAuth(provider) !== undefined);
    const headings = [...told.matchAll(/^### `(\w+)`$/gm)].map(([, key = '']) => key);
    expect(headings.toSorted()).toEqual(withConsent.map(({ key }) => key).toSorted());
    for (const provider of withConsent) {
      const scopes = consentAuth(provider)?.scopes;
      const asked = [...(scopes?.default ?? []), ...(scopes?.optional ?? []).map(({ scope }) => scope)];
      expect(codeSpans(told)).toEqual(expect.arrayContaining(asked));
    }
  });

  it('says where the redirect address ends', () => {
    expect(section(page, 'In three steps')).toContain(`\`${redirectUriOf('')}\``);
  });
});
