/** Input schemas as clients see them: zod to JSON Schema 2020-12, without the noise that costs context. No I/O. */
import * as z from 'zod';
import type { JsonObject } from './json.ts';

/** @param extra properties the engine adds by itself. */
export function toInputSchema(schema: z.ZodType, extra: JsonObject = {}): JsonObject {
  const { $schema: _dialect, ...rendered } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // zod states JavaScript's own integer range, which tells a model nothing.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const object = rendered as JsonObject;
  if (object['type'] !== 'object') throw new Error('the arguments of a tool are one object');
  const properties = (object['properties'] ?? {}) as JsonObject;
  return { ...object, properties: { ...properties, ...extra } };
}
