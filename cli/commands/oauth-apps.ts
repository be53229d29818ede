/**
 * `oauth-apps set`, `list`, `remove` and `test`. A client secret comes in on standard input only: an argument would stay in
 * the shell's history and in the list of processes. It is sent once and printed nowhere.
 */
import { Option, type Command } from 'commander';
import type * as z from 'zod';
import type { OAuthAppRow } from '../../lambda/admin/oauth-apps/contract.ts';
import type { Contract } from '../../lambda/admin/contract.ts';
import { callAdmin, callAdminList } from '../admin-api/admin-client.ts';
import { askToConfirm } from '../terminal/confirm.ts';
import { printJson, printable, Refused, WrongUsage, type Io } from '../terminal/io.ts';
import { forServer, given, group, opaqueIdOption, type ServerOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';
import { findTarget, type Target } from '../admin-api/target.ts';

interface OwnerOptions extends ServerOptions {
  readonly client?: string;
  readonly org?: string;
  readonly platform?: boolean;
  readonly provider: string;
}

interface SetOptions extends OwnerOptions {
  readonly clientId: string;
  readonly clientSecretStdin?: boolean;
  /** What people try first: taken only to say what to do, and never used. */
  readonly clientSecret?: string;
  readonly yes?: boolean;
}

const COLUMNS = [
  { title: 'PROVIDER' },
  { title: 'LEVEL' },
  { title: 'CLIENT', cut: true },
  { title: 'ORGANIZATION', cut: true },
  { title: 'CLIENT ID', cut: true },
  { title: 'SECRET' },
];

export function addOAuthApps(program: Command, io: Io): void {
  const apps = group(program, 'oauth-apps', 'apps that vendors registered for you', 'oauth-apps list --client acme');
  addSet(apps, io);
  addList(apps, io);
  addRemove(apps, io);
  addTest(apps, io);
}

function ofOwner(command: Command, example: string): Command {
  return forServer(command, example)
    .option('--client <id>', 'whose app it is', opaqueIdOption)
    .option('--org <id>', 'of this organization of the client only', opaqueIdOption)
    .addOption(new Option('--platform', 'of every client that has none of its own').conflicts(['client', 'org']))
    .requiredOption('--provider <key>', 'as `providers list` names it');
}

/** The whole platform is never meant by leaving something out. */
function ownerOf({ client, org, platform, provider }: OwnerOptions) {
  if (client === undefined && platform !== true) throw new WrongUsage('Give --client, or --platform for every client.');
  return { provider, ...given({ client, org }) };
}

function addSet(apps: Command, io: Io): void {
  ofOwner(
    apps.command('set'),
    'oauth-apps set --client acme --provider kommo --client-id ID --client-secret-stdin < secret.txt',
  )
    .description('store an app, or replace it; prints the redirect address to register at the vendor')
    .requiredOption('--client-id <id>', 'of the app, as the vendor gave it')
    .option('--client-secret-stdin', 'read the client secret from standard input; left out: a public app')
    .addOption(new Option('--client-secret <secret>').hideHelp())
    .option('--yes', 'do not ask before another app is replaced')
    .action(async (options: SetOptions) => {
      const owner = ownerOf(options);
      // It is known to other users of this machine by now.
      if (options.clientSecret !== undefined)
        throw new WrongUsage('A secret is not taken as an argument: use --client-secret-stdin, and renew this one.');
      const target = findTarget(io, options.data);
      // Before the secret is read: it comes from where the answer would come from.
      await askToReplace(io, target, owner, options);
      const secret = options.clientSecretStdin === true ? { client_secret: await readSecret(io) } : {};
      const body = { ...owner, client_id: options.clientId, ...secret };
      const stored = await callAdmin(io, target, 'putOAuthApp', { body });
      if (options.json === true) return printJson(io, stored);
      io.out(`The app ${printable(stored.client_id)} of ${ownerText(stored)} for ${stored.provider} is stored.\n`);
      if (stored.replaces !== null)
        io.out(
          `It replaces ${printable(stored.replaces)}: accounts connected with that one cannot be renewed, and must be connected again.\n`,
        );
      showRedirect(io, stored.redirect_uri);
    });
}

/** Another client id ends what was connected with the one before, like a revocation; the same one only renews a secret. */
async function askToReplace(
  io: Io,
  target: Target,
  { provider, ...owner }: ReturnType<typeof ownerOf>,
  { clientId, yes }: SetOptions,
): Promise<void> {
  if (yes === true) return;
  const { client = null, org = null } = owner;
  const query = { ...owner, provider };
  const { rows: apps } = await callAdminList(io, target, 'listOAuthApps', 'oauth_apps', { query });
  const before = apps.find((app) => app.client === client && app.org === org);
  if (before === undefined || before.client_id === clientId) return;
  const replaced = `the app ${printable(before.client_id)} of ${ownerText(owner)} for ${printable(provider)}`;
  await askToConfirm(io, `Replace ${replaced}? Accounts connected with it cannot be renewed any more.`, undefined);
}

function addList(apps: Command, io: Io): void {
  forServer(apps.command('list'), 'oauth-apps list --client acme')
    .description('list apps, without their secrets')
    .option('--client <id>', 'of this client and its organizations only', opaqueIdOption)
    .option('--org <id>', 'of this organization only', opaqueIdOption)
    .option('--provider <key>', 'for this provider only')
    .action(async ({ data, json, client, org, provider }: ServerOptions & Partial<OwnerOptions>) => {
      if (org !== undefined && client === undefined) throw new WrongUsage('--org goes with --client.');
      const query = given({ client, org, provider });
      const found = await callAdminList(io, findTarget(io, data), 'listOAuthApps', 'oauth_apps', { query });
      const { rows } = found;
      const { redirect_uri } = found.last;
      if (json === true)
        return printJson(
          io,
          rows.map((row) => ({ ...row, redirect_uri })),
        );
      const shown = rows.map((row) => [
        row.provider,
        row.level,
        row.client ?? '-',
        row.org ?? '-',
        row.client_id,
        row.has_secret ? 'stored' : 'none',
      ]);
      io.out(table(COLUMNS, shown));
      if (rows.length === 0) io.err('There is no app. `oauth-apps set` stores one.\n');
      showRedirect(io, redirect_uri);
    });
}

function addRemove(apps: Command, io: Io): void {
  ofOwner(apps.command('remove'), 'oauth-apps remove --client acme --provider kommo --yes')
    .description('remove an app: accounts connected with it cannot be renewed any more')
    .option('--yes', 'do not ask')
    .action(async (options: OwnerOptions & { readonly yes?: boolean }) => {
      const query = ownerOf(options);
      const target = findTarget(io, options.data);
      const whose = `the app of ${ownerText(query)} for ${printable(query.provider)}`;
      await askToConfirm(io, `Remove ${whose}? Accounts connected with it cannot be renewed any more.`, options.yes);
      const removed = await callAdmin(io, target, 'removeOAuthApp', { query });
      if (options.json === true) return printJson(io, removed);
      io.out(`The app ${printable(removed.client_id)} of ${ownerText(removed)} is removed.\n`);
    });
}

function addTest(apps: Command, io: Io): void {
  ofOwner(apps.command('test'), 'oauth-apps test --client acme --provider kommo')
    .description('check what can be checked without a person')
    .action(async (options: OwnerOptions) => {
      const body = ownerOf(options);
      const tested = await callAdmin(io, findTarget(io, options.data), 'testOAuthApp', { body });
      if (options.json === true) printJson(io, tested);
      else showTest(io, tested);
      const failed = tested.checks.filter(({ status }) => status === 'fail');
      if (failed.length > 0)
        throw new Refused('Nobody could connect with this.', 'Store an app with `oauth-apps set`, then test again.');
    });
}

function showTest(io: Io, { checks, redirect_uri }: z.output<Contract['testOAuthApp']['response']>): void {
  for (const { check, status, message } of checks)
    io.out(`${status.padEnd(8)}  ${check.padEnd(13)}  ${printable(message)}\n`);
  showRedirect(io, redirect_uri);
}

function showRedirect(io: Io, redirectUri: string): void {
  io.out(`The redirect address to register at the vendor, exactly as it is:\n\n  ${printable(redirectUri)}\n`);
}

type Owner = Partial<Pick<z.output<typeof OAuthAppRow>, 'client' | 'org'>>;

function ownerText({ client, org }: Owner): string {
  if (client === undefined || client === null) return 'the platform';
  return `${org === undefined || org === null ? '' : `${printable(org)} of `}client ${printable(client)}`;
}

/** The one line end that an editor or `echo` adds is not part of it. */
async function readSecret(io: Io): Promise<string> {
  if (io.ask !== undefined) io.err('Type or paste the client secret, then Enter and Ctrl-D.\n');
  const secret = (await io.readInput()).replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new Refused('No client secret came on standard input.', 'Send it in, such as with `< secret.txt`.');
}
