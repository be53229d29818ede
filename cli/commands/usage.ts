/** `usage`: provider calls of one user by month and account. */
import { InvalidArgumentError, type Command } from 'commander';
import { callAdmin } from '../admin-api/admin-client.ts';
import { printJson, type Io } from '../terminal/io.ts';
import { forTenant, given, tenantOf, type TenantOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';
import { findTarget } from '../admin-api/target.ts';

const COLUMNS = [
  { title: 'MONTH' },
  { title: 'PROVIDER' },
  { title: 'NAME', cut: true },
  { title: 'CALLS' },
  { title: 'FAILED' },
  { title: 'LAST USED' },
];

export function addUsage(program: Command, io: Io): void {
  forTenant(program.command('usage'), 'usage --client acme --org jsm --user ann')
    .description('show the provider calls of one user by month and account')
    .option('--month <month>', 'of one month only, such as 2026-11', month)
    .action(async (options: TenantOptions & { readonly month?: string }) => {
      const query = { ...tenantOf(io, options), ...given({ month: options.month }) };
      const { usage } = await callAdmin(io, findTarget(io, options.data), 'showUsage', { query });
      if (options.json === true) return printJson(io, usage);
      const rows = usage.map((row) => [
        row.month,
        row.provider_key,
        row.connection,
        String(row.calls),
        String(row.failures),
        row.last_used_at.slice(0, 10),
      ]);
      io.out(table(COLUMNS, rows));
      if (rows.length === 0) io.err('This user has made no call of a provider.\n');
    });
}

function month(value: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(value)) return value;
  throw new InvalidArgumentError('Expected a month like 2026-11.');
}
