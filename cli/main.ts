/** `npm run -s allmcp -- ...`: the process around the command line. Nothing is decided here. */
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import type { Io } from './io.ts';
import { run } from './program.ts';

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  root: fileURLToPath(new URL('..', import.meta.url)),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  ask: process.stdin.isTTY ? ask : undefined,
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
