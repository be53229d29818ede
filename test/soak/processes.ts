/**
 * The resident memory of a server and of everything it has started, by the part each process plays. Read from /proc
 * where there is one; elsewhere `ps` knows the memory, and the functions cannot be told apart.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  readonly pid: number;
  /** `host`, or the name of the function that a child runs. */
  readonly role: string;
  readonly rssBytes: number;
}

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly rssBytes: number;
}

/** The process and all its descendants that are running now. */
export function memoryOf(host: number): readonly ProcessMemory[] {
  const rows = existsSync('/proc/self/status') ? procRows() : psRows();
  const tree = new Set([host]);
  // Children have later ids nearly always; twice over covers the rest.
  for (let pass = 0; pass < 2; pass += 1) for (const { pid, parent } of rows) if (tree.has(parent)) tree.add(pid);
  return rows
    .filter(({ pid, rssBytes }) => tree.has(pid) && rssBytes > 0)
    .map(({ pid, rssBytes }) => ({ pid, rssBytes, role: pid === host ? 'host' : roleOf(pid) }));
}

function procRows(): readonly Row[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const status = read(`/proc/${name}/status`);
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
      const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
      return Number.isNaN(parent) || Number.isNaN(kib) ? [] : [{ pid: Number(name), parent, rssBytes: kib * 1024 }];
    });
}

function psRows(): readonly Row[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kib = 0]) => ({ pid, parent, rssBytes: kib * 1024 }));
}

const roles = new Map<number, string>();

function roleOf(pid: number): string {
  const known = roles.get(pid);
  if (known !== undefined) return known;
  const name = /AWS_LAMBDA_FUNCTION_NAME=[\w-]*?Service-(\w+?)(?:Function)?[0-9A-F]{8}/.exec(
    read(`/proc/${pid}/environ`),
  );
  const role = name?.[1] ?? 'child';
  roles.set(pid, role);
  return role;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
