/**
 * The cloud assembly that is served: built and synthesized when a source has changed since, else taken as it is.
 * Invariant: what is served was made from the sources that are there, with the settings of cdk.json and no others.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartRefused } from '../emulator/start-refused.ts';

export interface Preparation {
  /** The project's folder. */
  readonly root: string;
  /** What the build and synthesis are started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Says what is being done; the returned function says that it is done. */
  readonly progress: (what: string) => () => void;
  /** Ends the step that is running; the preparation then throws Interrupted. */
  readonly signal: AbortSignal;
}

/** The user stopped it. */
export class Interrupted extends Error {}

const SOURCES = [
  'bin',
  'lib',
  'lambda',
  'adapters',
  'core',
  'providers',
  'web',
  'package-lock.json',
  'cdk.json',
  'tsconfig.json',
];
const ASSEMBLY = 'cdk.out';
const STAMP = '.source-hash';
const KEPT_OUTPUT = 4_000;
/** A preparation that is older was killed. */
const MAX_PREPARATION_MS = 180_000;

/** The folder of the assembly. Throws StartRefused with the output of the step that failed. */
export async function prepareAssembly(preparation: Preparation): Promise<string> {
  const assembly = join(preparation.root, ASSEMBLY);
  if (isFresh(preparation.root, assembly)) return assembly;
  mkdirSync(assembly, { recursive: true });
  const release = await takeTurn(join(assembly, '.preparing'), preparation.signal);
  try {
    // Another start may have done it meanwhile.
    if (!isFresh(preparation.root, assembly)) await make(preparation, assembly);
  } finally {
    release();
  }
  return assembly;
}

async function make(preparation: Preparation, assembly: string): Promise<void> {
  const { root, env } = preparation;
  const sources = hashOfSources(root);
  rmSync(join(assembly, STAMP), { force: true });
  await step(preparation, env, 'building the functions', 'bin/build.ts');
  await step(preparation, { ...env, CDK_OUTDIR: assembly }, 'synthesizing the template', 'bin/allmcp.ts');
  if (!existsSync(join(assembly, 'manifest.json')))
    throw new StartRefused(`The synthesis left no template in ${assembly}. Delete that folder and start again.`);
  writeFileSync(join(assembly, STAMP), stamp(sources, assembly));
}

function isFresh(root: string, assembly: string): boolean {
  return existsSync(assembly) && stampOf(assembly) === stamp(hashOfSources(root), assembly);
}

/** One preparation at a time, over all processes. */
async function takeTurn(lock: string, signal: AbortSignal): Promise<() => void> {
  for (;;) {
    try {
      mkdirSync(lock);
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (signal.aborted) throw new Interrupted();
    if (ageOf(lock) > MAX_PREPARATION_MS) rmSync(lock, { recursive: true, force: true });
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function ageOf(lock: string): number {
  try {
    return Date.now() - statSync(lock).mtimeMs;
  } catch {
    return 0;
  }
}

function stampOf(assembly: string): string | undefined {
  const file = join(assembly, STAMP);
  return existsSync(file) && existsSync(join(assembly, 'manifest.json')) ? readFileSync(file, 'utf8') : undefined;
}

/** Covers the assembly as well: `cdk synth` writes to the same folder, maybe with other settings. */
function stamp(sources: string, assembly: string): string {
  const templates = readdirSync(assembly)
    .filter((name) => name === 'manifest.json' || name.endsWith('.template.json'))
    .toSorted();
  const hash = createHash('sha256').update(sources);
  for (const name of templates) hash.update(name).update(readFileSync(join(assembly, name)));
  return hash.digest('hex');
}

function hashOfSources(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES) hashInto(hash, root, source);
  return hash.digest('hex');
}

function hashInto(hash: ReturnType<typeof createHash>, root: string, path: string): void {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (/\.[a-z]+$/.test(path)) {
    hash.update(path).update('\0').update(readFileSync(full));
    return;
  }
  for (const entry of readdirSync(full, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) hashInto(hash, root, `${path}/${entry.name}`);
    else if (entry.isFile())
      hash
        .update(`${path}/${entry.name}`)
        .update('\0')
        .update(readFileSync(join(full, entry.name)));
  }
}

async function step(
  { root, progress, signal }: Preparation,
  env: Preparation['env'],
  what: string,
  script: string,
): Promise<void> {
  const done = progress(what);
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    cwd: root,
    env,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-KEPT_OUTPUT)));
  child.once('error', (error) => (output += error.message));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (signal.aborted) throw new Interrupted();
  if (code !== 0)
    throw new StartRefused(
      `${output.trim()}\n\nThe step "${what}" failed (tsx ${script}). Fix what it says and start again.`,
    );
  done();
}
