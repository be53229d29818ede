/**
 * Renders what functions read at start: catalogue, system tools, version; and the providers for the pages. The one place under lib/ that
 * imports providers/ and the tools: they are inputs of the build, not of the stacks.
 */
import { join } from 'node:path';
import { skillEntry } from '@modelcontextprotocol/server/ext/skills';
import type { Catalog } from '../../core/catalog/catalog.ts';
import type { ConnectManifest } from '../../lambda/connect/manifest.ts';
import type { Manifest, SkillFile } from '../../lambda/mcp/request/manifest.ts';
import { renderSystemTools } from '../../lambda/mcp/tools/index.ts';
import { renderSearchIndex } from '../../core/catalog/search.ts';
import { renderCatalog } from '../../providers/render.ts';
import { VERSION } from '../project.ts';
import { replaceFile } from './replace-file.ts';

/** Writes the manifests of the MCP and the connect function below `root`. Throws when a provider cannot be rendered. */
export async function writeManifest(root: string): Promise<{ readonly version: string; readonly tools: number }> {
  const catalog = await renderCatalog(root);
  const manifest: Manifest = {
    version: VERSION,
    catalog,
    systemTools: renderSystemTools(),
    skills: await renderSkills(catalog),
    search: renderSearchIndex(catalog),
  };
  await replaceFile(join(root, 'dist', 'lambda', 'mcp', 'manifest.json'), JSON.stringify(manifest));
  // Texts for the model are of no use on a page.
  const providers = catalog.providers.map((provider) => ({ ...provider, categories: [] }));
  const pages: ConnectManifest = { providers };
  await replaceFile(join(root, 'dist', 'lambda', 'connect', 'manifest.json'), JSON.stringify(pages));
  return { version: catalog.version, tools: catalog.tools.length };
}

/** One skill per provider and category: the text with the front matter that the Skills extension asks for. */
export async function renderSkills(catalog: Catalog): Promise<readonly SkillFile[]> {
  const skills = catalog.providers.flatMap((provider) =>
    provider.categories.map(async (category): Promise<SkillFile> => {
      const name = `${provider.key}-${category.key}`.replaceAll('_', '-');
      const title = `${provider.name}: ${category.title}`;
      const description = `How to work with ${provider.name} ${category.title}: ${category.purpose}`;
      const text = `---\nname: ${name}\ndescription: ${JSON.stringify(description)}\n---\n\n${category.skill}\n`;
      return { provider: provider.key, title, description, text, entry: await skillEntry(name, { 'SKILL.md': text }) };
    }),
  );
  return Promise.all(skills);
}
