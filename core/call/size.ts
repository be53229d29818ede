/** Keeps a result within what clients can take, fills that, and says so: rows or text are never left out silently. */
import type { JsonObject, JsonValue } from '../json.ts';
import { cutText, plainLine } from '../text.ts';

/** Serialized characters of one result; Claude's clients cut far above this, and cutting there is silent. */
export const MAX_RESULT_CHARS = 40_000;
/** What a field gets at least: of an object with too many for that, the last ones are left out. */
const LEAST_PER_FIELD = 200;
/** Names of fields may be a vendor's or a user's own, of any length. */
const MAX_PATH = 100;
/** What separates a field from the next, and its name from its value. */
const PUNCTUATION = 2;

/** What a result leaves out: of the list that lost most, else characters. `why` begins with what is counted. */
export interface Truncated {
  readonly shown: number;
  readonly of: number;
  readonly why: string;
}

/** One place that was cut. */
export interface Cut {
  /** Dotted, from the item: `values`, `sheets.0.cells`; empty for the item itself. */
  readonly path: string;
  readonly kind: 'rows' | 'characters' | 'fields';
  readonly shown: number;
  readonly of: number;
}

export interface Fitted {
  readonly item: JsonObject;
  readonly truncated?: Truncated;
  readonly cuts: readonly Cut[];
}

/** As many rows from the start as fit; the first always stays, cut down if it must be, which `truncated` then says. */
export function fitRows(rows: readonly JsonObject[]): {
  readonly rows: readonly JsonObject[];
  readonly cut: boolean;
  readonly truncated?: Truncated;
} {
  let size = 0;
  const kept: JsonObject[] = [];
  let first: Pick<Fitted, 'truncated'> = {};
  for (const row of rows) {
    let fitted = row;
    if (kept.length === 0) {
      const { item, truncated } = fitItem(row);
      fitted = item;
      if (truncated !== undefined) first = { truncated };
    }
    size += sizeOf(fitted) + 1;
    if (kept.length > 0 && size > MAX_RESULT_CHARS) return { rows: kept, cut: true, ...first };
    kept.push(fitted);
  }
  return { rows: kept, cut: false, ...first };
}

/** The item, with its long lists, long texts and last fields cut so that what is left fills a result. */
export function fitItem(item: JsonObject): Fitted {
  const of = sizeOf(item);
  if (of <= MAX_RESULT_CHARS) return { item, cuts: [] };
  const cuts: Cut[] = [];
  const fitted = fitObject(item, MAX_RESULT_CHARS, '', cuts);
  return { item: fitted, cuts, truncated: summary(cuts, { shown: sizeOf(fitted), of }) };
}

function summary(cuts: readonly Cut[], characters: { readonly shown: number; readonly of: number }): Truncated {
  const lists = cuts.filter(({ kind }) => kind === 'rows').toSorted((a, b) => b.of - b.shown - (a.of - a.shown));
  const others = new Set(cuts.filter(({ kind }) => kind !== 'rows').map(({ kind }) => kind));
  const said = [
    ...lists
      .slice(0, 3)
      .map(({ path, shown, of }) => `${shown} of ${of} rows of ${plainLine(path, MAX_PATH)} fit in one result`),
    ...(others.has('characters') ? ['long texts were cut'] : []),
    ...(others.has('fields') ? ['the last fields were left out'] : []),
  ].join('; ');
  const [main] = lists;
  return main === undefined
    ? { ...characters, why: `characters: ${said} to fit a result` }
    : { shown: main.shown, of: main.of, why: `rows: ${said}` };
}

function sizeOf(value: JsonValue | undefined): number {
  return JSON.stringify(value ?? null).length;
}

function fit(value: JsonValue, room: number, path: string, cuts: Cut[]): JsonValue {
  if (sizeOf(value) <= room) return value;
  if (typeof value === 'string') return fitText(value, room, path, cuts);
  if (isList(value)) return fitList(value, room, path, cuts);
  return typeof value === 'object' && value !== null ? fitObject(value, room, path, cuts) : value;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function fitText(text: string, room: number, path: string, cuts: Cut[]): string {
  // Quotes and backslashes take two characters each: what is left is tried again until it fits.
  let most = Math.max(0, room - 3);
  let cut = cutText(text, most);
  while (most > 0 && sizeOf(cut) + 1 > room) {
    most = Math.floor((most * Math.max(room - 3, 1)) / sizeOf(cut));
    cut = cutText(text, most);
  }
  cuts.push({ path, kind: 'characters', shown: cut.length, of: text.length });
  return `${cut}…`;
}

/** Entries from the start while they fit; of the first as much as fits. */
function fitList(list: readonly JsonValue[], room: number, path: string, cuts: Cut[]): JsonValue {
  const kept: JsonValue[] = [];
  let left = room - PUNCTUATION;
  for (const [at, entry] of list.entries()) {
    const size = sizeOf(entry) + 1;
    if (size > left && kept.length > 0) break;
    kept.push(size > left ? fit(entry, left - 1, `${path}.${at}`, cuts) : entry);
    left -= size;
  }
  if (kept.length < list.length) cuts.push({ path, kind: 'rows', shown: kept.length, of: list.length });
  return kept;
}

/** Small fields stay whole; the large ones share what is left. */
function fitObject(value: JsonObject, room: number, path: string, cuts: Cut[]): JsonObject {
  const fields = Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [fieldOf(key, entry)]));
  const kept = fields.slice(0, fieldsThatFit(fields, room));
  if (kept.length < fields.length) cuts.push({ path, kind: 'fields', shown: kept.length, of: fields.length });
  const rooms = shares(kept, room - PUNCTUATION);
  const fitted = kept.map(({ key, entry, name }) => {
    const own = (rooms.get(key) ?? 0) - name;
    return [key, fit(entry, own, path === '' ? key : `${path}.${key}`, cuts)] as const;
  });
  return Object.fromEntries(fitted);
}

interface Field {
  readonly key: string;
  readonly entry: JsonValue;
  /** Characters of the key with its punctuation, and of the whole field. */
  readonly name: number;
  readonly size: number;
}

function fieldOf(key: string, entry: JsonValue): Field {
  const name = sizeOf(key) + PUNCTUATION;
  return { key, entry, name, size: name + sizeOf(entry) };
}

function fieldsThatFit(fields: readonly Field[], room: number): number {
  let left = room - PUNCTUATION;
  const over = fields.findIndex(({ name, size }) => {
    left -= Math.min(size, name + LEAST_PER_FIELD);
    return left < 0;
  });
  return over === -1 ? fields.length : over;
}

/** By key: the whole size where that is less than an equal share of what the smaller ones have left. */
function shares(fields: readonly Field[], room: number): ReadonlyMap<string, number> {
  const given = new Map<string, number>();
  let left = room;
  const smallestFirst = fields.toSorted((a, b) => a.size - b.size);
  for (const [at, { key, size }] of smallestFirst.entries()) {
    const share = Math.min(size, Math.floor(left / (smallestFirst.length - at)));
    given.set(key, share);
    left -= share;
  }
  return given;
}
