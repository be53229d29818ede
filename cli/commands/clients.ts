/** `clients create`, `list`, `delete` and `settings`. */
import type { Command } from 'commander';
import { callAdmin, callAdminList } from '../admin-api/admin-client.ts';
import { askToConfirm } from '../terminal/confirm.ts';
import { printJson, printable, type Io } from '../terminal/io.ts';
import { forServer, group, opaqueIdOption, type ServerOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';
import { findTarget } from '../admin-api/target.ts';
import { addClientSettings } from './client-settings.ts';

const COLUMNS = [{ title: 'CLIENT', cut: true }, { title: 'CREATED' }, { title: 'CREDENTIALS IN ARGUMENTS' }];

export function addClients(program: Command, io: Io): void {
  const clients = group(program, 'clients', 'the companies or products whose keys call the endpoint', 'clients list');

  forServer(clients.command('create'), 'clients create --client acme')
    .description('create a client')
    .requiredOption('--client <id>', 'its id: any text of 1-200 characters', opaqueIdOption)
    .action(async ({ client, data, json }: ServerOptions & { readonly client: string }) => {
      const made = await callAdmin(io, findTarget(io, data), 'createClient', { body: { id: client } });
      if (json === true) return printJson(io, made);
      io.out(`Client ${printable(made.id)} created.\n`);
      io.out(`Next: npm run -s allmcp -- keys create --client ${printable(made.id)} --type platform\n`);
    });

  forServer(clients.command('list'), 'clients list')
    .description('list the clients')
    .action(async ({ data, json }: ServerOptions) => {
      const { rows: found } = await callAdminList(io, findTarget(io, data), 'listClients', 'clients');
      if (json === true) return printJson(io, found);
      const rows = found.map(({ id, created_at, policy }) => [id, created_at.slice(0, 10), policy.inline_credentials]);
      io.out(table(COLUMNS, rows));
      if (rows.length === 0) io.err('There is no client yet. `keys create` makes one.\n');
    });

  forServer(clients.command('delete'), 'clients delete --client acme --yes')
    .description('delete a client that has no working key, account, OAuth app or webhook')
    .requiredOption('--client <id>', 'which one', opaqueIdOption)
    .option('--yes', 'do not ask')
    .action(
      async ({ client, data, json, yes }: ServerOptions & { readonly client: string; readonly yes?: boolean }) => {
        const target = findTarget(io, data);
        await askToConfirm(io, `Delete the client ${printable(client)} and its settings?`, yes);
        const deleted = await callAdmin(io, target, 'deleteClient', { params: { id: client } });
        if (json === true) return printJson(io, deleted);
        io.out(`Client ${printable(deleted.id)} is deleted.\n`);
      },
    );

  addClientSettings(clients, io);
}
