/** `keys create`, `list`, `set`, `revoke` and `rotate`. A key is printed once, on standard output, and nowhere else. */
import { CONFIRM_POLICIES, type ConfirmPolicy } from '../../core/keys/confirm-policy.ts';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type * as z from 'zod';
import type { KeyRow, NewKeyRow } from '../../lambda/admin/keys/contract.ts';
import { callAdmin, callAdminList } from '../admin-api/admin-client.ts';
import { askToConfirm } from '../terminal/confirm.ts';
import { printJson, printable, WrongUsage, type Io } from '../terminal/io.ts';
import {
  duration,
  forServer,
  given,
  group,
  keyName,
  opaqueIdOption,
  opaqueIds,
  orWord,
  unlessWord,
  wholeNumber,
  type ServerOptions,
} from '../terminal/options.ts';
import { table } from '../terminal/table.ts';
import { findTarget } from '../admin-api/target.ts';

interface CreateOptions extends ServerOptions {
  readonly client: string;
  readonly type: 'solo' | 'client' | 'platform';
  readonly org?: readonly string[];
  readonly requireUser?: boolean;
  readonly name?: string;
  readonly expires?: string;
  readonly rpm?: number;
  readonly monthly?: number;
  readonly confirm?: ConfirmPolicy;
}

/** The words take a limit or an end away. */
interface SetOptions extends ServerOptions {
  readonly id: string;
  readonly client?: string;
  readonly name?: string;
  readonly rpm?: number | 'none';
  readonly monthly?: number | 'none';
  readonly expires?: string;
  readonly confirm?: ConfirmPolicy;
}

interface OneKeyOptions extends ServerOptions {
  readonly id: string;
  readonly client?: string;
  readonly yes?: boolean;
}

const MAX_RPM = 1_000_000;

const COLUMNS = [
  { title: 'ID' },
  { title: 'CLIENT', cut: true },
  { title: 'TYPE' },
  { title: 'STATUS' },
  { title: 'NAME', cut: true },
  { title: 'EXPIRES' },
  { title: 'LAST USED' },
  { title: 'USED' },
  { title: 'LEFT' },
];

export function addKeys(program: Command, io: Io): void {
  const keys = group(program, 'keys', 'API keys', 'keys list --client acme');
  addCreate(keys, io);
  addList(keys, io);
  addSet(keys, io);
  addRevoke(keys, io);
  addRotate(keys, io);
}

function addCreate(keys: Command, io: Io): void {
  forServer(keys.command('create'), 'keys create --client acme --type platform --name "build server" --expires 90d')
    .description('create a key; an unknown client is created with it')
    .requiredOption('--client <id>', 'whose key it is', opaqueIdOption)
    .addOption(
      new Option('--type <type>', 'solo: one user; client: user_id; platform: org_id and user_id')
        .choices(['solo', 'client', 'platform'])
        .makeOptionMandatory(),
    )
    .option('--org <id>', 'pin a platform key to an organization (repeatable)', opaqueIds)
    .option('--require-user', 'refuse requests without user_id, so that nobody shares the default user')
    .option('--name <text>', 'what people call it', keyName)
    .option('--expires <time>', 'how long it works, such as 90d or 12h', duration)
    .option('--rpm <n>', 'messages a minute', perMinute)
    .option('--monthly <n>', 'provider calls a month', wholeNumber)
    .addOption(
      new Option('--confirm <policy>', 'which calls ask the person first; destructive when left out').choices(
        CONFIRM_POLICIES,
      ),
    )
    .action(async ({ data, json, requireUser, expires, ...options }: CreateOptions) => {
      const { org, client, type, name, rpm, monthly, confirm } = options;
      if (requireUser === true && type === 'solo') throw new WrongUsage('--require-user goes with no solo key.');
      if (org !== undefined && type !== 'platform') throw new WrongUsage('--org goes with --type platform only.');
      const body = {
        client,
        type,
        ...(org === undefined ? {} : { org: [...org] }),
        ...(requireUser === undefined ? {} : { require_user: requireUser }),
        ...(name === undefined ? {} : { name }),
        ...(expires === undefined ? {} : { expires_in: expires }),
        ...(rpm === undefined ? {} : { rpm }),
        ...(monthly === undefined ? {} : { monthly }),
        ...(confirm === undefined ? {} : { confirm }),
      };
      const made = await callAdmin(io, findTarget(io, data), 'createKey', { body });
      if (json === true) return printJson(io, made);
      if (made.client_created) io.out(`Client ${printable(made.client)} is new and was created.\n`);
      showKey(io, made);
    });
}

function addList(keys: Command, io: Io): void {
  forServer(keys.command('list'), 'keys list --client acme')
    .description('list keys; USED and LEFT are provider calls of this month, where there is a limit')
    .option('--client <id>', 'of this client only', opaqueIdOption)
    .action(async ({ data, json, client }: ServerOptions & { readonly client?: string }) => {
      const query = client === undefined ? {} : { client };
      const { rows: found } = await callAdminList(io, findTarget(io, data), 'listKeys', 'keys', { query });
      if (json === true) return printJson(io, found);
      const rows = found.map((key) => [
        key.id,
        key.client,
        key.type,
        key.status,
        key.name ?? '-',
        key.expires_at?.slice(0, 10) ?? 'never',
        key.last_used ?? 'never',
        key.used === null ? '-' : String(key.used),
        key.left === null ? '-' : String(key.left),
      ]);
      io.out(table(COLUMNS, rows));
      if (rows.length === 0) io.err('There is no key. `keys create` makes one.\n');
    });
}

function addSet(keys: Command, io: Io): void {
  forServer(keys.command('set'), 'keys set --id k_3fWq8ZtYb1Lm --rpm 120 --expires 90d')
    .description('change some of a key, from its next request on')
    .requiredOption('--id <id>', 'the id of the key, as `keys list` shows it')
    .option('--client <id>', 'only when it is a key of this client', opaqueIdOption)
    .option('--name <text>', 'what people call it', keyName)
    .option('--expires <time>', 'how long it works from now on, such as 90d or 12h; never', orWord('never', duration))
    .option('--rpm <n>', 'requests a minute; none', orWord('none', perMinute))
    .option('--monthly <n>', 'provider calls a month; none', orWord('none', wholeNumber))
    .addOption(new Option('--confirm <policy>', 'which calls ask the person first').choices(CONFIRM_POLICIES))
    .action(async ({ data, json, id, client, expires, ...rest }: SetOptions) => {
      const { name, confirm } = rest;
      const rpm = unlessWord('none', rest.rpm);
      const monthly = unlessWord('none', rest.monthly);
      const body = given({ name, rpm, monthly, confirm, expires_in: expires === 'never' ? null : expires });
      if (Object.keys(body).length === 0)
        throw new WrongUsage('Give at least one of --name, --expires, --rpm, --monthly and --confirm.');
      const target = findTarget(io, data);
      const changed = await callAdmin(io, target, 'changeKey', { params: { id }, query: given({ client }), body });
      if (json === true) return printJson(io, changed);
      io.out(`Key ${changed.id} of client ${printable(changed.client)} is changed: ${limitWords(changed)}.\n`);
    });
}

function limitWords({ name, expires_at: ends, rpm, monthly, confirm, status }: z.output<typeof KeyRow>): string {
  return [
    ...(name === null ? [] : [`called ${printable(name)}`]),
    ends === null ? 'no end' : `${status === 'expired' ? 'ended' : 'ends'} ${ends}`,
    rpm === null ? 'no limit a minute' : `${rpm} a minute`,
    monthly === null ? 'no limit a month' : `${monthly} calls a month`,
    `confirm ${confirm}`,
  ].join(', ');
}

function oneKey(command: Command, example: string): Command {
  return forServer(command, example)
    .requiredOption('--id <id>', 'the id of the key, as `keys list` shows it')
    .option('--client <id>', 'only when it is a key of this client', opaqueIdOption)
    .option('--yes', 'do not ask');
}

function addRevoke(keys: Command, io: Io): void {
  oneKey(keys.command('revoke'), 'keys revoke --id k_3fWq8ZtYb1Lm --yes')
    .description('revoke a key: its next request fails')
    .action(async ({ data, json, id, client, yes }: OneKeyOptions) => {
      const target = findTarget(io, data);
      await askToConfirm(io, `Revoke the key ${printable(id)}? What uses it stops working at once.`, yes);
      const query = client === undefined ? {} : { client };
      const revoked = await callAdmin(io, target, 'revokeKey', { params: { id }, query });
      if (json === true) return printJson(io, revoked);
      io.out(`Key ${revoked.id} of client ${printable(revoked.client)} is revoked.\n`);
    });
}

function addRotate(keys: Command, io: Io): void {
  oneKey(keys.command('rotate'), 'keys rotate --id k_3fWq8ZtYb1Lm --grace 1h --yes')
    .description('replace a key by a new one that sees the same connections')
    .option('--grace <time>', 'how long the old key still works, such as 1h (default: not at all)', duration)
    .action(async ({ data, json, id, client, yes, grace }: OneKeyOptions & { readonly grace?: string }) => {
      const target = findTarget(io, data);
      const until = grace === undefined ? 'at once' : `${grace} from now`;
      await askToConfirm(io, `Rotate the key ${printable(id)}? The old key stops working ${until}.`, yes);
      const made = await callAdmin(io, target, 'rotateKey', {
        params: { id },
        query: client === undefined ? {} : { client },
        body: grace === undefined ? {} : { grace },
      });
      if (json === true) return printJson(io, made);
      showKey(io, made);
      io.out(oldKeyLine(made.replaces));
    });
}

function showKey(io: Io, made: z.output<typeof NewKeyRow>): void {
  const expiry = made.expires_at === null ? '' : `, expires ${made.expires_at}`;
  io.out(`Key ${made.id} of client ${printable(made.client)} (${made.type}${expiry}):\n\n  ${made.key}\n\n`);
  io.out('It is shown this once. Store it where the program that uses it reads its secrets.\n');
}

function oldKeyLine(old: z.output<typeof KeyRow>): string {
  if (old.status === 'active') return `The old key ${old.id} works until ${old.expires_at}.\n`;
  return `The old key ${old.id} is ${old.status}.\n`;
}

function perMinute(value: string): number {
  const number = wholeNumber(value);
  if (number > MAX_RPM) throw new InvalidArgumentError(`Expected at most ${MAX_RPM}.`);
  return number;
}
