/**
 * Rows as a table that fits the width. Only columns that are marked as `cut` are ever shortened: an id must stay
 * whole to be copied. Text from elsewhere is made printable.
 */
import { printable } from './io.ts';

export interface Column {
  readonly title: string;
  readonly cut?: boolean;
}

const GAP = '  ';
const NARROWEST = 6;
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Characters that take two columns: pictures, and the scripts of East Asia. */
const WIDE =
  /^[\p{Extended_Pictographic}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u;

/** The header and a line per row; `''` for no rows. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width = 80): string {
  if (rows.length === 0) return '';
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => size(row[column] ?? ''))));
  for (let over = total(widths) - width; over > 0; over -= 1) {
    const widest = widestCut(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return cells
    .map((row) => row.map((cell, column) => fit(cell, widths[column] ?? 0)).join(GAP))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function widestCut(columns: readonly Column[], widths: readonly number[]): number | undefined {
  const [widest] = widths
    .map((width, column) => ({ width, column }))
    .filter(({ width, column }) => columns[column]?.cut === true && width > NARROWEST)
    .toSorted((a, b) => b.width - a.width);
  return widest?.column;
}

function fit(cell: string, width: number): string {
  if (size(cell) <= width) return cell + ' '.repeat(width - size(cell));
  let kept = '';
  for (const { segment } of SEGMENTER.segment(cell)) {
    if (size(kept + segment) >= width) break;
    kept += segment;
  }
  return fit(`${kept}…`, width);
}

/** Columns of a terminal. */
function size(text: string): number {
  let columns = 0;
  for (const { segment } of SEGMENTER.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}
