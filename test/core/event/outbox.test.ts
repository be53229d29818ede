/** When an event that was not taken is tried again. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVENT_TTL_MS, nextAttempt } from '../../../core/event/outbox.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const FAR = NOW + EVENT_TTL_MS;

describe('the next try', () => {
  it('waits longer each time, up to six hours', () => {
    const delays = [1, 2, 3, 4, 5, 6, 20].map(
      (attempts) => (nextAttempt({ attempts, expiresAt: FAR }, NOW, 0) ?? 0) - NOW,
    );
    expect(delays).toEqual([MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR]);
  });

  it('is up to a quarter later than planned, so that what failed together comes back apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const planned = (nextAttempt({ attempts, expiresAt: FAR }, NOW, 0) ?? 0) - NOW;
        const at = (nextAttempt({ attempts, expiresAt: FAR }, NOW, random) ?? 0) - NOW;
        expect(at).toBeGreaterThanOrEqual(planned);
        expect(at).toBeLessThanOrEqual(planned * 1.25);
      }),
    );
  });

  it('is none when three days are over by then', () => {
    const attempts = 9;
    expect(nextAttempt({ attempts, expiresAt: NOW + 6 * HOUR + 1 }, NOW, 0)).toBe(NOW + 6 * HOUR);
    expect(nextAttempt({ attempts, expiresAt: NOW + 6 * HOUR }, NOW, 0)).toBeUndefined();
    expect(nextAttempt({ attempts: 1, expiresAt: NOW }, NOW, 0)).toBeUndefined();
  });

  it('comes at least ten times within the three days, whatever the chance', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        let tries = 1;
        for (let now: number | undefined = NOW; tries < 100; tries += 1) {
          now = nextAttempt({ attempts: tries, expiresAt: FAR }, now, random);
          if (now === undefined) break;
        }
        expect(tries).toBeGreaterThanOrEqual(10);
        expect(tries).toBeLessThan(20);
      }),
    );
  });
});
