/**
 * `npm run lockfile`, after every change of dependencies: npm takes the hash of every package from its registry, those of
 * other platforms too, and writes no address of a registry. Fails where the registry does not carry one.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { missingOptional, registries, unpinned, withoutUnpinned, type Lockfile } from '../lib/build/lockfile.ts';

const FILE = 'package-lock.json';
const NPM = ['install', '--package-lock-only', '--ignore-scripts', '--omit-lockfile-registry-resolved'];
const read = (): Lockfile => JSON.parse(readFileSync(FILE, 'utf8')) as Lockfile;

const before = readFileSync(FILE, 'utf8');
writeFileSync(FILE, `${JSON.stringify(withoutUnpinned(read()), null, 2)}\n`);
const { status } = spawnSync('npm', NPM, { stdio: 'inherit' });
const after = read();
const problems = [
  ...missingOptional(after).map((name) => `${name} is not in this registry`),
  ...unpinned(after).map((place) => `${place} has no hash`),
  ...registries(after).map((host) => `${host} is named`),
];
if (status !== 0 || problems.length > 0) {
  writeFileSync(FILE, before);
  process.stderr.write(`${FILE} is as it was.\n${problems.map((one) => `- ${one}\n`).join('')}`);
  process.exitCode = 1;
} else process.stdout.write(`${Object.keys(after.packages).length} entries in ${FILE}, each with its hash\n`);
