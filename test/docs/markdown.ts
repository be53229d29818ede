/** The parts of a Markdown page that tests compare with code: sections, tables, bullets, code. Not a Markdown parser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/project.ts';

export function readPage(file: string): string {
  return readFileSync(join(PROJECT_ROOT, file), 'utf8');
}

/** What stands under a heading, up to the next one of the same level or above. Throws when there is no such heading. */
export function section(page: string, heading: string): string {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^#+ `).test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const level = (lines[start] ?? '').indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** The cells of the first table, without its head. */
export function tableRows(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => /^\|(-+\|)+$/.test(line));
  if (head < 0) throw new Error('there is no table');
  const rest = lines.slice(head + 1);
  const length = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, length < 0 ? undefined : length).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** Everything between backticks in a text without code blocks. */
export function codeSpans(text: string): readonly string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

export function codeBlocks(text: string): readonly CodeBlock[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

/** The bullets of a section, each on one line however it was wrapped. */
export function bullets(text: string): readonly string[] {
  return [...text.matchAll(/^- (.+(?:\n {2}\S.*)*)/gm)].map(([, bullet = '']) => bullet.replaceAll(/\n\s+/g, ' '));
}
