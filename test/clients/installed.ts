/** The third-party clients: installed beside the matrix, from a lockfile of their own, without running their scripts. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder whose `node_modules` hold them. */
export const PACKAGES = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface PackageJson {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * Installs what is missing or of another version. Throws with npm's own words.
 * @param agents whether the agents too, which weigh two gigabytes.
 */
export function installClients(say: (line: string) => void, { agents }: { readonly agents: boolean }): void {
  const { dependencies: clients = {}, devDependencies = {} } = read(join(PACKAGES, 'package.json')) ?? {};
  const dependencies = agents ? { ...clients, ...devDependencies } : clients;
  const isThere = ([name, version]: [string, string]): boolean =>
    read(join(PACKAGES, 'node_modules', name, 'package.json'))?.version === version;
  if (Object.entries(dependencies).every(isThere)) return;
  say(`installing the clients${agents ? ' and the agents' : ''}`);
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const args = ['ci', '--prefix', PACKAGES, ...(agents ? [] : ['--omit=dev']), ...flags];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'], shell: false });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed; run it by hand to see why.`);
}

/** The version of a package among the clients and agents; undefined when it is not installed. */
export function installedVersion(name: string): string | undefined {
  return read(join(PACKAGES, 'node_modules', name, 'package.json'))?.version;
}

/** The installed version, among the clients or among the project's own dependencies. */
export function versionOf(name: string): string {
  const found = [PACKAGES, ROOT].map((folder) => read(join(folder, 'node_modules', name, 'package.json'))?.version);
  const own = name === '@modelcontextprotocol/sdk' || name === '@modelcontextprotocol/client';
  const version = own ? found[1] : found[0];
  if (version === undefined) throw new Error(`${name} is not installed.`);
  return version;
}

function read(file: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PackageJson;
  } catch {
    return undefined;
  }
}
