/**
 * What the bundles weigh and how long a fresh process takes to import them, beside a floor: the same names of the
 * same packages without a line of our code. The ratio says what our own code adds to a cold start.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { AdminEnv } from '../../lambda/admin/env.ts';
import { AuthorizerEnv } from '../../lambda/authorizer/env.ts';
import { BootstrapEnv } from '../../lambda/bootstrap/env.ts';
import { ConnectEnv } from '../../lambda/connect/env.ts';
import { EventsEnv } from '../../lambda/events/env.ts';
import { McpEnv } from '../../lambda/mcp/env.ts';
import { TenantKeysEnv } from '../../lambda/tenant-keys/env.ts';
import { BUNDLING, ONLY_ENGLISH, type Bundle } from './bundle.ts';
import { floorModule } from './floor.ts';
import type { FunctionName } from '../functions.ts';

const RUNS = 5;

const ENVIRONMENTS: Readonly<Record<FunctionName, { readonly shape: object }>> = {
  authorizer: AuthorizerEnv,
  mcp: McpEnv,
  connect: ConnectEnv,
  admin: AdminEnv,
  bootstrap: BootstrapEnv,
  events: EventsEnv,
  'tenant-keys': TenantKeysEnv,
};

export interface Measure {
  readonly name: FunctionName;
  readonly bytes: number;
  readonly importMs: number;
  readonly floorBytes: number;
  readonly floorImportMs: number;
}

export interface ReportRequest {
  readonly root: string;
  readonly bundles: readonly Bundle[];
  readonly log: (line: string) => void;
}

/** Measures every bundle and its floor, one after the other, and prints a table. */
export async function report({ root, bundles, log }: ReportRequest): Promise<readonly Measure[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'allmcp-floor-'));
  try {
    const measures: Measure[] = [];
    for (const bundle of bundles) measures.push(await measure(root, scratch, bundle));
    log('');
    log('function      KiB  floor  ratio   import ms  floor  ratio');
    for (const row of measures) log(line(row));
    return measures;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(root: string, scratch: string, bundle: Bundle): Promise<Measure> {
  const own = Object.keys(bundle.meta.inputs).filter((input) => !input.includes('node_modules/'));
  const sources = await Promise.all(
    own.filter((input) => input.endsWith('.ts')).map((input) => readFile(join(root, input), 'utf8')),
  );
  const { outputFiles } = await esbuild({
    ...BUNDLING,
    absWorkingDir: root,
    stdin: { contents: floorModule(sources), resolveDir: root, loader: 'js' },
    plugins: [ONLY_ENGLISH],
  });
  const floorFile = join(scratch, `${bundle.name}.mjs`);
  const floor = outputFiles[0]?.contents ?? new Uint8Array();
  await writeFile(floorFile, floor);
  const env = Object.fromEntries(Object.keys(ENVIRONMENTS[bundle.name].shape).map((name) => [name, '1']));
  // Alternating, so that a busy moment of the machine falls on both.
  const times: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    times[0].push(await importMs(bundle.file, env));
    times[1].push(await importMs(floorFile, env));
  }
  return {
    name: bundle.name,
    bytes: bundle.bytes,
    importMs: median(times[0]),
    floorBytes: floor.byteLength,
    floorImportMs: median(times[1]),
  };
}

/** What Lambda's runtime provides before a handler is imported. */
const PRELUDE = 'globalThis.awslambda={streamifyResponse:(f)=>f,HttpResponseStream:{from:(s)=>s}};';

async function importMs(file: string, env: Readonly<Record<string, string>>): Promise<number> {
  const script = `${PRELUDE}const t=performance.now();await import(${JSON.stringify(pathToFileURL(file).href)});process.stdout.write(String(performance.now()-t));process.exit(0)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...env, AWS_REGION: 'eu-central-1' },
  });
  return Number(stdout);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function line({ name, bytes, importMs: ms, floorBytes, floorImportMs }: Measure): string {
  const kib = (n: number): string => (n / 1024).toFixed(0);
  const ratio = (a: number, b: number): string => (a / b).toFixed(2);
  return [
    name.padEnd(10),
    kib(bytes).padStart(6),
    kib(floorBytes).padStart(6),
    ratio(bytes, floorBytes).padStart(6),
    ms.toFixed(1).padStart(11),
    floorImportMs.toFixed(1).padStart(6),
    ratio(ms, floorImportMs).padStart(6),
  ].join(' ');
}
