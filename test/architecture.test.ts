/** The imports of the project against docs/architecture.md: floors, rooms and packages, as the tables there say. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { FUNCTIONS } from '../lib/functions.ts';
import { codeSpans, readPage, section, tableRows } from './docs/markdown.ts';
import { testTitles, type TestTitle } from './docs/test-titles.ts';

const page = readPage('docs/architecture.md');
const rows = tableRows(section(page, 'Floors, rooms, and who may import whom')).map(
  ([folder = '', , imports = '', packages = '']) => ({
    folder: codeSpans(folder)[0] ?? '',
    imports: codeSpans(imports),
    packages: codeSpans(packages),
  }),
);
/** Rooms in order: each uses only those before it. What lies in no room of a floor is not held to an order. */
const ORDERS = [
  tableRows(section(page, 'Rooms of the core')).map(([room = '']) => codeSpans(room)[0] ?? ''),
  tableRows(section(page, 'Rooms of the core')).map(([room = '']) =>
    (codeSpans(room)[0] ?? '').replace('core/', 'adapters/aws/'),
  ),
  ['request', 'ask', 'tools', 'protocol', 'products'].map((part) => `lambda/mcp/${part}/`),
];
/** A folder with more than this is more than one subject; a provider may have many categories. */
const MOST_FILES = 20;
const MANY_FILES = ['lib', 'providers/bitrix24'];

interface Import {
  readonly from: string;
  readonly to: string;
}

/** A pattern of the table as a regular expression; without a star it is a folder or a file. */
function pattern(text: string): RegExp {
  const source = text
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replaceAll(/[.$]/g, String.raw`\$&`)))
    .join('');
  return new RegExp(`^${source}${text.endsWith('/') ? '' : '$'}`);
}

/** The row of a file: the longest that fits, so that a folder below another has a row of its own. */
function rowOf(file: string) {
  return rows
    .filter(({ folder }) => pattern(folder).test(file))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

function packageOf(module: string): string | undefined {
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module) ?? [];
  if (name !== undefined) return name.replace(/^@types\//, '');
  if (builtinModules.includes(module.replace(/^node:/, ''))) return `node:${module.replace(/^node:|\/.*$/g, '')}`;
  return module.includes('/') ? undefined : module;
}

/** Why an import is not allowed, in words, or undefined. */
function breach({ from, to }: Import): string | undefined {
  const row = rowOf(from);
  if (row === undefined) return `${from} is in no folder of docs/architecture.md`;
  const name = packageOf(to);
  if (name !== undefined)
    return row.packages.some((allowed) =>
      pattern(allowed).test(name.replace(/^node:.*/, allowed === 'node' ? 'node' : '$&')),
    )
      ? undefined
      : `${from} may not use ${name}`;
  const own = (/^lambda\/[^/]+\//.exec(from) ?? pattern(row.folder).exec(from))?.[0] ?? '';
  if (to.startsWith(own) || row.imports.some((allowed) => pattern(allowed).test(to))) return outOfOrder({ from, to });
  return `${dirname(from)} may not use ${dirname(to)}: ${from} -> ${to}`;
}

function outOfOrder({ from, to }: Import): string | undefined {
  for (const order of ORDERS) {
    const [mine, other] = [from, to].map((file) => order.findLastIndex((room) => file.startsWith(room)));
    if (mine === undefined || other === undefined || mine < 0 || other <= mine) continue;
    return `${dirname(from)} may not use ${dirname(to)}, which comes after it: ${from} -> ${to}`;
  }
  return undefined;
}

/** Folders that need each other, directly or through others. */
function circles(imports: readonly Import[]): readonly string[] {
  const uses = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [mine, other] = [dirname(from), dirname(to)];
    if (packageOf(to) === undefined && mine !== other) uses.set(mine, (uses.get(mine) ?? new Set()).add(other));
  }
  const reach = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [start];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const other of uses.get(next) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        open.push(other);
      }
    return seen;
  };
  return [...uses.keys()].filter((folder) => reach(folder).has(folder)).toSorted();
}

const files = execFileSync('git', ['ls-files', '*.ts', '*.js', '*.cjs'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');
const sources = files.filter((file) => file.includes('/') && !file.startsWith('test/'));

describe('imports', () => {
  const world: { modules: ICruiseResult['modules']; imports: readonly Import[] } = { modules: [], imports: [] };

  beforeAll(async () => {
    const { output } = await cruise([...new Set(sources.map((file) => file.split('/')[0] ?? ''))], {
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['import', 'types', 'node', 'default'],
        extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      },
    });
    world.modules = (output as ICruiseResult).modules.filter(({ source }) => sources.includes(source));
    world.imports = world.modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => ({ from: source, to: resolved })),
    );
  }, 60_000);

  it('are read of every source', () => {
    // A parser that is missing sees no modules, and no imports in them.
    expect(world.modules.map(({ source }) => source).toSorted()).toEqual(sources.toSorted());
    expect(world.imports.length).toBeGreaterThan(1_000);
  });

  it('go down only, and by the order of the rooms', () => {
    expect(world.imports.flatMap((one) => breach(one) ?? [])).toEqual([]);
  });

  it('say in words which rule they break', () => {
    expect(breach({ from: 'core/call/size.ts', to: 'core/event/webhook.ts' })).toBe(
      'core/call may not use core/event, which comes after it: core/call/size.ts -> core/event/webhook.ts',
    );
    expect(breach({ from: 'core/json.ts', to: 'core/call/size.ts' })).toMatch(/^core may not use core\/call/);
    expect(breach({ from: 'core/json.ts', to: 'node_modules/@aws-sdk/client-kms/index.js' })).toBe(
      'core/json.ts may not use @aws-sdk/client-kms',
    );
    expect(breach({ from: 'core/json.ts', to: 'fs' })).toBe('core/json.ts may not use node:fs');
    expect(breach({ from: 'lambda/mcp/app.ts', to: 'adapters/aws/schema.ts' })).toMatch(/^lambda\/mcp may not use/);
    expect(breach({ from: 'lambda/mcp/app.ts', to: 'lambda/admin/app.ts' })).toMatch(/^lambda\/mcp may not use/);
  });

  it('make no circle of folders', () => {
    expect(circles(world.imports)).toEqual([]);
    expect(circles([...world.imports, { from: 'core/json.ts', to: 'lambda/mcp/app.ts' }])).toContain('core');
  });

  it('never lead to a handler', () => {
    expect(world.imports.filter(({ to }) => /^lambda\/[^/]+\/handler\.ts$/.test(to))).toEqual([]);
  });
});

describe('folders', () => {
  const inFolder = (folder: string): readonly string[] => sources.filter((file) => dirname(file) === folder);
  const lines = (list: readonly string[]): number =>
    list.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length, 0);

  it('of the table are there, and have sources', () => {
    expect(rows.filter(({ folder }) => !sources.some((file) => pattern(folder).test(file)))).toEqual([]);
  });

  it(`hold ${MOST_FILES} sources at most`, () => {
    const folders = [...new Set(sources.map((file) => dirname(file)))].filter((folder) => !MANY_FILES.includes(folder));
    expect(folders.filter((folder) => inFolder(folder).length > MOST_FILES)).toEqual([]);
  });

  it('of the core are a fifth of it at most', () => {
    const core = lines(sources.filter((file) => file.startsWith('core/')));
    const rooms = (ORDERS[0] ?? []).map((room) => room.replace(/\/$/, ''));
    expect(rooms.filter((room) => lines(inFolder(room)) > core / 5)).toEqual([]);
  });

  it('below lambda/ are the functions that are deployed, one each', () => {
    const folders = new Set(sources.flatMap((file) => /^lambda\/([^/]+)\//.exec(file)?.[1] ?? []));
    expect([...folders].toSorted()).toEqual(FUNCTIONS.toSorted());
    expect(FUNCTIONS.filter((name) => !sources.includes(`lambda/${name}/handler.ts`))).toEqual([]);
  });

  it('are not named for nothing, and neither are files', () => {
    expect(
      files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager|service|base)(\/|\.[a-z]+$)/.test(file)),
    ).toEqual([]);
  });
});

describe('the name of a test', () => {
  /** Sentences of docs/security.md are names of tests, and as long as they must be. */
  const promised = readPage('docs/security.md').replaceAll(/\s+/g, ' ').toLowerCase();

  it('has 17 words at most', () => {
    const titles = testTitles();
    expect(titles.length).toBeGreaterThan(1_000);
    const long = titles.filter(({ own }) => own.split(/\s+/).length > 17);
    const isPromised = ({ own, name }: TestTitle): boolean =>
      [own, name].some((title) => promised.includes(title.toLowerCase()));
    expect(long.filter((title) => !isPromised(title)).map(({ own }) => own)).toEqual([]);
  });
});

describe('the code', () => {
  it('replaces no module in a test: fakes are passed in', () => {
    const mock = ['jest', 'mock('].join('.');
    expect(files.filter((file) => file.startsWith('test/') && readFileSync(file, 'utf8').includes(mock))).toEqual([]);
  });

  it('names no file in a comment that is not there', () => {
    const comments = /\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
    const named = sources.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(comments)].flatMap(([comment]) =>
        // `<name>/handler.ts` stands for many.
        [...comment.matchAll(/(?<![\w>./-])[\w.-][\w./-]*\.ts\b/g)].map(([path]) => ({ file, path })),
      ),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ path }) => !files.some((file) => file === path || file.endsWith(`/${path}`)))).toEqual([]);
  });

  it('has no switched-off lint rule and no unchecked type', () => {
    const switches = /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable/;
    expect(
      files.filter((file) => file !== 'test/architecture.test.ts' && switches.test(readFileSync(file, 'utf8'))),
    ).toEqual([]);
  });
});
