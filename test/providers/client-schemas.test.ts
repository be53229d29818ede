/** The input schemas of every tool that ships, as a model service reads them: one keyword it does not know and it refuses the request. */
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { toInputSchema } from '../../core/provider/json-schema.ts';
import { renderSystemTools } from '../../lambda/mcp/tools/index.ts';
import { renderCatalog } from '../../providers/render.ts';

/** What Gemini, OpenAI and Anthropic all take in the arguments of a function. */
const TAKEN = new Set(
  'type properties required description items minItems maxItems minLength maxLength minimum maximum enum default pattern anyOf additionalProperties'.split(
    ' ',
  ),
);
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

type Parts = Readonly<Record<string, unknown>>;

function problemsOf(schema: unknown, at: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return [`${at} is no object`];
  return [
    ...Object.keys(schema)
      .filter((keyword) => !TAKEN.has(keyword))
      .map((keyword) => `${at} says ${keyword}`),
    ...valueProblems(schema as Parts).map((problem) => `${at} ${problem}`),
    ...nestedIn(schema as Parts).flatMap(([where, one]) => problemsOf(one, at + where)),
  ];
}

function valueProblems({ type, items, enum: values, pattern }: Parts): readonly string[] {
  const problems = {
    'has several types': type !== undefined && !TYPES.includes(type as string),
    'does not say of what': type === 'array' && items === undefined,
    'lists no texts': Array.isArray(values) && !values.every((value) => typeof value === 'string'),
    'looks around in its pattern': /\(\?[=!<]/.test(String(pattern)),
  };
  return Object.entries(problems).flatMap(([problem, is]) => (is ? [problem] : []));
}

function nestedIn({ properties, items, anyOf, additionalProperties }: Parts): readonly (readonly [string, unknown])[] {
  return [
    ...Object.entries(Object(properties) as Parts).map(([name, one]) => [`.${name}`, one] as const),
    ...Object.entries({ '[]': items, '.*': additionalProperties }).filter(([, one]) => one !== undefined),
    ...((anyOf ?? []) as readonly unknown[]).map((one, i) => [`|${i}`, one] as const),
  ];
}

describe('the arguments of every tool that ships', () => {
  it('are described with keywords that no model service refuses', async () => {
    const { tools } = await renderCatalog('.');
    const all = [...renderSystemTools(), ...tools.map(({ definition }) => definition)];
    expect(all.length).toBeGreaterThan(90);
    expect(all.flatMap(({ name, inputSchema }) => problemsOf(inputSchema, name))).toEqual([]);
  });
});

describe('a rendered schema', () => {
  it('says an exclusive bound of whole numbers as an inclusive one', () => {
    const schema = toInputSchema(z.strictObject({ id: z.int().positive(), debt: z.int().negative() }));
    expect(schema['properties']).toEqual({
      id: { type: 'integer', minimum: 1 },
      debt: { type: 'integer', maximum: -1 },
    });
  });

  it('leaves an exclusive bound of other numbers to the check', () => {
    const input = z.strictObject({ amount: z.number().positive().lt(9) });
    expect(toInputSchema(input)['properties']).toEqual({ amount: { type: 'number' } });
    expect([input.safeParse({ amount: 0 }).success, input.safeParse({ amount: 9 }).success]).toEqual([false, false]);
  });

  it('lists texts only, and a constant as a list of one', () => {
    const one = z.literal('deal');
    const schema = toInputSchema(z.strictObject({ one, missed: z.literal(true), type: z.literal([1, 2]) }));
    expect(schema['properties']).toEqual({
      one: { type: 'string', enum: ['deal'] },
      missed: { type: 'boolean' },
      type: { type: 'number' },
    });
  });

  it('is as open inside as it is at the top', () => {
    const input = z.strictObject({ items: z.array(z.strictObject({ id: z.string() })) });
    expect(JSON.stringify(toInputSchema(input))).not.toContain('additionalProperties');
  });
});
