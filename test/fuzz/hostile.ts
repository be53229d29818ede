/** Values, texts and headers that break programs: the raw material of every fuzz test. */
import fc from 'fast-check';

/** Names that mean something to JavaScript objects. */
const PROTOTYPE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'toJSON',
  'then',
];

const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a\udfffb',
  '\ufeff',
  '\u202e',
  '🦀',
  "'; --",
  '${x}',
  '%00',
  '../..',
  'null',
];

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53 + 2,
  [],
  {},
  [[]],
  [null],
  { a: 1 },
];

/** Object keys: plain, odd and dangerous ones. Objects made of them have `__proto__` as a property of their own. */
export const oddKey = fc.oneof(fc.constantFrom(...PROTOTYPE_NAMES, ...ODD_TEXTS), fc.string({ maxLength: 12 }));

export const oddText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_TEXTS, ...PROTOTYPE_NAMES) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 30_000 }).map((length) => 'x'.repeat(length)) },
);

/** Any JSON value, small. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_VALUES) },
  { weight: 2, arbitrary: oddText },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 2, arbitrary: fc.dictionary(oddKey, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4, noNullPrototype: true }) },
  { weight: 1, arbitrary: fc.double() },
);

/** Mostly what it should be. */
export function mostly<T>(
  right: fc.Arbitrary<T>,
  wrong: fc.Arbitrary<unknown> = oddValue,
  weight = 9,
): fc.Arbitrary<unknown> {
  return fc.oneof({ weight, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

/**
 * The fields, now and then without some of them, with a wrong one, or with one that nobody asked for.
 * @param weight of the record as it should be, where those others weigh four together.
 */
export function record(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>, weight = 8): fc.Arbitrary<unknown> {
  const names = Object.keys(fields);
  const whole = fc.record(fields);
  return fc.oneof(
    { weight, arbitrary: whole },
    {
      weight: 2,
      arbitrary: fc
        .tuple(whole, fc.subarray(names))
        .map(([value, kept]) => Object.fromEntries(Object.entries(value).filter(([name]) => kept.includes(name)))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(whole, fc.constantFrom('', ...names), oddValue)
        .map(([value, name, odd]) => ({ ...value, [name]: odd })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(whole, fc.array(fc.tuple(oddKey, oddValue), { maxLength: 3 }))
        .map(([value, more]) => Object.fromEntries([...Object.entries(value), ...more])),
    },
  );
}

/** JSON text that is deep, long or wide; up to a hundred thousand levels and a few megabytes. */
export const hugeJson = fc.oneof(
  fc
    .constantFrom(50, 500, 5_000, 20_000, 100_000)
    .chain((levels) =>
      fc.constantFrom(
        '['.repeat(levels) + ']'.repeat(levels),
        '{"a":'.repeat(levels) + '1' + '}'.repeat(levels),
        '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2),
      ),
    ),
  fc.constantFrom(10_000, 300_000, 3_000_000, 5_000_000).map((length) => `"${'x'.repeat(length)}"`),
  fc
    .constantFrom(1_000, 30_000, 200_000)
    .map((keys) => `{${Array.from({ length: keys }, (_, i) => `"k${i}":${i}`).join(',')}}`),
  fc.constantFrom(10_000, 400_000).map((length) => `[${'1,'.repeat(length)}1]`),
);

/** Bytes that are no text, or no JSON, or JSON of no use. */
export const brokenBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .constantFrom('', '{', '{}', '[]', 'null', '0', '"x"', '[[]]', '[null]', '\ufeff{}', '{"a":1}{}', 'NaN', "{'a':1}")
    .map(bytes),
  fc.jsonValue({ maxDepth: 4 }).map((value) => bytes(JSON.stringify(value))),
);

/** Text as UTF-8; lone surrogates become U+FFFD, as in any encoder. */
export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

/** What a header may hold: Latin-1 without control characters. */
export const headerValue = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
    { maxLength: 60 },
  )
  .map((codes) => String.fromCharCode(...codes).trim());
