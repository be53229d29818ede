/** One word for one thing: the glossary of docs/architecture.md, held against the code. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { codeSpans, section, tableRows } from './docs/markdown.ts';

const FOLDERS = ['adapters', 'bin', 'cli', 'core', 'emulator', 'lambda', 'lib', 'local', 'providers'];
/** Every function has a handler and an environment of its own, every provider its definition. */
const IN_SEVERAL_FILES = ['handler', 'provider', 'env'];
/** Names of stored attributes are a contract; AWS and vendors have words of their own, and people search with theirs. */
const OTHER_WORDS = /^(adapters\/aws|emulator|providers)\/|\/search-words\.ts$/;

const sources = execFileSync('git', ['ls-files', '--', ...FOLDERS.map((folder) => `${folder}/**.ts`)], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '')
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

/** Code without comments, texts and templates, so that prose may use any word. */
function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, '``');
}

function exportedNames(text: string): readonly string[] {
  const declared = /^export (?:async )?(?:const|function|class|interface|type|enum) ([\w$]+)/gm;
  return [...text.matchAll(declared)].flatMap(([, name]) => name ?? []);
}

const glossary = tableRows(section(readFileSync('docs/architecture.md', 'utf8'), 'Words'));

describe('the glossary', () => {
  it('reads sources, and a row for each word', () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(glossary.length).toBeGreaterThanOrEqual(12);
  });

  it('an exported name is declared in one file', () => {
    const files = new Map<string, Set<string>>();
    for (const { file, text } of sources)
      for (const name of exportedNames(text)) files.set(name, (files.get(name) ?? new Set()).add(file));
    const several = [...files].filter(([name, { size }]) => size > 1 && !IN_SEVERAL_FILES.includes(name));
    expect(several.map(([name, where]) => `${name}: ${[...where].join(', ')}`)).toEqual([]);
  });

  it('only the provider kit exports again: others import a name from its file', () => {
    const again = /^export (?:type )?(?:\*|\{[^}]*\}) ?(?:as \w+ )?from/m;
    const files = sources.filter(({ text }) => again.test(text)).map(({ file }) => file);
    expect(files).toEqual(['core/provider/kit.ts']);
  });

  it.each(glossary.map(([word = '', , not = '']) => [word, codeSpans(not)] as const))(
    'code says %s, and not %j',
    (_word, others) => {
      const found = sources
        .filter(({ file }) => !OTHER_WORDS.test(file))
        .flatMap(({ file, text }) =>
          others.filter((other) => new RegExp(`\\b${other}\\b`).test(codeOf(text))).map((other) => `${file}: ${other}`),
        );
      expect(found).toEqual([]);
    },
  );
});
