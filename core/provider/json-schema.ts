/**
 * Input schemas as clients see them: zod to JSON Schema 2020-12, without the noise that costs context and without the
 * keywords that some model services refuse a whole request for. What a schema leaves out is still checked here.
 */
import * as z from 'zod';
import type { JsonObject } from '../json.ts';

/** @param extra properties the engine adds by itself. */
export function toInputSchema(schema: z.ZodType, extra: JsonObject = {}): JsonObject {
  const { $schema: _dialect, ...rendered } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      withoutExclusive(jsonSchema);
      // A constant is written as a list of one, and only texts may stand in a list.
      const listed = jsonSchema.const === undefined ? jsonSchema.enum : [jsonSchema.const];
      delete jsonSchema.const;
      delete jsonSchema.enum;
      if (listed?.every((value) => typeof value === 'string') === true) jsonSchema.enum = listed;
      // zod states JavaScript's own integer range, which tells a model nothing.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // What JSON Schema says by itself: keys are text, and any value may follow.
      if (isOnly(jsonSchema.propertyNames, 'type')) delete jsonSchema.propertyNames;
      if (isOnly(jsonSchema.additionalProperties)) delete jsonSchema.additionalProperties;
      // What is unknown in a nested object is refused here, by name, like what is unknown at the top.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  // The list of arguments is left open: `confirm_token` and `connection` may stand beside a tool's own, and a client
  // that checks arguments must let them pass. What is unknown is refused here, by name.
  const object = rendered as JsonObject;
  if (object['type'] !== 'object') throw new Error('the arguments of a tool are one object');
  const properties = Object.entries((object['properties'] ?? {}) as Readonly<Record<string, JsonObject>>);
  return { ...object, properties: { ...Object.fromEntries(properties.map(withoutEcho)), ...extra } };
}

/** The names of a tool's own arguments, and of those that must be given. */
export function argumentsOf(schema: z.ZodType): {
  readonly all: readonly string[];
  readonly required: readonly string[];
} {
  const { properties, required } = toInputSchema(schema);
  return { all: Object.keys(Object(properties)), required: Array.isArray(required) ? required.map(String) : [] };
}

type Bounds = Parameters<NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>>[0]['jsonSchema'];

/** Whole numbers above 0 are those from 1 on. Of other numbers the bound is left to the check. */
function withoutExclusive(schema: Bounds): void {
  const { type, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  if (type === 'integer' && typeof above === 'number') schema.minimum = above + 1;
  if (type === 'integer' && typeof below === 'number') schema.maximum = below - 1;
  delete schema.exclusiveMinimum;
  delete schema.exclusiveMaximum;
}

/** A description that only repeats the name (`deal_id`: "Deal id") is left to the name. */
function withoutEcho([name, { description, ...rest }]: [string, JsonObject]): [string, JsonObject] {
  const says = (typeof description === 'string' ? description : name).toLowerCase();
  return [name, says.replaceAll(/[^a-z0-9]+/g, '_') === name ? rest : { ...rest, description }];
}

function isOnly(schema: unknown, ...keys: readonly string[]): boolean {
  return typeof schema === 'object' && schema !== null && Object.keys(schema).join() === keys.join();
}
