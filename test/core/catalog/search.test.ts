/** The search over what ships, asked as people ask. The requests were written before the ranking. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { createSearch, renderSearchIndex, type CatalogSearch, type SearchIndex } from '../../../core/catalog/search.ts';
import { renderCatalog } from '../../../providers/render.ts';

interface Request {
  readonly ask: string;
  readonly accept: readonly string[];
}

const FIRST = 3;
const any = (): boolean => true;
/** The person who asks has Bitrix24 connected. */
const connected = (name: string): boolean => name.startsWith('bitrix24_');

let catalog: Catalog;
let search: CatalogSearch;
beforeAll(async () => {
  catalog = await renderCatalog('.');
  // As in production: rendered by the build, read back from JSON.
  search = createSearch(catalog, JSON.parse(JSON.stringify(renderSearchIndex(catalog))) as SearchIndex);
});

async function requestsOf(file: string): Promise<readonly Request[]> {
  const { requests } = JSON.parse(await readFile(`test/core/catalog/${file}.json`, 'utf8')) as { requests: Request[] };
  return requests;
}

/** The requests whose tool is not among the first three, each with what was found instead. */
function misses(requests: readonly Request[]): readonly string[] {
  return requests.flatMap(({ ask, accept }) => {
    const found = search.tools(ask, connected, FIRST);
    return found.some((name) => accept.includes(name)) ? [] : [`${ask} -> ${found.join(', ') || 'nothing'}`];
  });
}

async function score(file: string): Promise<number> {
  const requests = await requestsOf(file);
  const missed = misses(requests);
  const found = requests.length - missed.length;
  process.stdout.write(`${file}: ${found} of ${requests.length} in the first ${FIRST}\n`);
  for (const miss of missed) process.stdout.write(`  missed: ${miss}\n`);
  return found;
}

describe('plain-language requests', () => {
  it('names only tools that exist, and asks each thing once', async () => {
    const names = new Set(catalog.tools.map(({ name }) => name));
    const requests = [...(await requestsOf('requests')), ...(await requestsOf('held-out'))];
    expect(requests).toHaveLength(50);
    expect(new Set(requests.map(({ ask }) => ask)).size).toBe(50);
    expect(requests.flatMap(({ accept }) => accept).filter((name) => !names.has(name))).toEqual([]);
    for (const { ask, accept } of requests) {
      expect([ask, accept.length > 0 && accept.length <= 2]).toEqual([ask, true]);
      expect(ask).not.toMatch(/_/);
    }
  });

  it('find the right tool in the first three for at least 36 of 40', async () => {
    expect(await score('requests')).toBeGreaterThanOrEqual(36);
  });

  it('find it for most of the ten that the ranking was not made with', async () => {
    expect(await score('held-out')).toBeGreaterThanOrEqual(8);
  });
});

describe('the index', () => {
  it('ranks the same whether it was rendered by the build or made here', async () => {
    const made = createSearch(catalog);
    for (const { ask } of await requestsOf('requests'))
      expect(made.tools(ask, any, 10)).toEqual(search.tools(ask, any, 10));
  });

  it('adds less than 700 bytes per tool to the manifest', () => {
    expect(JSON.stringify(renderSearchIndex(catalog)).length / catalog.tools.length).toBeLessThan(700);
  });

  it('knows every tool by its own title', () => {
    for (const { name, definition } of catalog.tools)
      expect(search.tools(definition.title, any, FIRST)).toContain(name);
  });

  it('forgives a slip of the finger, and takes the beginning of a word', () => {
    expect(search.tools('dapartments', any, FIRST)).toContain('bitrix24_list_departments');
    expect(search.tools('estim', any, FIRST)).toContain('bitrix24_list_estimates');
  });

  it('finds nothing for words that say nothing, and never what is not accepted', () => {
    expect(search.tools('could you please', any, FIRST)).toEqual([]);
    expect(search.tools('', any, FIRST)).toEqual([]);
    expect(search.tools('deals', (name) => name === 'bitrix24_list_leads', FIRST)).toEqual([]);
    expect(search.tools('deals', any, 2)).toHaveLength(2);
  });

  it('answers any text at all', () => {
    const names = new Set(catalog.tools.map(({ name }) => name));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        return search.tools(text, any, 25).every((name) => names.has(name));
      }),
      { numRuns: 300 },
    );
  });
});
