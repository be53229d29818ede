/**
 * What Bitrix24 sends back: `{result, next?, total?, time}`, 50 rows a page, ids as text. Shapes that several tools share.
 * Facts: the vendor's pages on list methods and on each method's answer.
 */
import {
  at,
  item,
  type JsonObject,
  type JsonValue,
  list,
  offsetInBody,
  type Shape,
  textAt,
  type Verification,
} from '../../core/provider/kit.ts';

function numberAt(body: unknown, path: string): number | undefined {
  const found = at(body, path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

const nextOf = (body: unknown): number | undefined => numberAt(body, 'next');
const totalOf = (body: unknown): number | undefined => numberAt(body, 'total');

/** `start` in the request, `next` and `total` in the answer. */
export const byStart = offsetInBody('start', nextOf, totalOf);
/** The same for `department.get`, which spells it in capitals. */
export const byCapitalStart = offsetInBody('START', nextOf, totalOf);

/** Fields of a row, by what they are: ids become numbers where one can hold them, and 0 ("none") is left out; the rest stays as it is. */
export interface RowFields {
  readonly ids: Readonly<Record<string, string>>;
  readonly rest: Readonly<Record<string, string>>;
}

/** An id that means something: a number, or the text of one that no number can hold. */
function idAt(value: unknown, path: string): number | string | undefined {
  const text = textAt(value, path) ?? '';
  const found = Number(text);
  if (!Number.isInteger(found) || found <= 0) return undefined;
  return Number.isSafeInteger(found) ? found : text;
}

/** Projects a row; missing, null and empty values are left out. */
export function project({ ids, rest }: RowFields): (row: unknown) => JsonObject {
  return (row) => {
    const out: Record<string, JsonValue> = {};
    for (const [name, path] of Object.entries(ids)) {
      const found = idAt(row, path);
      if (found !== undefined) out[name] = found;
    }
    for (const [name, path] of Object.entries(rest)) {
      const found = at(row, path);
      if (found !== undefined && found !== null && found !== '') out[name] = found as JsonValue;
    }
    return out;
  };
}

/** A paged list of `result`, or of what is at another path. */
export function pagedList(row: (row: unknown) => JsonObject, path = 'result'): Shape {
  return list(path, row, byStart);
}

/** A list that Bitrix24 answers as a whole. */
export function wholeList(row: (row: unknown) => JsonObject, path = 'result'): Shape {
  return list(path, row);
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a read found: the record, null when Bitrix24 says there is none (`[]`, null, false), undefined when unknown. */
export function recordAt(body: unknown, path: string): JsonObject | null | undefined {
  const found = at(body, path);
  if (isRecord(found)) return found;
  const result = at(body, 'result');
  const isEmpty = result === null || result === false || (Array.isArray(result) && result.length === 0);
  return isEmpty ? null : undefined;
}

/** The whole record of `result`, under Bitrix24's own field names. */
export const wholeRecord = item((body) => recordAt(body, 'result'));

/** A write that answers the new id. */
export function createdAt(path: string): Shape {
  return item((body) => {
    const created = idAt(body, path);
    return created === undefined ? undefined : { id: created };
  });
}
export const created = createdAt('result');

/** A write that answers `true`, which proves only that it was accepted. */
export const accepted = item((body) => (at(body, 'result') === true ? { accepted: true } : undefined));

/** Reads back what was asked for; undefined when there is nothing that could be ignored silently. */
export function readBack(tool: string, args: JsonObject, expect: JsonObject): Verification | undefined {
  const wanted = Object.fromEntries(Object.entries(expect).filter(([, value]) => value !== undefined));
  return Object.keys(wanted).length === 0 ? undefined : { tool, args, expect: wanted };
}

/** A phone or an e-mail as CRM records hold them: a list of typed values. Sent without an id it is added. */
export function oneValue(value: string | undefined): readonly JsonObject[] | undefined {
  return value === undefined ? undefined : [{ VALUE: value, VALUE_TYPE: 'WORK' }];
}

/** `1733932740` (seconds since 1970, UTC) as ISO 8601. */
export function isoOfSeconds(seconds: unknown): string | undefined {
  const value = Number(seconds);
  return seconds === undefined || !Number.isFinite(value) || value <= 0 || value > 8e12
    ? undefined
    : new Date(value * 1000).toISOString();
}
