import { describe, expect, it } from '@jest/globals';
import { compare } from '../../../core/provider/verify.ts';

describe('what is read back', () => {
  it('is the same as text, as a number or in another zone', () => {
    const expected = { id: 5, sum: '1.50', at: '2026-12-01T10:00:00Z', note: '' };
    expect(compare(expected, { id: '5', sum: 1.5, at: '2026-12-01T13:00:00+03:00', note: null })).toEqual({
      id: true,
      sum: true,
      at: true,
      note: true,
    });
  });

  it('is another id where only the last of many digits differs', () => {
    const [wanted, found] = ['9007199254740993', '9007199254740992'];
    expect(compare({ id: wanted }, { id: found })).toEqual({ id: { wanted, found } });
    expect(compare({ id: wanted }, { id: wanted })).toEqual({ id: true });
  });
});
