/** Log lines of the functions: all into a file per function, warnings and errors also to the host's terminal. */
import { createWriteStream, mkdirSync, renameSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

export interface FunctionLogs {
  /** Takes one line of a function, or of the access log. */
  readonly write: (name: string, line: string) => void;
  readonly close: () => Promise<void>;
}

const MAX_BYTES = 10 * 1024 * 1024;
const LOUD = new Set(['WARN', 'ERROR', 'FATAL', 'CRITICAL']);
/** How an authorizer says no: every request without a good key logs it, and it is no fault. */
const EXPECTED = '"errorMessage":"Unauthorized"';

export function openFunctionLogs(folder: string, warn: (line: string) => void): FunctionLogs {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, WriteStream>();

  function fileOf(name: string): WriteStream {
    const open = files.get(name);
    if (open !== undefined) return open;
    const path = join(folder, `${name}.log`);
    keepSmall(path);
    const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
    // A full disk must not end the server.
    file.on('error', () => {});
    files.set(name, file);
    return file;
  }

  return {
    write(name, line) {
      fileOf(name).write(`${line}\n`);
      if (LOUD.has(levelOf(line)) && !line.includes(EXPECTED)) warn(`${name}: ${line}`);
    },
    async close() {
      await Promise.all([...files.values()].map((file) => new Promise((resolve) => file.end(resolve))));
      files.clear();
    },
  };
}

/** One older file is kept. */
function keepSmall(path: string): void {
  try {
    if (statSync(path).size < MAX_BYTES) return;
    rmSync(`${path}.1`, { force: true });
    renameSync(path, `${path}.1`);
  } catch {
    // There is no file yet.
  }
}

/** Functions log JSON lines with `level`; the runtime client logs `time TAB request TAB LEVEL TAB text`. */
function levelOf(line: string): string {
  const json = /"level":"([A-Za-z]+)"/.exec(line)?.[1];
  return (json ?? line.split('\t')[2] ?? '').toUpperCase();
}
