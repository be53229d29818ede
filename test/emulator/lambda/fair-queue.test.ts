import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createFairQueue } from '../../../emulator/lambda/fair-queue.ts';

const ANYBODY = (): boolean => true;

describe('the queue of invocations', () => {
  it('serves callers in turn, so a thousand of one delay another by one', () => {
    const queue = createFairQueue<string>();
    for (let i = 0; i < 1_000; i += 1) queue.add('a', `a${i}`);
    queue.add('b', 'b0');
    queue.add('c', 'c0');
    queue.add('b', 'b1');
    const served = Array.from({ length: 6 }, () => queue.take(ANYBODY)?.item);
    expect(served).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2']);
    expect([queue.size, queue.oldest(ANYBODY)?.item]).toEqual([997, 'a3']);
  });

  it('passes over who may not have a turn, without losing their place among their own', () => {
    const queue = createFairQueue<string>();
    for (const item of ['a0', 'a1']) queue.add('a', item);
    queue.add('b', 'b0');
    const notA = (caller: string): boolean => caller !== 'a';
    const found = [queue.oldest(notA)?.item, queue.take(notA)?.item, queue.oldest(notA), queue.take(notA)];
    expect(found).toEqual(['b0', 'b0', undefined, undefined]);
    expect([queue.size, queue.empty(), queue.size]).toEqual([2, ['a0', 'a1'], 0]);
  });

  it('loses nothing, and serves nobody twice before the others', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 }), (callers) => {
        const queue = createFairQueue<number>();
        for (const [at, caller] of callers.entries()) queue.add(caller, at);
        const served: { readonly caller: string; readonly item: number }[] = [];
        for (let next = queue.take(ANYBODY); next !== undefined; next = queue.take(ANYBODY)) served.push(next);
        expect(served.map(({ item }) => item).toSorted((a, b) => a - b)).toEqual([...callers.keys()]);
        for (const [at, { caller, item }] of served.entries()) {
          const before = served.slice(0, at);
          expect(before.filter((one) => one.caller === caller).every((one) => one.item < item)).toBe(true);
          const turns = before.filter((one) => one.caller === caller).length;
          const others = [...new Set(callers)].filter((one) => one !== caller);
          for (const other of others) {
            const waited = callers.filter((one) => one === other).length;
            const had = before.filter((one) => one.caller === other).length;
            expect(had).toBeGreaterThanOrEqual(Math.min(waited, turns - 1));
          }
        }
      }),
    );
  });
});
