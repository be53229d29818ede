/** What the build renders beside the bundle: the providers as the pages show them, without their tools. */
import type { CatalogProvider } from '../../core/catalog/catalog.ts';

export interface ConnectManifest {
  readonly providers: readonly CatalogProvider[];
}

/** The text is our own build's, in the same deployment package; it is trusted as the code is. */
export function readConnectManifest(text: string): ConnectManifest {
  return JSON.parse(text) as ConnectManifest;
}
