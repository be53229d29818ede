import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitItem, fitRows, MAX_RESULT_CHARS } from '../../../core/call/size.ts';
import type { JsonObject } from '../../../core/json.ts';

const sizeOf = (value: unknown): number => JSON.stringify(value).length;
/** Little enough is left over that no further row or word of these would have fitted. */
const FULL = MAX_RESULT_CHARS - 200;
const cells = (rows: number) => Array.from({ length: rows }, (_, row) => [`row ${row}`, 'x'.repeat(40), row]);

describe('an item that is too large', () => {
  it('is filled with rows of its long list, and says how many of how many', () => {
    const { item, truncated, cuts } = fitItem({ range: 'A1:C1000', values: cells(1_000), note: 'end' });
    const shown = (item['values'] as unknown[]).length;
    expect(item).toMatchObject({ range: 'A1:C1000', note: 'end', values: cells(shown) });
    expect(sizeOf(item)).toBeGreaterThan(FULL);
    expect(truncated).toEqual({ shown, of: 1_000, why: `rows: ${shown} of 1000 rows of values fit in one result` });
    expect(cuts).toEqual([{ path: 'values', kind: 'rows', shown, of: 1_000 }]);
  });

  it('is cut in a long list however deep that lies, and in two where there are two', () => {
    const { truncated } = fitItem({ sheets: [{ title: 't', cells: cells(2_000) }] });
    expect(truncated).toMatchObject({
      of: 2_000,
      why: expect.stringContaining(' of 2000 rows of sheets.0.cells') as unknown,
    });
    const both = fitItem({ a: cells(5_000), b: cells(900) });
    expect(both.truncated).toMatchObject({
      of: 5_000,
      why: expect.stringMatching(/rows of a fit .* of 900 rows of b/) as unknown,
    });
  });

  it('keeps its small fields whole while a long text fills what is left', () => {
    const { item, truncated } = fitItem({ text: '"\\é😀'.repeat(50_000), last: { kept: [1, 2, 3] } });
    expect(item['last']).toEqual({ kept: [1, 2, 3] });
    expect(sizeOf(item)).toBeGreaterThan(FULL);
    expect(truncated?.why).toBe('characters: long texts were cut to fit a result');
  });

  it('of too many fields loses the last ones, and says so', () => {
    const { item, truncated } = fitItem(
      Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`field_${i}`, 'v'.repeat(40)])),
    );
    expect(Object.keys(item)[0]).toBe('field_0');
    expect(sizeOf(item)).toBeGreaterThan(FULL);
    expect(truncated?.why).toContain('the last fields were left out');
  });

  it('says no name of a field at length, whoever chose it', () => {
    const { truncated } = fitItem({ ['\u202E' + 'k'.repeat(5_000)]: cells(2_000) });
    expect(truncated?.why.length).toBeLessThan(250);
    expect(truncated?.why).not.toContain('\u202E');
  });

  it('always fits, well-formed, and says so whenever anything is missing', () => {
    const text = fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }), fc.nat(9_000));
    const leaf = fc.oneof(
      fc.integer(),
      text.map(([part, times]) => part.repeat(times)),
    );
    const field = fc.oneof(
      leaf,
      fc.tuple(leaf, fc.nat(30)).map(([entry, times]) => Array.from({ length: times }, () => [entry, { entry }])),
      fc.dictionary(fc.string({ maxLength: 8 }), leaf, { maxKeys: 6 }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 8 }), field, { maxKeys: 5 }), (value) => {
        const item = value as JsonObject;
        const { item: fitted, truncated } = fitItem(item);
        expect(sizeOf(fitted)).toBeLessThanOrEqual(MAX_RESULT_CHARS);
        expect(truncated === undefined).toBe(sizeOf(fitted) === sizeOf(item));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

describe('rows of which the first alone is too large', () => {
  it('show what fits of it and say that it was cut', () => {
    const huge = { id: 1, text: 'x'.repeat(90_000) };
    expect(fitRows([huge])).toMatchObject({ cut: false, truncated: { of: sizeOf(huge) } });
    expect(fitRows([huge, { id: 2 }])).toMatchObject({ cut: true, truncated: { of: sizeOf(huge) } });
    expect(fitRows([{ id: 2 }])).toEqual({ rows: [{ id: 2 }], cut: false });
  });
});
