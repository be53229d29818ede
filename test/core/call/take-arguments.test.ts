/** Arguments as clients send them, and what the schema makes of them before anything is validated. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { takeArguments } from '../../../core/call/take-arguments.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    count: { type: 'integer' },
    price: { type: 'number' },
    done: { type: 'boolean' },
    note: { type: 'string' },
    title: { type: 'string' },
    ids: { type: 'array', items: { type: 'integer' } },
    rows: { type: 'array', items: { type: 'array', items: {} } },
    who: {
      type: 'object',
      properties: { age: { type: 'integer' }, name: { type: 'string' } },
      required: ['name'],
    },
    fields: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object' },
    either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    mixed: { anyOf: [{ type: 'integer' }, { type: 'array', items: { type: 'integer' } }, { type: 'null' }] },
    order: { type: 'string', enum: ['asc', ''] },
  },
  required: ['id', 'title'],
} as const;

const take = (given: unknown) => takeArguments(SCHEMA, given);

describe('text that holds JSON', () => {
  it.each([
    ['id', '5', 5],
    ['id', ' -7 ', -7],
    ['id', '5.0', 5],
    ['price', '1.5e2', 150],
    ['done', 'false', false],
    ['done', 'true', true],
    ['ids', '[1, "2"]', [1, 2]],
    ['rows', '[["5", null]]', [['5', null]]],
    ['who', '{"name": "5", "age": "6"}', { name: '5', age: 6 }],
    ['who', { name: '', age: '6' }, { name: '', age: 6 }],
    ['free', '{"a": "1"}', { a: '1' }],
    ['mixed', '[1]', [1]],
    ['mixed', '3', 3],
    ['mixed', 'null', 'null'],
  ])('is that value where the schema takes one: %s %j', (name, given, taken) => {
    expect(take({ [name]: given })).toEqual({ [name]: taken });
  });

  it.each([
    ['id', '5.5'],
    ['id', '05'],
    ['id', '1e3'],
    ['id', 'five'],
    ['id', '9007199254740993'],
    ['price', '9007199254740993'],
    ['price', '1e999'],
    ['done', 'yes'],
    ['done', '1'],
    ['ids', '{"0": 1}'],
    ['who', '[]'],
    ['ids', '[1'],
    ['note', '5'],
    ['title', '{"a": 1}'],
    ['either', '5'],
    ['rows', '['.repeat(200_000)],
  ])('stays as it came where it is none of these, or where text is wanted: %s', (name, given) => {
    expect(take({ [name]: given })).toEqual({ [name]: given });
  });

  it('may be all of the arguments', () => {
    expect(take('{"id": "5", "note": null}')).toEqual({ id: 5 });
  });
});

describe('null and ""', () => {
  it('are absent for what is optional, whatever its type, and inside objects too', () => {
    for (const name of ['count', 'price', 'done', 'note', 'ids', 'who', 'fields', 'free', 'either'])
      for (const given of [null, '']) expect(take({ [name]: given })).toEqual({});
    expect(take({ who: { name: 'n', age: '' }, fields: { a: null, b: '', c: 'd' } })).toEqual({
      who: { name: 'n' },
      fields: { c: 'd' },
    });
  });

  it('stay for what is required, has a place for them, or is not known', () => {
    for (const given of [
      { id: null },
      { title: '' },
      { mixed: null },
      { order: '' },
      { unknown: null },
      { rows: [[null, '']] },
    ])
      expect(take(given)).toEqual(given);
  });

  it('are no arguments in place of all of them', () => {
    expect([take(null), take(undefined)]).toEqual([{}, {}]);
  });
});

describe('any arguments', () => {
  it('never throw, never gain a name, and are the same when taken twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(...Object.keys(SCHEMA.properties)), (value, name) => {
        const once = take({ [name]: value, __proto__: value });
        expect(take(once)).toEqual(once);
        expect(Object.keys(once as object).every((key) => key === name)).toBe(true);
      }),
    );
  });

  it('keep a name that every object has', () => {
    const given: unknown = JSON.parse('{"__proto__": {"id": 1}, "constructor": null}');
    expect(Object.keys(take(given) as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { id?: unknown }).id).toBeUndefined();
  });
});
