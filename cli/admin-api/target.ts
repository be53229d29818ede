/**
 * Which server a command talks to, and with which operator key. `ALLMCP_URL` wins; otherwise the server that
 * `npm start` runs over the data folder. An operator key never travels in clear over a network.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { Refused, type Io } from '../terminal/io.ts';

export interface Target {
  /** Origin and base path, without a slash at the end. */
  readonly url: string;
  readonly operatorKey: string;
}

/** What `npm start` leaves in the data folder while it runs. */
const ServerFile = z.object({ url: z.url(), pid: z.int().positive() });
export type LocalServer = z.infer<typeof ServerFile>;

const DEFAULT_DATA = '.allmcp';
export const OPERATOR_KEY_FILE = 'operator-key';

/** The data folder: `--data`, else `ALLMCP_DATA`, else `.allmcp`. */
export function dataFolder(io: Io, option?: string): string {
  return path.resolve(io.cwd, option ?? nonEmpty(io.env.ALLMCP_DATA) ?? DEFAULT_DATA);
}

/** The local server that runs over this folder, or undefined. A file left by a killed one does not count. */
export function localServer(io: Io, data: string): LocalServer | undefined {
  const text = read(path.join(data, 'server.json'));
  if (text === undefined) return undefined;
  const parsed = ServerFile.safeParse(parseJson(text));
  if (!parsed.success || !isLoopback(new URL(parsed.data.url)) || !io.alive(parsed.data.pid)) return undefined;
  return { ...parsed.data, url: baseUrl(parsed.data.url) };
}

export function localOperatorKey(data: string): string | undefined {
  return nonEmpty(read(path.join(data, OPERATOR_KEY_FILE))?.trim());
}

/** `ALLMCP_URL` as given, checked; undefined when it is not set. */
export function remoteUrl(io: Io): string | undefined {
  const given = nonEmpty(io.env.ALLMCP_URL);
  return given === undefined ? undefined : baseUrl(given);
}

export function findTarget(io: Io, dataOption?: string): Target {
  const data = dataFolder(io, dataOption);
  const remote = remoteUrl(io);
  const local = localServer(io, data);
  if (remote !== undefined) {
    const localKey = remote === local?.url ? localOperatorKey(data) : undefined;
    return { url: remote, operatorKey: keyFromEnvironment(io) ?? localKey ?? missingKey() };
  }
  if (local === undefined)
    throw new Refused(
      `No server is running over ${data}, and ALLMCP_URL is not set.`,
      'Run `npm start` in another terminal. For a server over another folder set ALLMCP_DATA=<folder>, for a deployed one ALLMCP_URL and ALLMCP_OPERATOR_KEY.',
    );
  const operatorKey = localOperatorKey(data);
  if (operatorKey !== undefined) return { url: local.url, operatorKey };
  throw new Refused(`There is no operator key in ${data}.`, 'Stop the server, and start it again with `npm start`.');
}

function keyFromEnvironment(io: Io): string | undefined {
  const key = nonEmpty(io.env.ALLMCP_OPERATOR_KEY?.trim());
  // Anything else cannot be sent as a header, and fetch would quote it in its error.
  if (key === undefined || /^[\x21-\x7e]+$/.test(key)) return key;
  throw new Refused('ALLMCP_OPERATOR_KEY does not hold a key.', 'Set it to an operator key, without spaces.');
}

function missingKey(): never {
  throw new Refused(
    'ALLMCP_OPERATOR_KEY is not set.',
    'Set it to an operator key; `npm run -s allmcp -- bootstrap` makes the first one.',
  );
}

/**
 * Accepts the MCP URL and the admin URL too: both are what people have at hand.
 *
 * @param named what the text was given as, for the refusal.
 */
export function baseUrl(text: string, named = 'ALLMCP_URL'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Refused(`${named} is not a web address.`, 'Set it to something like https://tools.example.com.');
  if (url.username !== '' || url.password !== '')
    throw new Refused(`${named} holds a user name or password.`, 'Take it out; keys are given apart from it.');
  if (url.protocol === 'http:' && !isLoopback(url))
    throw new Refused(`${named} is plain http to another machine: the key would travel in clear.`, 'Use https.');
  return url.origin + url.pathname.replace(/\/(mcp|admin\/v1)?\/*$/, '');
}

function isLoopback(url: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
