/** `providers list`: what the sources of this checkout offer, whatever is deployed. */
import type { Command } from 'commander';
import { printJson, type Io } from '../terminal/io.ts';
import { group, withExample, type ServerOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';

const COLUMNS = [
  { title: 'KEY' },
  { title: 'NAME', cut: true },
  { title: 'SIGN-IN', cut: true },
  { title: 'CATEGORIES', cut: true },
  { title: 'TOOLS' },
  { title: 'LEVEL' },
];

export function addProviders(program: Command, io: Io): void {
  const providers = group(program, 'providers', 'the catalogue of providers', 'providers list');

  withExample(providers.command('list'), 'providers list --json')
    .description('list providers with their categories and tools')
    .action(async ({ json }: ServerOptions) => {
      // Loaded here: no other command needs the providers' code.
      const { renderCatalog } = await import('../../providers/render.ts');
      const catalog = await renderCatalog(io.root);
      const rows = catalog.providers.map(({ key, name, source, verified, level, auth, categories }) => ({
        key,
        name,
        source,
        verified,
        level,
        auth,
        categories: categories.map((category) => ({ key: category.key, core: category.core })),
        tools: catalog.tools
          .filter((tool) => tool.provider === key)
          .map((tool) => ({ name: tool.name, category: tool.category, access: tool.access })),
      }));
      if (json === true) return printJson(io, rows);
      const shown = rows.map((row) => [
        row.key,
        row.name,
        row.auth.map(({ id }) => id).join(', '),
        row.categories.map(({ key, core }) => (core ? `${key}*` : key)).join(', '),
        String(row.tools.length),
        row.level,
      ]);
      io.out(table(COLUMNS, shown));
      io.out('\n* listed as soon as the provider is connected\n');
      io.out("unverified: written without all of the vendor's documentation at hand;\n");
      io.out('            try it on an account of your own first\n');
    });
}
