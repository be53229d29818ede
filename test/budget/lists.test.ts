import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { toolNamed, visibleTools } from '../../core/catalog/registry.ts';
import { catalogOfTwo } from './first-contact.ts';

const [ONE, TWO] = [
  { provider: 'bitrix24', name: 'default' },
  { provider: 'zzzzzz24', name: 'default' },
];
const CORE = { fullCatalog: false, systemOnly: false };

let catalog: Catalog;
beforeAll(async () => {
  catalog = await catalogOfTwo();
});

const providersOf = (accounts: readonly { provider: string; name: string }[], flags = CORE) =>
  new Set(visibleTools(catalog, flags, accounts).map(({ name }) => name.split('_')[0]));

describe('a list of tools', () => {
  it('holds the tools of the connected providers and of no other, whoever asked before', () => {
    for (let round = 0; round < 2; round += 1) {
      expect([...providersOf([ONE, TWO])]).toEqual(['bitrix24', 'zzzzzz24']);
      expect([...providersOf([ONE])]).toEqual(['bitrix24']);
      expect([...providersOf([TWO])]).toEqual(['zzzzzz24']);
      expect([...providersOf([])]).toEqual([]);
      expect([...providersOf([ONE], { fullCatalog: true, systemOnly: true })]).toEqual([]);
    }
  });

  it('is the same in whatever order the accounts were connected', () => {
    expect(visibleTools(catalog, CORE, [TWO, ONE])).toEqual(visibleTools(catalog, CORE, [ONE, TWO]));
  });

  it('names the accounts of this tenant only', () => {
    const work = { provider: 'bitrix24', name: 'work' };
    const chooses = (accounts: readonly (typeof ONE)[]) =>
      visibleTools(catalog, CORE, accounts).filter(({ inputSchema }) => JSON.stringify(inputSchema).includes('"work"'));
    // Once, in the first tool of the list: with a thousand accounts the other tools stay as short as with two.
    expect(chooses([ONE, work])).toHaveLength(1);
    expect(chooses([ONE])).toEqual([]);
  });

  it('is remembered for a bounded number of sets of providers', () => {
    for (let i = 0; i < 1_200; i += 1) visibleTools(catalog, CORE, [ONE, { provider: `p${i}`, name: 'default' }]);
    expect([...providersOf([ONE, { provider: 'p7', name: 'default' }])]).toEqual(['bitrix24']);
  });
});

describe('a tool', () => {
  it('is found by its whole name only', () => {
    expect(toolNamed(catalog, 'bitrix24_get_deal')?.category).toBe('crm_deals');
    for (const name of ['get_deal', 'BITRIX24_GET_DEAL', 'constructor', '__proto__', ''])
      expect([name, toolNamed(catalog, name)]).toEqual([name, undefined]);
  });
});
