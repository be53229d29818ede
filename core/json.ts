/** JSON values, and safe reading of JSON that others wrote: from its text to its fields nothing is trusted. */
import { isNestedDeeperThan } from './nesting.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Real responses nest a dozen levels; what walks parsed values is recursive and ends with its stack. */
const MAX_DEPTH = 200;
const BYTE_ORDER_MARK = '\uFEFF';
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;
/** Escapes of JSON: a whole pair, half of one, anything else. */
const ESCAPES = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\./gs;
/** The least that a number must have to be more than a number here can hold. */
const LONG_NUMBER = /\d{16}|\d[eE]\+?\d{3}/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** JSON text as strict parsers take it: without a byte order mark (RFC 8259, section 8.1), every text in it well-formed. */
export function strictJson(text: string): string {
  const bare = (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).toWellFormed();
  if (!ESCAPED_SURROGATE.test(bare)) return bare;
  return bare.replaceAll(ESCAPES, (escape, half: string | undefined) => (half === undefined ? escape : '\\ufffd'));
}

/**
 * JSON that somebody else wrote. A byte order mark is passed over, every text in it is well-formed, and a number that
 * JavaScript would round (a whole one beyond 2^53) or lose is a text of its digits.
 * Throws SyntaxError for what is no JSON, or nests deeper than 200 levels.
 */
export function parseJson(text: string): unknown {
  const written = strictJson(text);
  if (isNestedDeeperThan(MAX_DEPTH, written)) throw new SyntaxError('nested too deep');
  return JSON.parse(LONG_NUMBER.test(written) ? withNumbersAsText(written) : written) as unknown;
}

/** JSON where it is JSON (`parseJson`), else the text. */
export function jsonOrText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text.toWellFormed();
  }
}

/** The same JSON with quotes around each number that would not come through whole. */
function withNumbersAsText(json: string): string {
  const next = /"|-?\d[\d.eE+-]*/g;
  let out = '';
  let from = 0;
  for (let found = next.exec(json); found !== null; found = next.exec(json)) {
    const [token] = found;
    if (token === '"') next.lastIndex = endOfText(json, found.index);
    else if (isLossy(token)) {
      out += `${json.slice(from, found.index)}"${token}"`;
      from = next.lastIndex;
    }
  }
  return out + json.slice(from);
}

/** The place after the quote that ends the text which begins at `start`. */
function endOfText(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (json[before] === '\\') before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  return json.length;
}

function isLossy(digits: string): boolean {
  if (!NUMBER.test(digits)) return false;
  const value = Number(digits);
  if (!Number.isFinite(value)) return true;
  // With an exponent the writer itself had no more than the first digits.
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !/[eE]/.test(digits);
}

/** `at(body, 'result.tasks.0.id')`: the value at a dotted path, or undefined where the path leaves the data. */
export function at(value: unknown, path: string): unknown {
  let current = value;
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** The text at a path; numbers are written out; anything else is undefined. */
export function textAt(value: unknown, path: string): string | undefined {
  const found = at(value, path);
  if (typeof found === 'string') return found;
  return typeof found === 'number' ? String(found) : undefined;
}

/** Projects a row: `pick({ id: 'ID', phone: 'PHONE.0.VALUE' })`. Missing and null values are left out. */
export function pick(fields: Readonly<Record<string, string>>): (row: unknown) => JsonObject {
  return (row) => {
    const out: Record<string, JsonValue> = {};
    for (const [name, path] of Object.entries(fields)) {
      const found = at(row, path);
      if (found !== undefined && found !== null) out[name] = found as JsonValue;
    }
    return out;
  };
}
