/**
 * Which tools a request is shown: a pure function of the catalogue, the URL's flags and the tenant's connections.
 * It never depends on earlier calls (MCP 2026-07-28, tools: lists do not vary as a side effect). What does not depend
 * on the request is made once per catalogue.
 */
import type { Catalog, CatalogProvider, CatalogTool, ToolDefinition } from './catalog.ts';
import type { Connection } from '../vault/connection.ts';
import type { JsonObject } from '../json.ts';

export interface ListFlags {
  /** Every tool of every connected provider, instead of its core categories. */
  readonly fullCatalog: boolean;
  /** System tools only; wins over `fullCatalog`. */
  readonly systemOnly: boolean;
}

type NamedConnection = Pick<Connection, 'provider' | 'name'>;

interface Registry {
  readonly byName: ReadonlyMap<string, CatalogTool>;
  /** `{provider}/{category}` of what is listed at once. */
  readonly core: ReadonlySet<string>;
  /** Tools of a set of providers, in the catalogue's order. */
  readonly lists: Map<string, readonly CatalogTool[]>;
}

const REGISTRIES = new WeakMap<Catalog, Registry>();
/** Sets of connected providers that are remembered; beyond them the memory starts over. */
const MOST_LISTS = 500;

function registryOf(catalog: Catalog): Registry {
  const known = REGISTRIES.get(catalog);
  if (known !== undefined) return known;
  const registry: Registry = {
    byName: new Map(catalog.tools.map((tool) => [tool.name, tool])),
    core: new Set(
      catalog.providers.flatMap(({ key, categories }) =>
        categories.filter((category) => category.core).map((category) => `${key}/${category.key}`),
      ),
    ),
    lists: new Map(),
  };
  REGISTRIES.set(catalog, registry);
  return registry;
}

export function toolNamed(catalog: Catalog, name: string): CatalogTool | undefined {
  return registryOf(catalog).byName.get(name);
}

export function providerOf(catalog: Catalog, tool: CatalogTool): CatalogProvider {
  const provider = catalog.providers.find(({ key }) => key === tool.provider);
  if (provider === undefined) throw new TypeError(`the catalogue has ${tool.name} without its provider`);
  return provider;
}

export function visibleTools(
  catalog: Catalog,
  flags: ListFlags,
  connections: readonly NamedConnection[],
): readonly ToolDefinition[] {
  if (flags.systemOnly) return [];
  const accounts = groupByProvider(connections);
  const tools = toolsOf(catalog, [...accounts.keys()], flags.fullCatalog);
  return withConnections(tools, accounts);
}

function toolsOf(catalog: Catalog, providers: readonly string[], all: boolean): readonly CatalogTool[] {
  const { lists, core } = registryOf(catalog);
  const key = JSON.stringify([all, ...providers.toSorted()]);
  const known = lists.get(key);
  if (known !== undefined) return known;
  const connected = new Set(providers);
  const wanted = catalog.tools.filter(
    ({ provider, category }) => connected.has(provider) && (all || core.has(`${provider}/${category}`)),
  );
  const list = all ? wanted : wanted.map(withoutOutputSchema);
  if (lists.size >= MOST_LISTS) lists.clear();
  lists.set(key, list);
  return list;
}

/** Without its output schema, which serves programs that take the full catalogue and costs a model context. */
export function withoutOutputSchema(tool: CatalogTool): CatalogTool {
  const { outputSchema: _output, ...definition } = tool.definition;
  return { ...tool, definition };
}

/**
 * With several accounts of one provider its tools take an optional `connection`. The first tool of the list names the
 * accounts and the others refer to it, so that the names are there once, however many tools and accounts there are.
 */
export function withConnections(
  tools: readonly CatalogTool[],
  accounts: ReadonlyMap<string, readonly NamedConnection[]>,
): readonly ToolDefinition[] {
  const naming = new Map<string, string>();
  return tools.map(({ provider, name, definition }) => {
    const own = accounts.get(provider) ?? [];
    if (own.length < 2) return definition;
    const first = naming.get(provider);
    if (first === undefined) naming.set(provider, name);
    return withConnection(definition, own, first);
  });
}

function withConnection(
  definition: ToolDefinition,
  accounts: readonly NamedConnection[],
  first: string | undefined,
): ToolDefinition {
  const names = { enum: accounts.map(({ name }) => name).toSorted(), description: 'Which account; default: the first' };
  const said = first === undefined ? names : { description: `Which account, as in ${first}; default: the first` };
  const connection = { type: 'string', ...said };
  const properties = definition.inputSchema['properties'] as JsonObject;
  return { ...definition, inputSchema: { ...definition.inputSchema, properties: { ...properties, connection } } };
}

export function groupByProvider<T extends { readonly provider: string }>(
  rows: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.provider);
    if (group === undefined) groups.set(row.provider, [row]);
    else group.push(row);
  }
  return groups;
}
