/**
 * The data folder: one server at a time, private to the user, and nothing in it is ever overwritten because it could
 * not be read. Holds `ddb/` (tables), `kms.json` (key material), `operator-key`, `server.json`, `logs/` and `lock`.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { KeyMaterial } from '../emulator/kms/kms.ts';
import { StartRefused } from '../emulator/start-refused.ts';

export interface DataFolder {
  readonly path: string;
  readonly tables: string;
  readonly logs: string;
  /** Material of these keys, made on first use. Throws StartRefused rather than replace material that is lost. */
  readonly keyMaterial: (keyIds: readonly string[]) => KeyMaterial;
  readonly operatorKey: () => string | undefined;
  readonly saveOperatorKey: (key: string) => void;
  /** For the CLI, while the server runs. */
  readonly announce: (url: string) => void;
  readonly release: () => void;
}

const Lock = z.object({ pid: z.int().positive(), started: z.string() });
const KeyFile = z.object({ version: z.literal(1), keys: z.record(z.string(), z.base64()) });

export function openDataFolder(path: string): DataFolder {
  makePrivate(path);
  const lock = join(path, 'lock');
  takeLock(path, lock);
  const server = join(path, 'server.json');
  const operatorKeyFile = join(path, 'operator-key');
  return {
    path,
    tables: join(path, 'ddb'),
    logs: join(path, 'logs'),
    keyMaterial: (keyIds) => keyMaterial(path, keyIds),
    operatorKey: () => (existsSync(operatorKeyFile) ? readFileSync(operatorKeyFile, 'utf8').trim() : undefined),
    saveOperatorKey: (key) => replaceFile(operatorKeyFile, `${key}\n`),
    announce: (url) => replaceFile(server, `${JSON.stringify({ url, pid: process.pid })}\n`),
    release() {
      rmSync(server, { force: true });
      rmSync(lock, { force: true });
    },
  };
}

function makePrivate(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!statSync(path).isDirectory()) throw new Error('it is not a folder');
    refuseForeign(path);
    chmodSync(path, 0o700);
    const probe = join(path, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(
      `The data folder ${path} cannot be used (${reason(error)}). Give another one with --data DIR or ALLMCP_DATA, or make it readable and writable for you.`,
    );
  }
}

/** What a start leaves behind that was killed before it made `kms.json`. */
const LEFT_BY_A_START = /^(lock|kms\.json\.\d+\.tmp|\.probe-\d+)$/;

/** A folder that holds somebody else's files is left as it is: it would be closed to others and filled with ours. */
function refuseForeign(path: string): void {
  const entries = readdirSync(path, { withFileTypes: true });
  const isOurs = entries.some(
    (entry) => (entry.name === 'kms.json' && entry.isFile()) || (entry.name === 'ddb' && entry.isDirectory()),
  );
  const foreign = entries.find(({ name }) => !LEFT_BY_A_START.test(name));
  // Another server may be making it at this moment.
  if (isOurs || foreign === undefined || readLock(join(path, 'lock')) !== undefined) return;
  throw new StartRefused(
    `The folder ${path} holds other files (${foreign.name}, for one), so it is left as it is. Give an empty folder, or one that a server has made: --data DIR or ALLMCP_DATA.`,
  );
}

function takeLock(path: string, lock: string): void {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(lock, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }), {
        flag: 'wx',
        mode: 0o600,
      });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readLock(lock);
    if (holder !== undefined && isRunning(holder)) {
      throw new StartRefused(
        `Another server (process ${holder.pid}) is running on ${path}${urlOf(path)}. Use it, stop it with Ctrl-C in its terminal, or start this one with --data DIR and --port N.`,
      );
    }
    // Its owner was killed.
    rmSync(lock, { force: true });
  }
  throw new StartRefused(`The data folder ${path} is being taken by another server at this moment. Try again.`);
}

function readLock(lock: string): z.infer<typeof Lock> | undefined {
  try {
    return Lock.parse(JSON.parse(readFileSync(lock, 'utf8')));
  } catch {
    return undefined;
  }
}

function urlOf(path: string): string {
  try {
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(readFileSync(join(path, 'server.json'), 'utf8')));
    return ` at ${url}`;
  } catch {
    return '';
  }
}

function isRunning({ pid, started }: z.infer<typeof Lock>): boolean {
  if (pid === process.pid) return started === startOf(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startOf(pid) === started;
}

/** When a process began, in the kernel's ticks: a process id is given again, this with it is not. Linux only. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function keyMaterial(path: string, keyIds: readonly string[]): KeyMaterial {
  const file = join(path, 'kms.json');
  const stored = existsSync(file) ? readKeys(file) : freshKeys(path, file);
  const missing = keyIds.filter((id) => !Object.hasOwn(stored, id));
  const keys = { ...stored, ...Object.fromEntries(missing.map((id) => [id, randomBytes(32).toString('base64')])) };
  if (missing.length > 0) replaceFile(file, `${JSON.stringify({ version: 1, keys })}\n`);
  return new Map(Object.entries(keys).map(([id, material]) => [id, Buffer.from(material, 'base64')]));
}

function readKeys(file: string): Readonly<Record<string, string>> {
  try {
    const { keys } = KeyFile.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (Object.values(keys).some((material) => Buffer.from(material, 'base64').length !== 32))
      throw new Error('a key has a wrong length');
    return keys;
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it has another shape' : reason(error);
    throw new StartRefused(
      `${file} cannot be read (${why}). It holds the key that opens the stored credentials, so it is left as it is. Restore it from a copy, or start with an empty folder: --data DIR.`,
    );
  }
}

/** New material would make every stored credential unreadable, so it is made for an empty database only. */
function freshKeys(path: string, file: string): Readonly<Record<string, string>> {
  const tables = join(path, 'ddb');
  if (!existsSync(tables) || readdirSync(tables).length === 0) return {};
  throw new StartRefused(
    `${file} is missing although ${tables} holds data. It opens the stored credentials: restore it from a copy, or start with an empty folder: --data DIR.`,
  );
}

/** Written in full and to disk before it takes the file's place. */
function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
