/** The options that several commands share, and how their values are read. A bad value is wrong usage: exit code 2. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { DURATION_FORMS, parseDuration } from '../../core/duration.ts';
import { isPlainName } from '../../core/plain-name.ts';
import { idProblem } from '../../core/tenant/tenant.ts';
import type { Io } from './io.ts';

export interface ServerOptions {
  readonly data?: string;
  readonly json?: boolean;
}

/** A command that only holds others. */
export function group(program: Command, name: string, description: string, example: string): Command {
  return program.command(name).description(description).addHelpText('after', exampleText(example));
}

/** `--json` and `--data`, and an example under the help. */
export function forServer(command: Command, example: string): Command {
  return withExample(command, example).addOption(
    new Option('--data <dir>', 'data folder of the local server (default: $ALLMCP_DATA or .allmcp)'),
  );
}

/** `--json`, and an example under the help. */
export function withExample(command: Command, example: string): Command {
  return command.option('--json', 'print one JSON value and nothing else').addHelpText('after', exampleText(example));
}

function exampleText(example: string): string {
  return `\nExample:\n  $ npm run -s allmcp -- ${example}`;
}

export function opaqueIdOption(value: string): string {
  const problem = idProblem(value);
  if (problem !== undefined)
    throw new InvalidArgumentError(`An id of 1-200 characters is needed; this one ${problem}.`);
  return value;
}

/** Whose accounts: a user of a client, with or without an organization. */
export interface TenantOptions extends ServerOptions {
  readonly client: string;
  readonly org?: string;
  readonly user?: string;
}

export function forTenant(command: Command, example: string): Command {
  return forServer(command, example)
    .requiredOption('--client <id>', 'whose user it is', opaqueIdOption)
    .option('--org <id>', 'the organization of the user', opaqueIdOption)
    .option('--user <id>', "the user; left out: the client's one default user", opaqueIdOption);
}

/** What the admin API takes in place of these options: only what was given. */
export function tenantOf(io: Io, { client, org, user }: TenantOptions) {
  if (org !== undefined && user === undefined)
    io.err("Without --user it is the client's one default user, whatever --org says.\n");
  return { client, ...given({ org, user }) };
}

/** Without the fields that are undefined: an option that was not given is not sent. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** For options that may be repeated. */
export function texts(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function opaqueIds(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, opaqueIdOption(value)];
}

export function duration(value: string): string {
  if (parseDuration(value) === undefined) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}.`);
  return value;
}

/** For options that a word takes back. It stays a word here, because commander knows no null; see `unlessWord`. */
export function orWord<Word extends string, T>(word: Word, read: (value: string) => T): (value: string) => T | Word {
  return (value) => (value === word ? word : read(value));
}

/** What the admin API takes: null in the place of the word. */
export function unlessWord<Word extends string, T>(word: Word, value: T | Word): Exclude<T, Word> | null {
  return value === word ? null : (value as Exclude<T, Word>);
}

const MAX_NAME = 100;

/** What people call a key. */
export function keyName(value: string): string {
  if (value !== '' && value.length <= MAX_NAME && isPlainName(value)) return value;
  throw new InvalidArgumentError('Expected 1-100 characters on one line.');
}

export function wholeNumber(value: string): number {
  const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : 0;
  if (number < 1) throw new InvalidArgumentError('Expected a whole number from 1 to 999999999.');
  return number;
}

export function portNumber(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new InvalidArgumentError('Expected a port from 1 to 65535.');
  return number;
}
