/** `npm run build [-- --report]`: the bundles that are deployed, and with --report what they weigh and take to load. */
import { build } from '../lib/build/bundle.ts';
import { report } from '../lib/build/report.ts';
import { PROJECT_ROOT } from '../lib/project.ts';

const log = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

try {
  const bundles = await build({ root: PROJECT_ROOT, log });
  if (process.argv.includes('--report')) await report({ root: PROJECT_ROOT, bundles, log });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
