/** `orgs list` and `orgs set`: how connect pages look for the users of one organization. */
import type { Command } from 'commander';
import { callAdmin, callAdminList } from '../admin-api/admin-client.ts';
import { brandChange, withBrand, type BrandOptions } from '../terminal/brand-options.ts';
import { printJson, printable, WrongUsage, type Io } from '../terminal/io.ts';
import { forServer, group, opaqueIdOption, type ServerOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';
import { findTarget } from '../admin-api/target.ts';

interface SetOptions extends ServerOptions, BrandOptions {
  readonly client: string;
  readonly org: string;
}

const COLUMNS = [
  { title: 'ORGANIZATION', cut: true },
  { title: 'NAME', cut: true },
  { title: 'COLOR' },
  { title: 'OAUTH APPS', cut: true },
];

export function addOrgs(program: Command, io: Io): void {
  const orgs = group(program, 'orgs', 'organizations of a client; none needs to be registered', 'orgs list --client a');

  forServer(orgs.command('list'), 'orgs list --client acme')
    .description('list the organizations that have a look or an OAuth app of their own')
    .requiredOption('--client <id>', 'of which client', opaqueIdOption)
    .action(async ({ data, json, client }: ServerOptions & { readonly client: string }) => {
      const params = { id: client };
      const { rows: found } = await callAdminList(io, findTarget(io, data), 'listOrgs', 'orgs', { params });
      if (json === true) return printJson(io, found);
      const rows = found.map((row) => [row.org, row.name ?? '-', row.color ?? '-', row.oauth_apps.join(', ') || '-']);
      io.out(table(COLUMNS, rows));
      if (rows.length === 0) io.err('No organization has anything of its own. `orgs set` gives one a look.\n');
    });

  const set = forServer(orgs.command('set'), 'orgs set --client acme --org jsm --name "JSM" --color "#1d4ed8"')
    .description('change how connect pages look for the users of an organization')
    .requiredOption('--client <id>', 'of which client', opaqueIdOption)
    .requiredOption('--org <id>', 'which organization', opaqueIdOption);
  withBrand(set).action(async (options: SetOptions) => {
    const { data, json, client, org } = options;
    const brand = brandChange(io, options);
    if (brand === undefined) throw new WrongUsage('Give at least one of --name, --color, --logo and --clear.');
    const params = { id: client, org };
    const changed = await callAdmin(io, findTarget(io, data), 'changeOrg', { params, body: { brand } });
    if (json === true) return printJson(io, changed);
    io.out(`The look of ${printable(changed.org)} of client ${printable(changed.client)} is changed.\n`);
  });
}
