import { describe, expect, it } from '@jest/globals';
import { confirmationPurpose } from '../../../core/call/confirmation.ts';

describe('what a confirmation is bound to', () => {
  it('is the same text in every version, so that a token outlives an upgrade', () => {
    const digest = 'Pezm3I0i1haSsDx9UYNqrslv0IphTiJFZeF3rW_52-I';
    expect(confirmationPurpose('example_erase_thing', { b: 'x', a: [1, null] }, undefined)).toBe(
      `["confirm","example_erase_thing",null,"${digest}"]`,
    );
    expect(confirmationPurpose('example_erase_thing', { a: [1, null], b: 'x' }, 'work')).toBe(
      `["confirm","example_erase_thing","work","${digest}"]`,
    );
  });

  it('is another for another tool, argument or account', () => {
    const purposes = [
      confirmationPurpose('a', { id: '1' }, undefined),
      confirmationPurpose('b', { id: '1' }, undefined),
      confirmationPurpose('a', { id: 1 }, undefined),
      confirmationPurpose('a', { id: '1' }, 'work'),
    ];
    expect(new Set(purposes).size).toBe(purposes.length);
  });
});
