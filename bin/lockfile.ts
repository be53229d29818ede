/** `npm run lockfile`, after every change of dependencies: adds what npm left out of package-lock.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { completed, missingOptional, type Lockfile } from '../lib/build/lockfile.ts';

const FILE = 'package-lock.json';
const lockfile = JSON.parse(readFileSync(FILE, 'utf8')) as Lockfile;
const missing = missingOptional(lockfile);
writeFileSync(FILE, `${JSON.stringify(completed(lockfile), null, 2)}\n`);
process.stdout.write(`${missing.length} optional packages added to ${FILE}\n`);
