/** What one HTTP request to `/mcp` runs with. Made in `app.ts`; nothing in it outlives the request. */
import type { CallDeps, Caller } from '../core/call-tool.ts';
import type { ToolDefinition } from '../core/catalog.ts';
import type { ListFlags } from '../core/registry.ts';
import type { CatalogSearch } from '../core/search.ts';
import type { KeyMeter } from '../core/usage.ts';

export interface McpDeps extends CallDeps {
  readonly meter: KeyMeter;
  readonly search: CatalogSearch;
  /** Rendered at build time. */
  readonly systemTools: readonly ToolDefinition[];
  readonly version: string;
}

export interface Session extends Caller {
  readonly deps: McpDeps;
  readonly flags: ListFlags;
}
