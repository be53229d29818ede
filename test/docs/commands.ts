/** The commands that a page tells people to run, from its shell blocks and its inline code. */
import { codeBlocks, codeSpans } from './markdown.ts';

/** One command with its words; comments and quotes are taken off. */
export interface Told {
  readonly line: string;
  readonly words: readonly string[];
}

export function toldCommands(page: string): readonly Told[] {
  const shell = codeBlocks(page).filter(({ language }) => language === 'sh');
  return [...shell.flatMap(({ text }) => text.split('\n')), ...codeSpans(page)]
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => /^(npm|npx|node)\b/.test(line))
    .map((line) => ({
      line,
      words: [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? ''),
    }));
}

/** The words after `--`, or none. */
export function afterDashes(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--');
  return at < 0 ? [] : words.slice(at + 1);
}

export function flagsOf(words: readonly string[]): readonly string[] {
  return words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/=.*$/, ''));
}
