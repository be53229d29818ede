/**
 * The processes of the runtime's functions, and which of them is at the other end of a loopback connection. The kernel
 * knows it; what a process says about itself would have to be added to product code. Read from /proc, so on Linux only.
 */
import { describe } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { memoryOf } from '../soak/processes.ts';

const CONNECTIONS = '/proc/net/tcp';
const ESTABLISHED = '01';

/** `describe`, or its skipping twin with the reason printed, where processes cannot be told apart. */
export function describeProcesses(): typeof describe | typeof describe.skip {
  if (existsSync(CONNECTIONS)) return describe;
  process.stderr.write(`Tests of single processes are skipped: there is no ${CONNECTIONS}.\n`);
  return describe.skip;
}

/** The processes of the MCP function that run now, under a runtime in this process. */
export function mcpProcesses(): readonly number[] {
  return memoryOf(process.pid)
    .filter(({ role }) => role === 'McpEndpoint')
    .map(({ pid }) => pid);
}

/** The process that has opened a connection to a server on loopback; undefined when it is gone. */
export function processBehind({ remotePort = 0, localPort = 0 }: Socket): number | undefined {
  const [from, to] = [ofLoopback(remotePort), ofLoopback(localPort)];
  const rows = readFileSync(CONNECTIONS, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, local, remote, state]) => local === from && remote === to && state === ESTABLISHED);
  if (row === undefined) return undefined;
  const socket = `socket:[${row[9]}]`;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && openFiles(name).includes(socket));
  return pid === undefined ? undefined : Number(pid);
}

function ofLoopback(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function openFiles(pid: string): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return (unlessGone(() => readdirSync(folder)) ?? []).flatMap(
    (fd) => unlessGone(() => readlinkSync(`${folder}/${fd}`)) ?? [],
  );
}

/** What has ended meanwhile, or is somebody else's, cannot be read. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
