/** `connections list` and `connections remove`: accounts of one user, without anything of a credential. */
import type { Command } from 'commander';
import { callAdmin, callAdminList } from '../admin-api/admin-client.ts';
import { askToConfirm } from '../terminal/confirm.ts';
import { printJson, printable, WrongUsage, type Io } from '../terminal/io.ts';
import { forTenant, given, group, tenantOf, type TenantOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';
import { findTarget } from '../admin-api/target.ts';

interface RemoveOptions extends TenantOptions {
  readonly provider: string;
  readonly connection?: string;
  readonly yes?: boolean;
}

const COLUMNS = [
  { title: 'PROVIDER' },
  { title: 'NAME', cut: true },
  { title: 'ACCOUNT', cut: true },
  { title: 'STATUS' },
  { title: 'SINCE' },
  { title: 'LAST USED' },
];

export function addConnections(program: Command, io: Io): void {
  const connections = group(program, 'connections', 'connected accounts of one user', 'connections list --client acme');

  forTenant(connections.command('list'), 'connections list --client acme --org jsm --user ann')
    .description('list the connected accounts of one user')
    .action(async (options: TenantOptions) => {
      const target = findTarget(io, options.data);
      const query = tenantOf(io, options);
      const { rows: found } = await callAdminList(io, target, 'listConnections', 'connections', { query });
      if (options.json === true) return printJson(io, found);
      const rows = found.map((row) => [
        row.provider_key,
        row.connection,
        row.account,
        row.status === 'active' ? 'active' : 'reconnect',
        row.connected_at.slice(0, 10),
        row.last_used_at?.slice(0, 10) ?? 'never',
      ]);
      io.out(table(COLUMNS, rows));
      if (rows.length === 0) io.err('Nothing is connected. `connect-link` makes a link to connect an account.\n');
    });

  forTenant(connections.command('remove'), 'connections remove --client acme --user ann --provider kommo --yes')
    .description('delete a connection with its credential')
    .requiredOption('--provider <key>', 'whose account it is')
    .option('--connection <name>', 'which one, when there are several')
    .option('--yes', 'do not ask')
    .action(async (options: RemoveOptions) => {
      const { data, json, org, user, provider, connection, yes } = options;
      if (org !== undefined && user === undefined)
        throw new WrongUsage('--org needs --user here: nothing is removed for an organization alone.');
      const target = findTarget(io, data);
      await askToConfirm(io, `Delete the ${printable(provider)} connection and its credential?`, yes);
      const query = { ...tenantOf(io, options), provider, ...given({ connection }) };
      const removed = await callAdmin(io, target, 'removeConnection', { query });
      if (json === true) return printJson(io, removed);
      io.out(`The ${printable(removed.provider_key)} connection ${printable(removed.connection)} is deleted.\n`);
      io.out('The vendor was not told: end the access there too if it must not work any more.\n');
    });
}
