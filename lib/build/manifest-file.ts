/**
 * Renders what the MCP function reads at start: catalogue, system tools, version. The one place under lib/ that
 * imports providers/ and the tools: they are inputs of the build, not of the stacks.
 */
import { join } from 'node:path';
import type { Manifest } from '../../lambda/mcp/manifest.ts';
import { renderSystemTools } from '../../lambda/mcp/system-tools/index.ts';
import { renderCatalog } from '../../providers/render.ts';
import { VERSION } from '../project.ts';
import { replaceFile } from './replace-file.ts';

/** Writes `dist/lambda/mcp/manifest.json` below `root`. Throws when a provider cannot be rendered. */
export async function writeManifest(root: string): Promise<{ readonly version: string; readonly tools: number }> {
  const catalog = await renderCatalog(root);
  const manifest: Manifest = { version: VERSION, catalog, systemTools: renderSystemTools() };
  await replaceFile(join(root, 'dist', 'lambda', 'mcp', 'manifest.json'), JSON.stringify(manifest));
  return { version: catalog.version, tools: catalog.tools.length };
}
