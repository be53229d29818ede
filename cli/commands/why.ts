/** `why`: what failed, where and why, newest first; by the reference that an agent was given, or by whose call it was. */
import { InvalidArgumentError, type Command } from 'commander';
import type * as z from 'zod';
import type { FailureRow } from '../../lambda/admin/failures/contract.ts';
import { callAdmin } from '../admin-api/admin-client.ts';
import { findTarget } from '../admin-api/target.ts';
import { printable, printJson, WrongUsage, type Io } from '../terminal/io.ts';
import { forServer, given, opaqueIdOption, wholeNumber, type ServerOptions } from '../terminal/options.ts';

interface WhyOptions extends ServerOptions {
  readonly ref?: string;
  readonly client?: string;
  readonly org?: string;
  readonly user?: string;
  readonly limit?: number;
}

const MAX_LIMIT = 100;

export function addWhy(program: Command, io: Io): void {
  forServer(program.command('why'), 'why --client acme --org jsm --user ann')
    .description('show what failed in the last seven days, where and why, newest first')
    .option('--ref <reference>', 'the one failure of this reference', reference)
    .option('--client <id>', 'of the calls of this client', opaqueIdOption)
    .option('--org <id>', 'of this organization of the client only', opaqueIdOption)
    .option('--user <id>', 'of this user only', opaqueIdOption)
    .option('--limit <n>', 'how many at most, up to 100 (default: 20)', limit)
    .action(async ({ data, json, ref, client, org, user, limit: most = 20 }: WhyOptions) => {
      if (ref === undefined && client === undefined) throw new WrongUsage('Give --ref, or --client.');
      if (client === undefined && (org !== undefined || user !== undefined))
        throw new WrongUsage('--org and --user go with --client.');
      const target = findTarget(io, data);
      const query = given({ client, org, user, reference: ref, limit: String(most) });
      const { failures, next_cursor: more } = await callAdmin(io, target, 'listFailures', { query });
      if (json === true) return printJson(io, failures);
      for (const failure of failures) io.out(`${words(failure)}\n`);
      if (failures.length === 0) io.err('No call failed in the last seven days.\n');
      if (more !== undefined) io.err('There are older ones: give --limit, or name the user.\n');
    });
}

type Row = z.output<typeof FailureRow>;

/** When and what on the first line, then where, and whose it was. */
function words({ at, reference: ref, tool, code, cause, ...whose }: Row): string {
  const { client, org, user, key_id: key, tenant_key_id: tenantKey, tenant } = whose;
  const of = user === null ? 'the default user' : `user ${user}${org === null ? '' : ` of ${org}`}`;
  const by = tenantKey === null ? key : `${tenantKey}, made with ${key}`;
  return [
    `${at.slice(0, 19).replace('T', ' ')}  ${code}  ${tool}  (reference ${ref})`,
    `  where  ${where(cause)}`,
    `  whose  client ${client}, ${of}; key ${by}; in the logs tenant ${tenant}`,
  ]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

function where(cause: Row['cause']): string {
  if (cause === null) return 'nothing was sent to the provider';
  const { host, status, vendor_code: code, broke } = cause;
  const parts = [
    status === null ? undefined : `answered HTTP ${status}`,
    code === null ? undefined : `code ${code}`,
    broke === null ? undefined : `connection ended: ${broke}`,
  ].filter((part) => part !== undefined);
  return `${host}${parts.length === 0 ? ' gave no answer' : `: ${parts.join(', ')}`}`;
}

function reference(value: string): string {
  if (/^[\w-]{1,64}$/.test(value)) return value;
  throw new InvalidArgumentError('Expected a reference, as the agent or the log shows it.');
}

function limit(value: string): number {
  const number = wholeNumber(value);
  if (number > MAX_LIMIT) throw new InvalidArgumentError(`Expected at most ${MAX_LIMIT}.`);
  return number;
}
