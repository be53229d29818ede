import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { displayKey, hashKey, isWellFormedKey, keyStatusAt, mintKey } from '../../../core/keys/api-key.ts';

describe('an API key', () => {
  it('is allmcp_ and 32 letters or digits, with at least 150 random bits', () => {
    const keys = Array.from({ length: 500 }, () => mintKey());
    for (const key of keys) expect(key).toMatch(/^allmcp_[A-Za-z0-9]{32}$/);
    expect(new Set(keys).size).toBe(keys.length);
    const bounds: number[] = [];
    const first = mintKey((below) => (bounds.push(below), 0));
    expect(bounds.reduce((bits, below) => bits + Math.log2(below), 0)).toBeGreaterThan(150);
    // Every draw is seen in the key, up to its last value.
    for (const [at, below] of bounds.entries()) {
      let drawn = 0;
      const other = mintKey(() => (drawn++ === at ? below - 1 : 0));
      expect(other[7 + at]).not.toBe(first[7 + at]);
    }
  });

  it('is accepted by its own check', () => {
    for (let i = 0; i < 200; i += 1) expect(isWellFormedKey(mintKey())).toBe(true);
  });

  it('is refused without a lookup when one character is mistyped', () => {
    const character = fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'));
    let undetected = 0;
    fc.assert(
      fc.property(fc.integer({ min: 7, max: 38 }), character, (position, replacement) => {
        const key = mintKey();
        fc.pre(key[position] !== replacement);
        if (isWellFormedKey(key.slice(0, position) + replacement + key.slice(position + 1))) undetected += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(undetected).toBe(0);
  });

  it('is not recognised in any other shape', () => {
    const key = mintKey();
    for (const text of ['', key.slice(1), `${key}0`, ` ${key}`, key.toUpperCase(), key.replace('allmcp_', 'allmcp-')])
      expect(isWellFormedKey(text)).toBe(false);
  });

  it('is stored as a SHA-256 and shown by four characters', () => {
    const key = mintKey();
    expect(hashKey(key)).toMatch(/^[0-9a-f]{64}$/);
    expect(displayKey(key)).toBe(`${key.slice(0, 11)}…`);
  });

  it.each([
    ['active', undefined, 'active'],
    ['active', '1970-01-01T00:00:01.001Z', 'active'],
    ['active', '1970-01-01T00:00:01.000Z', 'expired'],
    ['active', 'no time at all', 'expired'],
    ['revoked', '1970-01-01T00:00:09.000Z', 'revoked'],
    ['revoked', '1970-01-01T00:00:00.000Z', 'revoked'],
  ] as const)('that is %s until %s is %s a second after the beginning', (status, expiresAt, expected) => {
    expect(keyStatusAt({ status, expiresAt }, 1_000)).toBe(expected);
  });
});
