import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonOrText, parseJson, strictJson } from '../../core/json.ts';

describe('JSON that others wrote', () => {
  it('is read with a byte order mark before it, and may hold one in a text', () => {
    expect(parseJson('\uFEFF{"a":"\uFEFFb"}')).toEqual({ a: '\uFEFFb' });
    expect(jsonOrText('\uFEFF\uFEFF1')).toBe('\uFEFF\uFEFF1');
  });

  it('keeps every digit of a whole number that JavaScript would round', () => {
    expect(
      parseJson(
        '{"id":9007199254740993,"ids":[-12345678901234567890,9007199254740991],"text":"9007199254740993","z":12345678901234567.8}',
      ),
    ).toEqual({
      id: '9007199254740993',
      ids: ['-12345678901234567890', 9007199254740991],
      text: '9007199254740993',
      z: '12345678901234567.8',
    });
  });

  it('keeps a number that is too large for one, and takes no number out of a text', () => {
    expect(parseJson('[1e400,-1E+999,1e21,0.1234567890123456789,"12345678901234567890 \\" 1e400",1]')).toEqual([
      '1e400',
      '-1E+999',
      1e21,
      0.12345678901234568,
      '12345678901234567890 " 1e400',
      1,
    ]);
    expect(parseJson(String.raw`{"a\\":12345678901234567890,"b\"":"\\"}`)).toEqual({
      'a\\': '12345678901234567890',
      'b"': '\\',
    });
  });

  it('is well-formed whatever it escapes, in keys too', () => {
    expect(parseJson(String.raw`{"\ud83d":["a\udc00","\ud83d\ude00"]}`)).toEqual({
      '\uFFFD': ['a\uFFFD', '\u{1F600}'],
    });
    expect(jsonOrText('no json \uD83D')).toBe('no json \uFFFD');
  });

  it('is not touched where a backslash only looks like the beginning of an escape', () => {
    for (const text of [String.raw`"\\ud83d"`, String.raw`"\\\\ud83d\n"`, String.raw`"\ud83d\ude00\\"`]) {
      expect(strictJson(text)).toBe(text);
      expect(parseJson(text)).toBe(JSON.parse(text));
    }
    expect(parseJson(String.raw`"\ud83d\ud83d\ude00\udE00x\\\uDfff"`)).toBe('\uFFFD\u{1F600}\uFFFDx\\\uFFFD');
  });

  it('that nests without end is taken for text, before anything recursive meets it', () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    expect(jsonOrText(deep)).toBe(deep);
    expect(() => parseJson(deep)).toThrow(SyntaxError);
    const flat = `${'['.repeat(150)}1${']'.repeat(150)}`;
    expect(JSON.stringify(jsonOrText(flat))).toBe(flat);
  });

  it('that is none stays refused, numbers or not', () => {
    for (const text of ['', '01234567890123456789', '1234567890123456789012-', '{"a":12345678901234567890', "{'a':1}"])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('is otherwise what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        fc.pre(!/\d{16}/.test(text));
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});
