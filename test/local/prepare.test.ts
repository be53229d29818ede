/** Building and synthesizing: when it is done, when not, and what a failure says. In a small project of its own. */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Interrupted, prepareAssembly } from '../../local/prepare.ts';
import { codeSpans, readPage, section, tableRows } from '../docs/markdown.ts';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Its build and synthesis leave a mark in `steps`. */
function project(build = '', synth = ''): string {
  const root = mkdtempSync(join(tmpdir(), 'allmcp-prepare-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'lambda/mcp'), { recursive: true });
  symlinkSync(MODULES, join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'lambda/mcp/handler.ts'), 'one');
  writeFileSync(
    join(root, 'bin/build.ts'),
    `import { appendFileSync } from 'node:fs'; appendFileSync('steps', 'build '); ${build}`,
  );
  writeFileSync(
    join(root, 'bin/allmcp.ts'),
    `import { appendFileSync, writeFileSync } from 'node:fs'; appendFileSync('steps', 'synth ');
     writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', '{}'); ${synth}`,
  );
  return root;
}
function addSource(root: string, folder: string): void {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'new.ts'), '');
}
const said: string[] = [];
const prepare = (root: string, signal = new AbortController().signal) =>
  prepareAssembly({
    root,
    env: { PATH: process.env['PATH'] },
    signal,
    progress: (what) => {
      said.push(what);
      return () => {};
    },
  });
const steps = (root: string): string =>
  existsSync(join(root, 'steps')) ? readFileSync(join(root, 'steps'), 'utf8').trim() : '';

describe('the assembly', () => {
  it('is made on the first start, with progress, and taken as it is on the next', async () => {
    const root = project();
    expect(await prepare(root)).toBe(join(root, 'cdk.out'));
    expect(said).toEqual(['building the functions', 'synthesizing the template']);
    await prepare(root);
    expect(steps(root)).toBe('build synth');
  });

  it.each([
    ['a source changes', (root: string) => appendFileSync(join(root, 'lambda/mcp/handler.ts'), 'two')],
    ['a source is added', (root: string) => writeFileSync(join(root, 'lambda/mcp/new.ts'), '')],
    ...['adapters/aws', 'core/call', 'lib', 'providers/kommo'].map(
      (folder) => [`a source below ${folder} is added`, (root: string) => addSource(root, folder)] as const,
    ),
    ['cdk.json changes', (root: string) => writeFileSync(join(root, 'cdk.json'), '{}')],
    [
      'someone synthesized something else into the folder',
      (root: string) => writeFileSync(join(root, 'cdk.out/X.template.json'), '{}'),
    ],
  ])('is made again when %s', async (_what, change) => {
    const root = project();
    await prepare(root);
    change(root);
    await prepare(root);
    expect(steps(root)).toBe('build synth build synth');
  });

  it('is made of every folder that the table of the architecture puts above or into a bundle', async () => {
    const table = section(readPage('docs/architecture.md'), 'Floors, rooms, and who may import whom');
    const folders = tableRows(table).flatMap(([folder = '']) => codeSpans(folder)[0]?.split('/')[0] ?? []);
    const root = project();
    await prepare(root);
    const apart = ['cli', 'emulator', 'local'];
    const stale: string[] = [];
    for (const folder of new Set(folders)) {
      const before = steps(root);
      addSource(root, folder);
      await prepare(root);
      if (steps(root) !== before) stale.push(folder);
    }
    expect(stale.toSorted()).toEqual([...new Set(folders)].filter((folder) => !apart.includes(folder)).toSorted());
  });

  it('is made once when two starts need it at the same time', async () => {
    const root = project('await new Promise((r) => setTimeout(r, 300));');
    await Promise.all([prepare(root), prepare(root)]);
    expect(steps(root)).toBe('build synth');
  });

  it('that fails says why and what to do, and is tried again', async () => {
    const root = project('console.error("handler.ts:1 is wrong"); process.exit(1);');
    await expect(prepare(root)).rejects.toThrow(/handler\.ts:1 is wrong[^]*bin\/build\.ts[^]*start again/);
    await expect(prepare(root)).rejects.toThrow('bin/build.ts');
    expect(steps(root)).toBe('build build');
  });

  it('can be interrupted', async () => {
    const root = project('await new Promise((r) => setTimeout(r, 60_000));');
    const controller = new AbortController();
    const preparing = prepare(root, controller.signal);
    setTimeout(() => controller.abort(), 300);
    await expect(preparing).rejects.toThrow(Interrupted);
  });
});
