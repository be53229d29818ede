/**
 * The processes that started this one: `npm` starts a shell, the shell starts `tsx`, `tsx` starts the server. A signal
 * for npm ends the shell and reaches nobody else, so the server looks whether the line to npm still stands.
 */
import { readFileSync } from 'node:fs';

const MAX_DEPTH = 4;

/** Changes as soon as the parent, or on Linux anyone up to npm, is gone. */
export function ancestors(): string {
  const line: number[] = [process.ppid];
  for (let pid = process.ppid; line.length < MAX_DEPTH && pid > 1;) {
    const parent = parentOf(pid);
    if (parent === undefined) break;
    pid = parent;
    line.push(pid);
    if (isNpm(pid)) return line.join(' ');
  }
  // Not started by npm: a shell that ends must not take the server with it.
  return String(process.ppid);
}

function parentOf(pid: number): number | undefined {
  const stat = readProcess(pid, 'stat');
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function isNpm(pid: number): boolean {
  return /(^|[/\0])npm(-cli\.js)?[ \0]/.test(readProcess(pid, 'cmdline') ?? '');
}

function readProcess(pid: number, file: 'stat' | 'cmdline'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}
