/** Keeps a result within what clients can take, and says so: rows or text are never left out silently. */
import type { JsonObject, JsonValue } from '../json.ts';

/** Serialized characters of one result; Claude's clients cut far above this, and cutting there is silent. */
export const MAX_RESULT_CHARS = 40_000;
const MAX_TEXT_IN_LARGE_ITEM = 2_000;

export interface Truncated {
  readonly shown: number;
  readonly of: number;
  readonly why: string;
}

/** As many rows from the start as fit; the first always stays, cut down if it must be. */
export function fitRows(rows: readonly JsonObject[]): { readonly rows: readonly JsonObject[]; readonly cut: boolean } {
  let size = 0;
  const kept: JsonObject[] = [];
  for (const row of rows) {
    const fitted = kept.length === 0 ? fitItem(row).item : row;
    size += JSON.stringify(fitted).length + 1;
    if (kept.length > 0 && size > MAX_RESULT_CHARS) return { rows: kept, cut: true };
    kept.push(fitted);
  }
  return { rows: kept, cut: false };
}

/** The item, with long texts cut and then fields left out from the end until it fits. */
export function fitItem(item: JsonObject): { readonly item: JsonObject; readonly truncated?: Truncated } {
  const of = JSON.stringify(item).length;
  if (of <= MAX_RESULT_CHARS) return { item };
  const entries = Object.entries(item).map(([key, value]) => [key, cutText(value)] as const);
  while (entries.length > 1 && JSON.stringify(Object.fromEntries(entries)).length > MAX_RESULT_CHARS) entries.pop();
  const fitted: JsonObject = Object.fromEntries(entries);
  const shown = JSON.stringify(fitted).length;
  return {
    item: fitted,
    truncated: { shown, of, why: 'characters: long texts were cut and the last fields left out to fit a result' },
  };
}

function cutText(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'string')
    return value.length > MAX_TEXT_IN_LARGE_ITEM ? `${value.slice(0, MAX_TEXT_IN_LARGE_ITEM)}…` : value;
  if (Array.isArray(value)) return value.slice(0, 50).map((entry: JsonValue) => cutText(entry) ?? null);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, cutText(entry)]));
  return value;
}
