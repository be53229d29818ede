/**
 * `npm run baseline`, once per release: writes the templates that the next version is compared with, so that a change
 * that would replace a table, the key or a log group fails a test (test/lib/upgrade.test.ts) before it reaches anyone.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../lib/project.ts';
import { synthesize } from '../lib/app.ts';

const folder = join(PROJECT_ROOT, 'test', 'lib', 'baseline');
const outdir = mkdtempSync(join(tmpdir(), 'allmcp-baseline-'));
try {
  mkdirSync(folder, { recursive: true });
  for (const stack of synthesize(outdir, { config: {} }).stacks) {
    // Code changes with every commit and replaces nothing.
    const text = readFileSync(stack.templateFullPath, 'utf8').replaceAll(/[0-9a-f]{64}\.zip/g, 'ASSET.zip');
    writeFileSync(join(folder, `${stack.stackName}.json`), `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    process.stdout.write(`test/lib/baseline/${stack.stackName}.json\n`);
  }
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
