/** Compares what was asked for with what is stored, so that a write that silently did nothing is caught. */
import { at, type JsonObject, type JsonValue } from '../json.ts';

/** Per field: `true` when it stuck, else both values. */
export type Applied = Readonly<Record<string, true | { readonly wanted: JsonValue; readonly found: JsonValue }>>;

export function compare(expect: JsonObject, item: unknown): Applied {
  const applied: Record<string, Applied[string]> = {};
  for (const [field, wanted] of Object.entries(expect)) {
    if (wanted === undefined) continue;
    const found = (at(item, field) ?? null) as JsonValue;
    applied[field] = same(wanted, found) ? true : { wanted, found };
  }
  return applied;
}

/** Providers read back `5` as `"5"` and a date in their own zone; both mean that the write was applied. */
function same(wanted: JsonValue, found: JsonValue): boolean {
  if (Array.isArray(wanted) && Array.isArray(found))
    return (
      wanted.length === found.length &&
      wanted.every((value, i) => same(value as JsonValue, (found[i] ?? null) as JsonValue))
    );
  if (isBlank(wanted) || isBlank(found)) return isBlank(wanted) && isBlank(found);
  if (typeof wanted === 'object' || typeof found === 'object') return JSON.stringify(wanted) === JSON.stringify(found);
  if (String(wanted) === String(found)) return true;
  if (isNumeric(wanted) && isNumeric(found)) return isSameNumber(wanted, found);
  return isDateTime(wanted) && isDateTime(found) && Date.parse(wanted) === Date.parse(found);
}

function isBlank(value: JsonValue): boolean {
  return value === null || value === '';
}

function isNumeric(value: JsonValue): boolean {
  return (typeof value === 'number' || typeof value === 'string') && /^-?\d+(\.\d+)?$/.test(String(value));
}

/** Beyond 2^53 two different whole numbers are one to `Number`; the same one was found by its text already. */
function isSameNumber(wanted: JsonValue, found: JsonValue): boolean {
  return Number(wanted) === Number(found) && Math.abs(Number(wanted)) <= Number.MAX_SAFE_INTEGER;
}

function isDateTime(value: JsonValue): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value));
}
