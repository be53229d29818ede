/**
 * Which tools a request is shown: a pure function of the catalogue, the URL's flags and the tenant's connections.
 * It never depends on earlier calls (MCP 2026-07-28, tools: lists do not vary as a side effect). No I/O.
 */
import type { Catalog, CatalogTool, ToolDefinition } from './catalog.ts';
import type { Connection } from './connection.ts';
import type { JsonObject } from './json.ts';

export interface ListFlags {
  /** Every tool of every connected provider, instead of its core categories. */
  readonly fullCatalog: boolean;
  /** System tools only; wins over `fullCatalog`. */
  readonly systemOnly: boolean;
}

type Account = Pick<Connection, 'provider' | 'name'>;

export function visibleTools(
  catalog: Catalog,
  flags: ListFlags,
  connections: readonly Account[],
): readonly ToolDefinition[] {
  if (flags.systemOnly) return [];
  const accounts = groupByProvider(connections);
  const core = new Set(
    catalog.providers.flatMap(({ key, categories }) =>
      categories.filter((category) => category.core).map((category) => `${key}/${category.key}`),
    ),
  );
  return catalog.tools
    .filter(
      (tool) => accounts.has(tool.provider) && (flags.fullCatalog || core.has(`${tool.provider}/${tool.category}`)),
    )
    .map((tool) => withConnection(tool, accounts.get(tool.provider) ?? []));
}

/** With several accounts of one provider its tools take an optional `connection`. */
export function withConnection({ definition }: CatalogTool, accounts: readonly Account[]): ToolDefinition {
  if (accounts.length < 2) return definition;
  const connection = {
    type: 'string',
    enum: accounts.map(({ name }) => name).toSorted(),
    description: 'Which account; the first connected one when left out',
  };
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
