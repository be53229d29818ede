/** JSON values, and safe reading of answers whose shape is not trusted. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
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
