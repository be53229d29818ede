/** Looks a provider up by key; a miss names the nearest real ones. No I/O. */
import type { Catalog, CatalogProvider } from './catalog.ts';
import { fault } from '../provider/classify.ts';
import type { Fault } from '../errors.ts';
import { fail, ok, type Result } from '../result.ts';
import type { CatalogSearch } from './search.ts';

interface Known {
  readonly catalog: Pick<Catalog, 'providers'>;
  readonly search: Pick<CatalogSearch, 'nearestProviders'>;
}

export function findProvider({ catalog, search }: Known, key: string): Result<CatalogProvider, Fault> {
  const provider = catalog.providers.find((candidate) => candidate.key === key);
  if (provider !== undefined) return ok(provider);
  return fail(
    fault('not_found', 'There is no provider of that key.', {
      next: didYouMean(search.nearestProviders(key), 'list_providers'),
    }),
  );
}

/** `Did you mean a, b?` or, where nothing is near, what lists them. */
export function didYouMean(names: readonly string[], otherwise: string): string {
  return names.length === 0 ? `Use ${otherwise} to see what there is.` : `Did you mean ${names.join(', ')}?`;
}
