import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { browserPattern, fieldWords, readSubmission, reservedField } from '../../../lambda/connect/form.ts';
import { createConnectApp } from '../../../lambda/connect/app.ts';
import type { CatalogProvider } from '../../../core/catalog/catalog.ts';
import { setUpConnect } from './set-up.ts';

const { deps } = setUpConnect();
const providerOf = (key: string): CatalogProvider => {
  const provider = deps.catalog.providers.find((candidate) => candidate.key === key);
  if (provider === undefined) throw new Error(key);
  return provider;
};
const read = (provider: string, body: string) => readSubmission(new URLSearchParams(body), providerOf(provider));

describe('a form that was sent', () => {
  it('gives the fields of the chosen way and no others, without blanks around them', () => {
    const given = read('shop', 'code=+K7M-2PX+&domain=+acme.shop.example%0A&form_key=fk&extra=1&__proto__=x');
    expect(given?.code).toBe('K7M-2PX');
    expect(given?.values).toEqual({ domain: 'acme.shop.example', form_key: 'fk' });
  });

  it('takes the way it names, and refuses one that does not exist', () => {
    expect(read('desk', 'way=team&team=a&api_key=&api_key=k')?.auth.id).toBe('team');
    expect(read('desk', 'way=token')?.auth.id).toBe('token');
    expect(read('desk', 'way=admin')).toBeUndefined();
  });

  it('finds the way by its fields when none is named', () => {
    expect(read('desk', 'team=a&api_key=k')?.auth.id).toBe('team');
    expect(read('desk', 'api_key=k')?.auth.id).toBe('token');
    expect(read('desk', '')?.auth.id).toBe('token');
  });

  it('keeps the values of ways apart that share the name of a field', () => {
    expect(read('desk', 'way=token&api_key=mine&team=a&api_key=ours')?.values).toEqual({ api_key: 'mine' });
    expect(read('desk', 'way=team&api_key=mine&team=a&api_key=ours')?.values).toEqual({ team: 'a', api_key: 'ours' });
    expect(read('desk', 'way=team&team=a&api_key=ours')?.values).toEqual({ team: 'a', api_key: 'ours' });
  });

  it('is told what is wrong by the name of the field, never by its value', () => {
    const [auth] = providerOf('shop').auth;
    if (auth === undefined) throw new Error('no way');
    const problems = fieldWords(auth, {
      domain: 'http://evil/',
      form_key: 'line\u0007break',
      account_key: 'k'.repeat(4_001),
    });
    expect([...problems]).toEqual([
      ['domain', 'Shop address does not look right. It looks like this: acme.shop.example'],
      ['form_key', 'Form key does not look right. It looks like this: fk_12ab'],
      ['account_key', 'Account key is too long.'],
    ]);
    expect(fieldWords(auth, { domain: 'a.shop.example', form_key: 'f', account_key: 'a' }).size).toBe(0);
    expect([...fieldWords(auth, {}).keys()]).toEqual(['domain', 'form_key', 'account_key']);
  });
});

describe('the names of the page itself', () => {
  it('cannot be taken by a field of a provider', () => {
    const [auth] = providerOf('example').auth;
    if (auth === undefined) throw new Error('no way');
    const clash = {
      ...providerOf('example'),
      auth: [{ ...auth, fields: [{ key: 'code', label: 'Code', secret: true }] }],
    };
    expect(reservedField(clash)).toBe('code');
    expect(() => createConnectApp({ ...deps, catalog: { providers: [clash] } })).toThrow('code');
    expect(deps.catalog.providers.map(reservedField)).toEqual(deps.catalog.providers.map(() => undefined));
  });
});

describe("the browser's own check", () => {
  const patterns = [
    '^tok_[a-z0-9]+$',
    '^[a-z]+\\.shop\\.example$',
    '^\\d{3}-\\d{4}$',
    '^(a|b)$',
    '^a|b$',
    'x',
    '^[a-z-]+$',
    '^a\\$',
  ];

  it('never refuses what the server takes', () => {
    for (const pattern of patterns) {
      const known = browserPattern(pattern);
      if (known === undefined) continue;
      const browser = new RegExp(`^(?:${known})$`, 'v');
      fc.assert(
        fc.property(fc.stringMatching(new RegExp(pattern)), (value) => {
          fc.pre(new RegExp(pattern).test(value.trim()));
          expect(browser.test(value)).toBe(true);
          expect(browser.test(` ${value}  `)).toBe(true);
        }),
        { numRuns: 50 },
      );
    }
  });

  it('is left out where a browser would read the pattern in another way', () => {
    expect(patterns.map((pattern) => browserPattern(pattern) !== undefined)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(browserPattern(undefined)).toBeUndefined();
  });
});
