import { describe, expect, it } from '@jest/globals';
import { createStartInTurn, environmentsFor } from '../../../emulator/lambda/capacity.ts';

const GB = 1024 ** 3;

describe('the environments of one function', () => {
  it.each([
    [0, 4 * GB, 22],
    [10, 4 * GB, 32],
    [0, 64 * GB, 64],
    [0, 0, 16],
    [20, 0.5 * GB, 20],
  ])('beside %d that run and with %d bytes free are at most %d', (started, free, most) => {
    expect(environmentsFor(started, free)).toBe(most);
  });
});

describe('starts of environments', () => {
  it('are no more at the same time than was said, and each has its turn', async () => {
    const inTurn = createStartInTurn(2);
    const running = new Set<number>();
    const ends: (() => void)[] = [];
    const seen: number[] = [];
    let most = 0;
    const all = Array.from({ length: 5 }, (_, id) =>
      inTurn(async (over) => {
        seen.push(id);
        running.add(id);
        most = Math.max(most, running.size);
        ends.push(() => {
          running.delete(id);
          over();
          // A process that was idle ends one day: its start was over long before.
          over();
        });
      }),
    );
    await Promise.all(all.slice(0, 2));
    while (seen.length < 5) {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    expect([most, seen]).toEqual([2, [0, 1, 2, 3, 4]]);
  });
});
