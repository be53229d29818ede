/** Checks of this checkout: Node, installed packages, the CDK CLI, the bundles. They read files and nothing else. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { failed, passed, warn, type Finding } from './check.ts';

const Versions = z.record(z.string(), z.string()).default({});
const Installed = z.object({ version: z.string() });
const Package = z.object({
  engines: z.object({ node: z.string() }),
  dependencies: Versions,
  devDependencies: Versions,
});
const Meta = z.object({ inputs: z.record(z.string(), z.unknown()) });

export async function checkNode(root: string, running: string): Promise<Finding> {
  const { engines } = await readPackage(root);
  const needed = engines.node.replace(/^>=\s*/, '');
  if (atLeast(running, needed)) return passed('node', `Node ${running}`);
  return failed(
    'node',
    `Node ${running} is older than ${needed}.`,
    `Install Node ${needed} or newer, then run \`npm ci\`.`,
  );
}

/** Every direct dependency is there in the pinned version. */
export async function checkPackages(root: string): Promise<Finding> {
  const { dependencies, devDependencies } = await readPackage(root);
  const wanted = Object.entries({ ...dependencies, ...devDependencies });
  const installed = await Promise.all(
    wanted.map(async ([name, pin]) => ({ name, pin, is: await installedVersion(root, name) })),
  );
  const missing = installed.filter(({ is }) => is === undefined);
  const other = installed.filter(({ is, pin }) => is !== undefined && is !== pin);
  if (missing.length > 0) return failed('packages', `Not installed: ${names(missing)}.`, 'Run `npm ci`.');
  if (other.length > 0) return failed('packages', `In another version than pinned: ${names(other)}.`, 'Run `npm ci`.');
  return passed('packages', `${wanted.length} packages, as pinned`);
}

/** `npx cdk` runs the one in node_modules/.bin; npm's `latest` tag is one that cannot read our output. */
export async function checkCdk(root: string): Promise<Finding> {
  const pinned = (await readPackage(root)).devDependencies['aws-cdk'];
  const resolved = await installedVersion(root, 'aws-cdk');
  const command = await stat(path.join(root, 'node_modules', '.bin', 'cdk')).catch(() => undefined);
  if (pinned === undefined || resolved !== pinned || command === undefined)
    return failed(
      'cdk',
      `\`npx cdk\` would run ${resolved ?? 'no installed version'}, not ${pinned}.`,
      'Run `npm ci`.',
    );
  return passed('cdk', `\`npx cdk\` runs ${pinned}`);
}

/** Whether each bundle is newer than every source file that went into it. */
export async function checkBuild(root: string, functions: readonly string[]): Promise<Finding> {
  const states = await Promise.all(functions.map((name) => bundleState(root, name)));
  const which = (state: string): string => functions.filter((_, i) => states[i] === state).join(', ');
  if (states.includes('absent'))
    return warn('build', `Not built: ${which('absent')}.`, 'Run `npm run build`; `npm start` does it by itself.');
  if (states.includes('stale'))
    return warn('build', `Older than the sources: ${which('stale')}.`, 'Run `npm run build` before `npx cdk deploy`.');
  return passed('build', `${functions.length} bundles, up to date`);
}

async function bundleState(root: string, name: string): Promise<'absent' | 'stale' | 'fresh'> {
  const built = await modified(path.join(root, 'dist', 'lambda', name, 'index.mjs'));
  const text = await readFile(path.join(root, 'dist', 'meta', `${name}.json`), 'utf8').catch(() => undefined);
  if (built === undefined || text === undefined) return 'absent';
  const sources = Object.keys(Meta.parse(JSON.parse(text)).inputs).filter((file) => !file.startsWith('node_modules/'));
  const times = await Promise.all(sources.map((file) => modified(path.join(root, file))));
  return times.every((time) => time !== undefined && time <= built) ? 'fresh' : 'stale';
}

async function readPackage(root: string): Promise<z.infer<typeof Package>> {
  return Package.parse(await readJson(path.join(root, 'package.json')));
}

async function installedVersion(root: string, name: string): Promise<string | undefined> {
  const found = await readJson(path.join(root, 'node_modules', name, 'package.json')).catch(() => undefined);
  return Installed.safeParse(found).data?.version;
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

async function modified(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.mtimeMs;
}

function names(packages: readonly { readonly name: string }[]): string {
  const shown = packages.slice(0, 5).map(({ name }) => name);
  return shown.join(', ') + (packages.length > 5 ? ` and ${packages.length - 5} more` : '');
}

function atLeast(running: string, needed: string): boolean {
  const has = running.replace(/^v/, '').split('.').map(Number);
  for (const [i, part] of needed.split('.').map(Number).entries()) {
    const own = has[i] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
