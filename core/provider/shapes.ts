/** What a response becomes, for the two shapes that results have. */
import { at, type JsonObject } from '../json.ts';
import type { Paging, Shape } from './tool.ts';

/** @param rows where the rows are, as a dotted path or a function; anything but a list there is an unknown response. */
export function list(
  rows: string | ((body: unknown) => unknown),
  row: (row: unknown) => JsonObject,
  paging?: Paging,
): Shape {
  const found = typeof rows === 'string' ? (body: unknown) => at(body, rows) : rows;
  return { kind: 'list', rows: found, row, ...(paging === undefined ? {} : { paging }) };
}

/** @param read null: the response says that there is none; undefined: it is not one of those this tool knows. */
export function item(read: (body: unknown) => JsonObject | null | undefined): Shape {
  return { kind: 'item', item: read };
}
