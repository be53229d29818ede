/** What the build renders beside the bundle: read once at start, never computed per request. */
import type { Catalog, ToolDefinition } from '../core/catalog.ts';

export interface Manifest {
  readonly version: string;
  readonly catalog: Catalog;
  readonly systemTools: readonly ToolDefinition[];
}

/** The text is our own build's, in the same deployment package; it is trusted as the code is. */
export function readManifest(text: string): Manifest {
  return JSON.parse(text) as Manifest;
}
