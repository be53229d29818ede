/** What a response becomes, for the two shapes that results have. */
import { at, type JsonObject, type JsonValue } from '../json.ts';
import type { ProviderResponse } from './provider.ts';
import type { Access, Paging, Rest, Shape, Sift } from './tool.ts';

type ListShape = Extract<Shape, { kind: 'list' }>;
type ItemShape = Extract<Shape, { kind: 'item' }>;

/** @param rows where the rows are, as a dotted path or a function; anything but a list there is an unknown response. */
export function list(
  rows: string | ((body: unknown) => unknown),
  row: (row: unknown) => JsonObject,
  paging?: Paging,
  sift?: Sift,
): Shape {
  const found = typeof rows === 'string' ? (body: unknown) => at(body, rows) : rows;
  return {
    kind: 'list',
    rows: found,
    row,
    ...(paging === undefined ? {} : { paging }),
    ...(sift === undefined ? {} : { sift }),
  };
}

/** @param read null: the response says that there is none; undefined: it is not one of those this tool knows. */
export function item(read: (body: unknown) => JsonObject | null | undefined, rest?: Rest): Shape {
  return { kind: 'item', item: read, ...(rest === undefined ? {} : { rest }) };
}

/** Rows whose `field` holds the words of the argument `query`, whatever their case; all of them without one. */
export function byQuery(...fields: readonly string[]): Sift {
  return {
    by: ['query'],
    keeps: ({ query }, row) =>
      typeof query !== 'string' || fields.some((field) => mentions(row[field], query.trim().toLowerCase())),
  };
}

function mentions(value: JsonValue | undefined, lower: string): boolean {
  return (typeof value === 'string' || typeof value === 'number') && String(value).toLowerCase().includes(lower);
}

/** The rows of a response, or undefined when it is unknown. 204 is how HTTP says that there are none. */
export function rowsIn(
  { rows, row, sift }: ListShape,
  { status, body }: ProviderResponse,
  args: unknown,
): readonly JsonObject[] | undefined {
  const found = rows(body);
  if (!Array.isArray(found)) return isEmpty(status) ? [] : undefined;
  const shaped = found.map((each) => row(each));
  return sift === undefined ? shaped : shaped.filter((each) => sift.keeps(Object(args) as JsonObject, each));
}

/**
 * The item of a response: null when there is none, undefined when it is unknown. 204 says of a read that there is none, and
 * of a write that it is done.
 */
export function itemIn(
  { item: read }: ItemShape,
  { status, body }: ProviderResponse,
  access: Access,
): JsonObject | null | undefined {
  const found = read(body);
  if (found !== undefined || !isEmpty(status)) return found;
  return access === 'read' ? null : { accepted: true };
}

function isEmpty(status: number): boolean {
  return status === 204 || status === 205;
}
