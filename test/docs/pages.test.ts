/** What every page shares: commands that exist, snippets that parse, links and paths that lead somewhere. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { z } from 'zod';
import type { Io } from '../../cli/terminal/io.ts';
import { run } from '../../cli/program.ts';
import { PROJECT_ROOT } from '../../lib/project.ts';
import { USAGE } from '../../local/options.ts';
import { afterDashes, flagsOf, toldCommands, type Told } from './commands.ts';
import { codeBlocks, codeSpans, readPage, section, tableRows } from './markdown.ts';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(PROJECT_ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
].map((file) => ({ file, page: readPage(file) }));

const packageJson = z
  .object({ scripts: z.record(z.string(), z.string()), bin: z.unknown().optional() })
  .parse(JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')));

/** Every command of every page whose first words match. */
function told(...start: readonly string[]): readonly Told[] {
  return PAGES.flatMap(({ page }) => toldCommands(page)).filter(({ words }) =>
    start.every((word, i) => words.filter((one) => one !== '-s')[i] === word),
  );
}

/** What a command prints as its help, from the command line itself. */
async function helpOf(command: readonly string[]): Promise<string> {
  let text = '';
  const io: Io = {
    env: {},
    cwd: PROJECT_ROOT,
    root: PROJECT_ROOT,
    out: (more) => void (text += more),
    err: () => undefined,
    ask: undefined,
    readInput: async () => '',
    fetch: () => Promise.reject(new Error('help asks nobody')),
    alive: () => false,
  };
  expect([command, await run([...command, '--help'], io)]).toEqual([command, 0]);
  // The example under the help would agree with a page that is as wrong as itself.
  return text.split('\nExample:')[0] ?? '';
}

describe('the commands that the pages tell people to run', () => {
  it('are scripts of package.json where npm runs them', () => {
    const named = told('npm', 'run').map(({ words }) => words.filter((word) => word !== '-s')[2] ?? '');
    expect(new Set(named).size).toBeGreaterThan(4);
    expect(named.filter((name) => !Object.hasOwn(packageJson.scripts, name))).toEqual([]);
    const others = told('npm').filter(({ words }) => !['run', 'ci', 'start', 'test'].includes(words[1] ?? ''));
    expect(others.map(({ line }) => line)).toEqual([]);
  });

  it('are installed where npx runs them', () => {
    const named = told('npx').map(({ words }) => words[1] ?? '');
    expect(named.filter((name) => !existsSync(join(PROJECT_ROOT, 'node_modules', '.bin', name)))).toEqual([]);
  });

  it('take the options that are shown: npm start', () => {
    for (const { line, words } of told('npm', 'start'))
      for (const flag of flagsOf(afterDashes(words))) expect([line, USAGE.includes(`  ${flag}`)]).toEqual([line, true]);
  });

  it('take the options that are shown: the allmcp command line', async () => {
    const commands = told('npm', 'run', 'allmcp').filter(({ words }) => afterDashes(words)[0] !== '...');
    expect(commands.length).toBeGreaterThan(5);
    for (const { line, words } of commands) {
      const given = afterDashes(words);
      const firstFlag = given.findIndex((word) => word.startsWith('-'));
      const help = await helpOf(firstFlag < 0 ? given : given.slice(0, firstFlag));
      for (const flag of flagsOf(given)) expect([line, flag, help.includes(flag)]).toEqual([line, flag, true]);
    }
  });

  it('take the options that are shown: the CDK command line', () => {
    const cdk = join(PROJECT_ROOT, 'node_modules', '.bin', 'cdk');
    const helps = new Map<string, string>();
    for (const { line, words } of told('npx', 'cdk')) {
      const command = words[2] ?? '';
      const help = helps.get(command) ?? execFileSync(cdk, [command, '--help'], { encoding: 'utf8', stdio: 'pipe' });
      helps.set(command, help);
      expect([line, help.startsWith(`cdk ${command}`)]).toEqual([line, true]);
      for (const flag of flagsOf(words)) expect([line, flag, help.includes(flag)]).toEqual([line, flag, true]);
    }
  }, 60_000);

  it('run files that exist, with options that those files read', () => {
    for (const { line, words } of told('npx', 'tsx')) {
      const [, , file = '', ...given] = words;
      const source = readFileSync(join(PROJECT_ROOT, file), 'utf8');
      for (const flag of flagsOf(given)) expect([line, source.includes(`${flag.slice(2)}:`)]).toEqual([line, true]);
    }
  });

  it('never install anything globally', () => {
    for (const { file, page } of PAGES)
      expect([file, /npm (i|install) (-g|--global)/.test(page)]).toEqual([file, false]);
  });
});

describe('the pages', () => {
  it('show JSON that parses', () => {
    const blocks = PAGES.flatMap(({ page }) => codeBlocks(page)).filter(({ language }) => language === 'json');
    expect(blocks.length).toBeGreaterThan(4);
    for (const { text } of blocks) expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it('link to files and headings that exist', () => {
    const broken = PAGES.flatMap(({ file, page }) =>
      [...page.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^https?:/.test(target) && !leads(file, target))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name files of this repository that exist', () => {
    const named = PAGES.flatMap(({ file, page }) => codeSpans(page).map((span) => ({ file, span }))).filter(
      ({ span }) => /^(adapters|bin|core|emulator|lib|lambda|local|cli|providers|test|docs)\/[\w./-]*$/.test(span),
    );
    expect(named.length).toBeGreaterThan(20);
    const made = /^dist\//;
    expect(named.filter(({ span }) => !made.test(span) && !existsSync(join(PROJECT_ROOT, span)))).toEqual([]);
  });

  it('name every folder with sources in the architecture', () => {
    const rows = tableRows(section(readPage('docs/architecture.md'), 'Floors, rooms, and who may import whom'));
    const named = new Set(rows.map(([folder = '']) => codeSpans(folder)[0]));
    const tracked = execFileSync('git', ['ls-files', '*.ts'], { cwd: PROJECT_ROOT, encoding: 'utf8' }).split('\n');
    const folders = tracked.flatMap(
      (file) => /^((lambda|adapters)\/[^/]+\/|(?!test\/|lambda\/|adapters\/)[^/]+\/)/.exec(file)?.[0] ?? [],
    );
    expect(new Set(folders).size).toBeGreaterThan(8);
    expect([...new Set(folders)].filter((folder) => !named.has(folder))).toEqual([]);
  });

  it('hold no path of one machine and no address of a registry', () => {
    for (const { file, page } of PAGES) {
      expect([file, /(?<![\w.])\/(home|Users|root|work|tmp|var)\/|[A-Z]:\\/.test(page)]).toEqual([file, false]);
      expect([file, /registry\./.test(page)]).toEqual([file, false]);
    }
  });

  it('use plain words', () => {
    const praise = /\b(seamless(ly)?|robust(ly)?|leverag(e|es|ing)|powerful|blazing|effortless(ly)?|cutting-edge)\b/i;
    for (const { file, page } of PAGES) expect([file, praise.exec(page)?.[0]]).toEqual([file, undefined]);
  });
});

function leads(from: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(PROJECT_ROOT, file))) return false;
  return heading === undefined || headings(readPage(file)).includes(heading);
}

/** The anchors that GitHub makes of headings. */
function headings(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
