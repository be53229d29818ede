/** Where this package is and which version it is: both read from its own package.json, never from the caller. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

export const PROJECT_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The bundles that `npm run build` writes: one folder per function, each with an `index.mjs`. */
export const DEFAULT_BUNDLES = fileURLToPath(new URL('../dist/lambda', import.meta.url));

export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;
