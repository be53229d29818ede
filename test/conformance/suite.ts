/** Runs the official suite in a process of its own and reads what it found, scenario by scenario. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Counts of checks by outcome. A scenario passes when none failed. */
export interface Outcome {
  readonly scenario: string;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
}

export interface SuiteRun {
  readonly outcomes: readonly Outcome[];
  /** The suite's own verdict: 0 when what it was asked for holds. */
  readonly exitCode: number;
  /** What it printed. */
  readonly output: string;
}

export interface Suite {
  readonly version: string;
  /** Names of the server scenarios that a revision requires, from the suite's own frozen list. */
  readonly required: (revision: string) => readonly string[];
  readonly run: (...args: readonly string[]) => Promise<SuiteRun>;
}

const PACKAGE = join('node_modules', '@modelcontextprotocol', 'conformance');

/** @param folder holds the package.json that pins the suite; it is installed there when it is missing or another one. */
export async function openSuite(folder: string, mcpUrl: string): Promise<Suite> {
  const at = join(folder, PACKAGE);
  const wanted = versionIn(join(folder, 'package-lock.json'), ['packages', PACKAGE, 'version']);
  if (!existsSync(at) || versionIn(join(at, 'package.json'), ['version']) !== wanted)
    await succeed('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']);
  return {
    version: wanted,
    required: (revision) => serverList(readFileSync(join(at, 'requirements', `${revision}.yaml`), 'utf8')),
    run: async (...args) => {
      const results = mkdtempSync(join(tmpdir(), 'allmcp-conformance-results-'));
      try {
        const command = ['--import', join(folder, 'node20.mjs'), join(at, 'dist', 'index.js'), 'server'];
        const ran = await run(process.execPath, [...command, '--url', mcpUrl, '-o', results, ...args]);
        return { ...ran, outcomes: readdirSync(results).map((name) => outcome(results, name)) };
      } finally {
        rmSync(results, { recursive: true, force: true });
      }
    },
  };
}

/** The names under `server:`, of a requirements or an expected-failures file. */
export function serverList(yaml: string): readonly string[] {
  const [, block = ''] = /^server:\n((?: +[-#] .*\n?)+)/m.exec(yaml) ?? [];
  return [...block.matchAll(/^ +- ([a-z0-9-]+)(?=\s|$)/gm)].map(([, name = '']) => name);
}

function outcome(results: string, folder: string): Outcome {
  const checks = JSON.parse(readFileSync(join(results, folder, 'checks.json'), 'utf8')) as { status: string }[];
  const count = (status: string): number => checks.filter((check) => check.status === status).length;
  return {
    scenario: folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, ''),
    passed: count('SUCCESS'),
    failed: count('FAILURE'),
    warned: count('WARNING'),
    skipped: count('SKIPPED'),
  };
}

function versionIn(file: string, path: readonly string[]): string {
  const found = path.reduce<unknown>(
    (at, step) => (Object(at) as Record<string, unknown>)[step],
    JSON.parse(readFileSync(file, 'utf8')),
  );
  return String(found);
}

async function succeed(command: string, args: readonly string[]): Promise<void> {
  const { exitCode, output } = await run(command, args);
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
}

function run(command: string, args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: false });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
