/** `npm run -s allmcp -- ...`: the process around the command line. Nothing is decided here. */
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Io } from './terminal/io.ts';
import { run } from './program.ts';

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  root: fileURLToPath(new URL('..', import.meta.url)),
  out: (line) => process.stdout.write(line),
  err: (line) => process.stderr.write(line),
  ask: process.stdin.isTTY ? ask : undefined,
  readInput: () => text(process.stdin),
  fetch: globalThis.fetch,
  alive,
};

/** On standard error, so that standard output stays the answer. An end of input is a no. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    terminal.close();
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and someone else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

process.exitCode = await run(process.argv.slice(2), io);
