/** Rows as a table that fits the width, by cutting the widest cells. Text from elsewhere is made printable. */
import { printable } from './io.ts';

const GAP = '  ';
const NARROWEST = 6;
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** `''` for no rows. The first row of the result is the header. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[], width = 80): string {
  if (rows.length === 0) return '';
  const cells = [headers, ...rows].map((row) => row.map(printable));
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => size(row[column] ?? ''))));
  const room = width - GAP.length * (headers.length - 1);
  while (total(widths) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return cells
    .map((row) => row.map((cell, column) => fit(cell, widths[column] ?? 0)).join(GAP))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function fit(cell: string, width: number): string {
  const length = size(cell);
  if (length > width) return `${characters(cell).slice(0, width - 1).join('')}…`;
  return cell + ' '.repeat(width - length);
}

function size(text: string): number {
  return characters(text).length;
}

/** What a reader counts as one character. */
function characters(text: string): readonly string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}
