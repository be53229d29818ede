/** Ranked text search over the catalogue, and the nearest names to one that does not exist. No I/O. */
import MiniSearch from 'minisearch';
import type { Catalog } from './catalog.ts';

export interface CatalogSearch {
  /** Names of tools, best first. */
  tools(query: string, accept: (tool: string) => boolean, limit: number): readonly string[];
  /** Up to three tools whose names are closest. */
  nearestTools(name: string): readonly string[];
  /** Up to three provider keys that are closest. */
  nearestProviders(name: string): readonly string[];
}

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

export function createSearch(catalog: Catalog): CatalogSearch {
  const categories = new Map(
    catalog.providers.flatMap(({ key, name, categories: list }) =>
      list.map((category) => [`${key}/${category.key}`, `${name} ${category.title} ${category.purpose}`] as const),
    ),
  );
  const index = new MiniSearch({
    fields: ['name', 'title', 'description', 'category'],
    tokenize: words,
    processTerm: stem,
  });
  index.addAll(
    catalog.tools.map(({ name, provider, category, definition }) => ({
      id: name,
      name: name.slice(provider.length + 1),
      title: definition.title,
      description: definition.description,
      category: categories.get(`${provider}/${category}`) ?? '',
    })),
  );
  const names = new MiniSearch({ fields: ['name'], tokenize: words });
  names.addAll(catalog.tools.map(({ name }) => ({ id: name, name: name.replaceAll('_', ' ') })));
  const providers = new MiniSearch({ fields: ['name'], tokenize: words });
  providers.addAll(
    catalog.providers.map(({ key, name }) => ({ id: key, name: `${key.replaceAll('_', ' ')} ${name}` })),
  );

  return {
    tools: (query, accept, limit) =>
      index
        .search(query, {
          boost: { name: 3, title: 2, category: 0.5 },
          prefix: (term) => term.length > 2,
          fuzzy: (term) => (term.length > 4 ? 0.2 : false),
          filter: ({ id }) => accept(String(id)),
        })
        .slice(0, limit)
        .map(({ id }) => String(id)),
    nearestTools: (name) => nearest(names, name),
    nearestProviders: (name) => nearest(providers, name),
  };
}

function nearest(index: MiniSearch, name: string): readonly string[] {
  return index
    .search(words(name.slice(0, 100).replaceAll('_', ' ')).join(' '), { prefix: true, fuzzy: 0.4 })
    .slice(0, 3)
    .map(({ id }) => String(id));
}

/** Enough English to match "deals" with "deal"; a stemming library would cost more than it finds here. */
function stem(term: string): string {
  return term.length > 3 ? term.replace(/(?<=[^s])s$/, '') : term;
}
