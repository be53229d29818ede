/**
 * Renders the provider catalogue that the MCP bundle includes. The one place under lib/ that imports providers/:
 * the catalogue is an input of the build, not of the stacks.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './replace-file.ts';

/** Writes `dist/catalog.json` below `root`. Throws when a provider cannot be rendered. */
export async function writeCatalog(root: string): Promise<{ readonly version: string; readonly tools: number }> {
  const { renderCatalog } = await import('../../providers/render.ts');
  const catalog = await renderCatalog(root);
  await mkdir(join(root, 'dist'), { recursive: true });
  await replaceFile(join(root, 'dist', 'catalog.json'), JSON.stringify(catalog));
  return { version: catalog.version, tools: catalog.tools.length };
}
