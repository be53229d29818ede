/**
 * Ranked text search over the catalogue. A tool is found by its
 * name, title, description, category, what its category's skill says of it, and everyday words for its name. The index
 * is made by the build, and read on the first search, not at start.
 */
import MiniSearch, { type AsPlainObject, type Options } from 'minisearch';
import type { Catalog, CatalogTool } from './catalog.ts';
import { onlyAsks, saidFor, SEVERAL, speaksOfSeveral, terms } from './search-words.ts';

export interface CatalogSearch {
  /** Names of tools, best first. */
  tools(query: string, accept: (tool: string) => boolean, limit: number): readonly string[];
}

/** How much a word counts by where it stands. */
const WEIGHTS = { name: 3, title: 2, said: 2, description: 1, skill: 0.6, category: 0.5 } as const;

const INDEX: Options = {
  fields: Object.keys(WEIGHTS),
  tokenize: (text) => text.split(' '),
  processTerm: (term) => (term === '' ? null : term),
};

/** An index as JSON. It belongs to one catalogue. */
export type SearchIndex = AsPlainObject;

/** For the build: making it takes 10 ms for 50 tools in a fresh process, reading it 2 ms. */
export function renderSearchIndex(catalog: Catalog): SearchIndex {
  const index = new MiniSearch(INDEX);
  const describe = describeTools(catalog);
  for (const tool of catalog.tools) {
    const fields = Object.entries(describe(tool)).map(([field, words]) => [field, words.join(' ')]);
    index.add({ id: tool.name, ...Object.fromEntries(fields) });
  }
  return index.toJSON();
}

/** @param rendered the index of this catalogue; made on the first search when it is left out. */
export function createSearch(catalog: Catalog, rendered?: SearchIndex): CatalogSearch {
  const index = once(() => readIndex(rendered ?? renderSearchIndex(catalog)));
  return {
    tools: (query, accept, limit) => index().search(query, accept).slice(0, limit),
  };
}

interface ToolIndex {
  search(query: string, accept: (tool: string) => boolean): readonly string[];
}

function readIndex(rendered: SearchIndex): ToolIndex {
  const index = MiniSearch.loadJS(rendered, INDEX);
  const known = new Set(rendered.index.map(([term]) => term));
  const isKnown = (term: string): boolean => known.has(term);
  return {
    search: (query, accept) =>
      index
        .search([...new Set(withNumber(query))].join(' '), {
          boost: WEIGHTS,
          // Only a word that stands nowhere may be a beginning or a slip of the finger.
          prefix: (term) => term.length > 2 && !isKnown(term),
          fuzzy: (term) => (term.length > 3 && !isKnown(term) ? 0.25 : false),
          filter: ({ id, queryTerms }) => !queryTerms.every(onlyAsks) && accept(String(id)),
        })
        .map(({ id }) => String(id)),
  };
}

type Described = (tool: CatalogTool) => Readonly<Record<keyof typeof WEIGHTS, readonly string[]>>;

function describeTools(catalog: Catalog): Described {
  const categories = new Map(
    catalog.providers.flatMap((provider) =>
      provider.categories.map(({ key, title, purpose, skill }) => {
        const words = terms(`${provider.name} ${title} ${purpose}`);
        return [`${provider.key}/${key}`, { words, sentences: skill.split(/(?<=[.;:])\s+|\n(?=[#-])/) }] as const;
      }),
    ),
  );
  return ({ name, provider, category, definition: { title, description } }) => {
    const own = name.slice(provider.length + 1);
    const called = [...terms(spaced(own)), ...terms(title)];
    const { words = [], sentences = [] } = categories.get(`${provider}/${category}`) ?? {};
    const aboutIt = sentences.filter((sentence) => sentence.includes(`\`${own}\``) || sentence.includes(`\`${name}\``));
    return {
      name: withNumber(spaced(own)),
      title: terms(title),
      said: saidFor(called),
      description: terms(description),
      skill: terms(aboutIt.join(' ')),
      category: words,
    };
  };
}

/** Asked for "leads", a tool for several is meant rather than one for one lead. */
function withNumber(text: string): readonly string[] {
  return speaksOfSeveral(text) ? [...terms(text), SEVERAL] : terms(text);
}

const spaced = (name: string): string => name.replaceAll('_', ' ');

/** Makes it when it is first asked for, and keeps it. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
