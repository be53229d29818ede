/**
 * Arguments as real clients send them, turned into what the tool's schema means by them: one step for every tool, before
 * validation. Some clients fill in what was left out with null or "", some models write numbers, lists and objects as
 * text. Nothing is guessed: a value that does not become one of the schema stays as it came, and validation names it.
 */
import { isNestedDeeperThan } from '../nesting.ts';
import type { JsonObject, JsonValue } from '../json.ts';

type Given = Readonly<Record<string, unknown>>;

/** Levels of JSON written as text: as many as a body may have, because what follows is recursive. */
const MAX_DEPTH = 100;

/**
 * - null or "" for an optional argument is absent, unless the schema has a place for it;
 * - text is the JSON number, boolean, array or object that it holds, where the schema takes one and no text;
 * - the same inside arrays and objects.
 * @param schema the tool's input schema, as it is listed.
 * @param given as the client sent it; none at all is an object without arguments.
 */
export function takeArguments(schema: JsonObject, given: unknown): unknown {
  return take(schema, given ?? {});
}

function take(schema: JsonObject, given: unknown): unknown {
  const value = read(schema, given);
  const fitting = branchFor(schema, value);
  const { items } = fitting;
  if (Array.isArray(value)) return isSchema(items) ? value.map((entry: unknown) => take(items, entry)) : value;
  return isObject(value) ? takeEntries(fitting, value) : value;
}

function takeEntries({ properties, required, additionalProperties }: JsonObject, given: Given): Given {
  const known = isSchema(properties) ? properties : {};
  const demanded = Array.isArray(required) ? (required as readonly JsonValue[]) : [];
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const schema = Object.hasOwn(known, name) ? known[name] : additionalProperties;
      if (!isSchema(schema)) return [[name, value]];
      return !demanded.includes(name) && isAbsent(schema, value) ? [] : [[name, take(schema, value)]];
    }),
  );
}

function isAbsent(schema: JsonObject, value: unknown): boolean {
  const types = typesOf(schema);
  if (value === null) return types !== undefined && !types.includes('null');
  return value === '' && types !== undefined && !(Array.isArray(schema['enum']) && schema['enum'].includes(''));
}

/** The JSON that a text holds, where the schema takes such a value and no text. */
function read(schema: JsonObject, value: unknown): unknown {
  const types = typesOf(schema);
  if (typeof value !== 'string' || types === undefined || types.includes('string')) return value;
  const parsed = parseJson(value);
  // "1e3" is a name of something more often than a thousand.
  const fits = (type: JsonValue): boolean => isOf(type, parsed) && !(type === 'integer' && /e/i.test(value));
  return types.some(fits) ? parsed : value;
}

function parseJson(text: string): unknown {
  if (isNestedDeeperThan(MAX_DEPTH, text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Of several schemas the one for this kind of value. */
function branchFor(schema: JsonObject, value: unknown): JsonObject {
  const branches = Array.isArray(schema['anyOf']) ? (schema['anyOf'] as readonly JsonObject[]) : [];
  return branches.find((branch) => typesOf(branch)?.some((type) => isOf(type, value))) ?? schema;
}

/** The types a schema takes; undefined when it takes any value. */
function typesOf({ type, anyOf }: JsonObject): readonly JsonValue[] | undefined {
  if (!Array.isArray(anyOf)) return type === undefined ? undefined : [type];
  const each = (anyOf as readonly JsonObject[]).map(typesOf);
  return each.some((types) => types === undefined) ? undefined : each.flatMap((types) => types ?? []);
}

/** A number that would be rounded is none: an id of twenty digits must not become another one. */
function isOf(type: JsonValue, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSchema(value: JsonValue | undefined): value is JsonObject {
  return isObject(value);
}
