/** Where the agents' programs are, and how one is run: nothing of this machine's environment reaches it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installedVersion, PACKAGES } from '../installed.ts';
import type { Agent, AgentRun } from './agent.ts';

export const packages = PACKAGES;
const LIMIT_MS = 120_000;

/** A program that a package ships for this platform alone. */
export function platformProgram(name: string, file: string): string {
  return join(packages, 'node_modules', `${name}-${process.platform}-${process.arch}`, file);
}

/** The Node.js that most of them ask for, newer than the one that this project needs. */
export function agentNode(): string {
  const own = join(packages, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');
  return existsSync(own) ? own : process.execPath;
}

/** The oldest Node.js that all of them run on. */
const NODE = { major: 22, minor: 13 };

/** Why this machine cannot run an agent, in words; undefined when it can. */
export function whyNotInstalled({ packageName, needs, program }: Agent): string | undefined {
  const missing = [packageName, ...needs].filter((name) => installedVersion(name) === undefined);
  if (missing.length > 0) return `npm did not install ${missing.join(', ')}`;
  if (program !== undefined && !existsSync(program))
    return `${packageName} brings no program for ${process.platform} on ${process.arch}`;
  const { stdout } = spawnSync(agentNode(), ['--version'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = stdout.slice(1).split('.').map(Number);
  if (major > NODE.major || (major === NODE.major && minor >= NODE.minor)) return undefined;
  return `it needs Node.js ${NODE.major}.${NODE.minor} or newer, and here is ${stdout.trim()}`;
}

/** Never throws: what it prints is what is looked at. The code is null for a program that did not start, or not end. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { home, env }: { readonly home: string; readonly env: Readonly<Record<string, string>> },
): Promise<AgentRun> {
  const child = spawn(command, args, {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1', ...env },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const code = await new Promise<number | null>((resolve) => {
    const cannotStart = (error: Error): void => {
      printed += error.message;
      resolve(null);
    };
    child.once('error', cannotStart).once('close', resolve);
  });
  return { code, printed };
}
