/** The fixtures are for this machine: no deployed bundle holds them, nor anything else of the laptop. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from './fixtures/extension.ts';
import { BUNDLING } from '../../lib/build/bundle.ts';
import { FUNCTIONS, strayInputs } from '../../lib/functions.ts';
import { PROJECT_ROOT } from '../../lib/project.ts';

describe('the deployed bundles', () => {
  beforeAll(() => {
    if (!existsSync(join(PROJECT_ROOT, 'dist', 'meta')))
      throw new Error('Nothing is built. Run "npm run build" first.');
  });

  it.each(FUNCTIONS)('hold nothing of the laptop, so no fixture either: %s', (name) => {
    const meta = JSON.parse(readFileSync(join(PROJECT_ROOT, 'dist', 'meta', `${name}.json`), 'utf8')) as Metafile;
    expect(Object.keys(meta.inputs)).toContain(`lambda/${name}/handler.ts`);
    expect(strayInputs(Object.keys(meta.inputs))).toEqual([]);
    const code = readFileSync(join(PROJECT_ROOT, 'dist', 'lambda', name, 'index.mjs'), 'utf8');
    expect(conformance.tools.filter((tool) => code.includes(tool.name))).toEqual([]);
  });

  it('would be refused by that check if one of them were built with the fixtures', async () => {
    const { metafile } = await build({
      ...BUNDLING,
      absWorkingDir: PROJECT_ROOT,
      entryPoints: [join(PROJECT_ROOT, 'test', 'conformance', 'fixtures', 'handler.ts')],
      outdir: 'unused',
    });
    expect(strayInputs(Object.keys(metafile.inputs))).toContain('test/conformance/fixtures/tools.ts');
  });
});
