/** Looks a provider or a tool up by its name; a miss names the nearest real ones. */
import type { Catalog, CatalogProvider, CatalogTool } from './catalog.ts';
import { toolNamed } from './registry.ts';
import { type Fault, fault } from '../fault.ts';
import { nearest } from '../nearest.ts';
import { fail, ok, type Result } from '../result.ts';

export function findProvider({ providers }: Pick<Catalog, 'providers'>, key: string): Result<CatalogProvider, Fault> {
  const provider = providers.find((candidate) => candidate.key === key);
  return provider === undefined ? fail(noSuchProvider(key, providers, see('list_providers'))) : ok(provider);
}

/**
 * @param known keys, with names where they are at hand.
 * @param otherwise what to do where none is near.
 */
export function noSuchProvider(
  key: string,
  known: readonly { readonly key: string; readonly name?: string }[],
  otherwise: string,
) {
  const names = new Map(known.map((provider) => [provider.key, provider.name]));
  const near = nearest(key, [...names.keys()], (candidate) => names.get(candidate) ?? '');
  return fault('not_found', 'There is no provider of that key.', { next: didYouMean(near, otherwise) });
}

export function findTool(catalog: Catalog, name: string): Result<CatalogTool, Fault> {
  const tool = toolNamed(catalog, name);
  if (tool !== undefined) return ok(tool);
  const near = nearest(
    name,
    catalog.tools.map((candidate) => candidate.name),
  );
  return fail(fault('not_found', 'There is no tool of that name.', { next: didYouMean(near, see('search_tools')) }));
}

function didYouMean(names: readonly string[], otherwise: string): string {
  return names.length === 0 ? otherwise : `Did you mean ${names.join(', ')}?`;
}

function see(tool: string): string {
  return `Use ${tool} to see what there is.`;
}
