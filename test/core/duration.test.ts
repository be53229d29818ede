/** Lengths of time as operators write them. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationInWords, MAX_DURATION_SECONDS, parseDuration } from '../../core/duration.ts';

describe('a length of time', () => {
  it.each([
    ['1s', 1],
    ['30m', 1800],
    ['12h', 43_200],
    ['90d', 7_776_000],
    ['2w', 1_209_600],
    ['3650d', MAX_DURATION_SECONDS],
  ])('%j is %d seconds', (given, seconds) => {
    expect(parseDuration(given)).toBe(seconds);
  });

  it.each(['', '90', '60', 'd', '0s', '0d', '-1d', '1.5h', '90 d', '90D', '1y', '3651d', '9999999999s', '1d1h', '１d'])(
    'is not %j',
    (given) => {
      expect(parseDuration(given)).toBeUndefined();
    },
  );

  it.each([
    [0, '1 second'],
    [1, '1 second'],
    [42, '42 seconds'],
    [119, '119 seconds'],
    [121, '3 minutes'],
    [7_199, '120 minutes'],
    [7_200, '2 hours'],
    [170_000, '48 hours'],
    [172_801, '3 days'],
    [2_591_999, '30 days'],
  ])('of %d seconds is %s in words, never too short', (seconds, words) => {
    expect(durationInWords(seconds)).toBe(words);
  });

  it('always keeps an expiry a legal date', () => {
    fc.assert(
      fc.property(fc.oneof(fc.stringMatching(/^[0-9]{1,9}[smhdw]$/), fc.string()), (given) => {
        const seconds = parseDuration(given);
        if (seconds !== undefined) expect(() => new Date(Date.now() + seconds * 1000).toISOString()).not.toThrow();
      }),
    );
  });
});
