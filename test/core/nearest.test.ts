/** Wrong names as models and people write them, and what was meant. One way for tools, providers and knobs. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { findProvider, findTool, noSuchProvider } from '../../core/catalog/find.ts';
import { nearest } from '../../core/nearest.ts';
import { renderCatalog } from '../../providers/render.ts';

const world: { catalog?: Catalog } = {};
beforeAll(async () => {
  world.catalog = await renderCatalog('.');
});
const catalog = (): Catalog => {
  if (world.catalog === undefined) throw new Error('not rendered');
  return world.catalog;
};

const nextOf = (found: ReturnType<typeof findTool> | ReturnType<typeof findProvider>): string =>
  found.ok ? 'found' : found.fault.next;

describe('the nearest name of a tool', () => {
  it.each([
    // A slip of the finger, another spelling.
    ['bitrix24_list_deal', 'bitrix24_list_deals'],
    ['bitrix24_lst_dels', 'bitrix24_list_deals'],
    ['bitrix24.list-deals', 'bitrix24_list_deals'],
    ['BITRIX24_LIST_DEALS', 'bitrix24_list_deals'],
    ['bitrix24_listdeals', 'bitrix24_list_deals'],
    // Without its provider, or in another order.
    ['list_deals', 'bitrix24_list_deals'],
    ['listDeals', 'bitrix24_list_deals'],
    ['deals', 'bitrix24_list_deals'],
    ['bitrix24_deals_list', 'bitrix24_list_deals'],
    ['iiko_orders', 'iiko_list_orders'],
    ['sheets_read_values', 'google_sheets_values_get'],
    ['kommo_list_contacts', 'kommo_find_contacts'],
  ])('for %s is %s', (wrong, meant) => {
    const [first] = nextOf(findTool(catalog(), wrong)).replace('Did you mean ', '').split(/[,?]/);
    expect(first).toBe(meant);
  });

  it.each(['foo', 'x', '', '___', '\u{1F600}', 'send_message'])('is none for %j', (wrong) => {
    expect(nextOf(findTool(catalog(), wrong))).toBe('Use search_tools to see what there is.');
  });

  it('is a real one, and of at most three, for any text at all', () => {
    const names = catalog().tools.map(({ name }) => name);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const found = nearest(text, names);
        return found.length <= 3 && found.every((name) => names.includes(name));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the nearest provider', () => {
  it.each([
    ['bitrix', 'bitrix24'],
    ['Bitrix 24', 'bitrix24'],
    ['google', 'google_sheets'],
    ['googlesheets', 'google_sheets'],
    ['gsheets', 'google_sheets'],
    ['goggle_sheets', 'google_sheets'],
    ['komo', 'kommo'],
    ['iko', 'iiko'],
  ])('for %s is %s, for agents and operators alike', (wrong, meant) => {
    expect(nextOf(findProvider(catalog(), wrong))).toBe(`Did you mean ${meant}?`);
    const keys = catalog().providers.map(({ key }) => ({ key }));
    expect(noSuchProvider(wrong, keys, 'There are some.').next).toBe(`Did you mean ${meant}?`);
  });

  it('is found by what people call it too', () => {
    const known = [{ key: 'acme_crm', name: 'Sales Desk' }, { key: 'other' }];
    expect(noSuchProvider('sales_desk', known, 'None.').next).toBe('Did you mean acme_crm?');
  });

  it.each(['yclients', 'x', 'connections', 'connect-links'])('is none for %s', (wrong) => {
    expect(nextOf(findProvider(catalog(), wrong))).toBe('Use list_providers to see what there is.');
  });
});

describe('the nearest word', () => {
  it.each([
    ['throtle', ['stage', 'throttle', 'tracing'], ['throttle']],
    ['brust', ['requestsPerSecond', 'burst'], ['burst']],
    ['memory', ['memoryMb', 'timeoutSeconds'], ['memoryMb']],
    ['timeout_seconds', ['memoryMb', 'timeoutSeconds'], ['timeoutSeconds']],
    ['qqqqqqqqqq', ['stage', 'throttle'], []],
    ['anything', [], []],
  ])('for %s of %j is %j', (wrong, known, meant) => {
    expect(nearest(wrong, known)).toEqual(meant);
  });
});
