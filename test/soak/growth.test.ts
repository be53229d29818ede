import { describe, expect, it } from '@jest/globals';
import { growthOf, type Sample } from './growth.ts';

const MIB = 1024 * 1024;
type Size = readonly [pid: number, role: string, mib: number];
/** A sample for each of a hundred calls. */
const samples = (sizes: (calls: number) => readonly Size[]): Sample[] =>
  Array.from({ length: 101 }, (_, calls) => ({
    calls,
    processes: sizes(calls).map(([pid, role, mib]) => ({ pid, role, rssBytes: mib * MIB })),
  }));
const ratios = (sizes: (calls: number) => readonly Size[]) =>
  growthOf(samples(sizes), 100, 20).map(({ role, ratio }) => [role, Math.round(ratio * 100) / 100]);

describe('the growth of a server', () => {
  it('is seen in whichever process of a role it happens', () => {
    const sizes = (calls: number): Size[] => [
      [1, 'host', 100 + calls],
      [2, 'mcp', 50],
      [3, 'mcp', calls < 50 ? 50 : 60],
    ];
    expect(ratios(sizes)).toEqual([
      ['host', 1.56],
      ['mcp', 1.2],
    ]);
  });

  it('does not begin before the first calls are done, and leaves single peaks out', () => {
    expect(ratios((calls) => [[1, 'host', calls < 20 ? 10 : calls % 10 === 5 ? 900 : 100]])).toEqual([['host', 1]]);
  });

  it('is seen across processes that replace one another, not in one that joins', () => {
    expect(ratios((calls) => [calls < 50 ? [2, 'mcp', 50] : [3, 'mcp', 80]])).toEqual([['mcp', 1.6]]);
    expect(
      ratios((calls) => [
        [2, 'mcp', 50],
        [3, 'mcp', Math.min(50, calls)],
      ]),
    ).toEqual([['mcp', 1]]);
  });

  it('is not said where there is too little to say it from', () => {
    const begun = samples(() => [[1, 'host', 1]]).slice(0, 40);
    expect(() => growthOf(begun, 100, 20)).toThrow('too few samples');
  });
});
