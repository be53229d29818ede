/** `operators list`, `create` and `revoke`: the keys of those who manage. A key is printed once, on standard output. */
import type { Command } from 'commander';
import { callAdmin } from '../admin-api/admin-client.ts';
import { findTarget } from '../admin-api/target.ts';
import { askToConfirm } from '../terminal/confirm.ts';
import { printable, printJson, type Io } from '../terminal/io.ts';
import { duration, forServer, given, group, keyName, opaqueIdOption, type ServerOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';

interface CreateOptions extends ServerOptions {
  readonly client?: string;
  readonly name?: string;
  readonly expires?: string;
}

interface RevokeOptions extends ServerOptions {
  readonly id: string;
  readonly yes?: boolean;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'MANAGES', cut: true },
  { title: 'STATUS' },
  { title: 'NAME', cut: true },
  { title: 'CREATED' },
  { title: 'EXPIRES' },
];

export function addOperators(program: Command, io: Io): void {
  const operators = group(program, 'operators', 'keys of those who manage clients and keys', 'operators list');
  addList(operators, io);
  addCreate(operators, io);
  addRevoke(operators, io);
}

function addList(operators: Command, io: Io): void {
  forServer(operators.command('list'), 'operators list')
    .description('list the operator keys')
    .action(async ({ data, json }: ServerOptions) => {
      const { operators: found } = await callAdmin(io, findTarget(io, data), 'listOperators');
      if (json === true) return printJson(io, found);
      const rows = found.map((row) => [
        row.id,
        row.client ?? 'every client',
        row.status,
        row.name ?? '-',
        row.created_at.slice(0, 10),
        row.expires_at?.slice(0, 10) ?? 'never',
      ]);
      io.out(table(COLUMNS, rows));
    });
}

function addCreate(operators: Command, io: Io): void {
  forServer(operators.command('create'), 'operators create --client acme --name "Ann at Acme" --expires 90d')
    .description('create an operator key')
    .option('--client <id>', 'that manages this client only; left out: every client', opaqueIdOption)
    .option('--name <text>', 'what people call it', keyName)
    .option('--expires <time>', 'how long it works, such as 90d or 12h', duration)
    .action(async ({ data, json, client, name, expires }: CreateOptions) => {
      const body = given({ client, name, expires_in: expires });
      const made = await callAdmin(io, findTarget(io, data), 'createOperator', { body });
      if (json === true) return printJson(io, made);
      const whose = made.client === null ? 'every client' : `client ${printable(made.client)}`;
      const expiry = made.expires_at === null ? '' : `, expires ${made.expires_at}`;
      io.out(`Operator key ${made.id}, for ${whose}${expiry}:\n\n  ${made.operator_key}\n\n`);
      io.out('It is shown this once. Whoever uses it sets it as ALLMCP_OPERATOR_KEY, beside ALLMCP_URL.\n');
    });
}

function addRevoke(operators: Command, io: Io): void {
  forServer(operators.command('revoke'), 'operators revoke --id op_3fWq8ZtYb1Lm --yes')
    .description('revoke an operator key: its next request fails')
    .requiredOption('--id <id>', 'the id of the key, as `operators list` shows it')
    .option('--yes', 'do not ask')
    .action(async ({ data, json, id, yes }: RevokeOptions) => {
      const target = findTarget(io, data);
      await askToConfirm(io, `Revoke the operator key ${printable(id)}? Who uses it manages nothing any more.`, yes);
      const revoked = await callAdmin(io, target, 'revokeOperator', { params: { id } });
      if (json === true) return printJson(io, revoked);
      io.out(`Operator key ${revoked.id} is revoked.\n`);
    });
}
