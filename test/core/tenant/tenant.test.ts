import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeId,
  encodeId,
  idProblem,
  MAX_ID_LENGTH,
  tenantId,
  tenantLevel,
  tenantParts,
  tenantTags,
} from '../../../core/tenant/tenant.ts';

/** Any id a caller may send: every Unicode character but controls, biased towards the ones that could do harm. */
const anyId = fc
  .array(
    fc.oneof(
      fc.constantFrom('#', '=', '/', '%', ':', '*', '?', '$', '{', 'h', '😀', 'é', ' ', '23'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
    ),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''))
  .filter((id) => idProblem(id) === undefined);

const tuple = fc.record({
  client: anyId,
  org: fc.option(anyId, { nil: undefined }),
  user: fc.option(anyId, { nil: undefined }),
});

describe('the level of a tenant', () => {
  it('is that of the default user where an organization comes without a user', () => {
    expect(tenantLevel({ client: 'c', org: 'o' })).toEqual({ client: 'c' });
    expect(tenantLevel({ client: 'c', user: 'u' })).toEqual({ client: 'c', user: 'u' });
    expect(tenantLevel({ client: 'c', org: 'o', user: 'u' })).toEqual({ client: 'c', org: 'o', user: 'u' });
  });

  it('is what its id says of it', () => {
    fc.assert(
      fc.property(tuple, (sent) => {
        expect(tenantParts(tenantId(sent))).toEqual(tenantLevel(sent));
        expect(tenantId(tenantLevel(sent))).toBe(tenantId(sent));
      }),
    );
  });
});

describe('tenantId', () => {
  it('gives different tenants different ids, whatever the ids hold', () => {
    fc.assert(
      fc.property(tuple, tuple, (a, b) => {
        const normal = ({ client, org, user }: typeof a) =>
          JSON.stringify([client, user === undefined ? undefined : org, user]);
        expect(tenantId(a) === tenantId(b)).toBe(normal(a) === normal(b));
      }),
      { numRuns: 20_000 },
    );
  });

  it('keeps ids built to collide apart', () => {
    const newId = [
      tenantId({ client: 'c', org: 'a#b', user: 'c' }),
      tenantId({ client: 'c', org: 'a', user: 'b#c' }),
      tenantId({ client: 'c#a', org: 'b', user: 'c' }),
      tenantId({ client: 'c', org: 'a=23b', user: 'c' }),
      tenantId({ client: 'c', org: 'a%23b', user: 'c' }),
      tenantId({ client: 'c', org: '=', user: 'c' }),
      tenantId({ client: 'c', user: 'c' }),
      tenantId({ client: 'c', user: '=' }),
      tenantId({ client: 'c' }),
      tenantId({ client: 'c', user: '😀'.repeat(200) }),
      tenantId({ client: 'c', user: `${'😀'.repeat(199)}😁` }),
      tenantId({ client: 'c', user: 'a'.repeat(90) }),
      tenantId({ client: 'c', user: 'a'.repeat(91) }),
      tenantId({ client: 'c', user: `${'a'.repeat(90)}b` }),
      tenantId({ client: 'c', user: encodeId('a'.repeat(91)) }),
      tenantId({ client: 'c', user: 'ж'.repeat(15) }),
      tenantId({ client: 'c', user: 'ж'.repeat(16) }),
      tenantId({ client: 'c', user: 'é' }),
      tenantId({ client: 'c', user: 'e\u0301' }),
    ];
    expect(new Set(newId).size).toBe(newId.length);
  });

  it('is Solo when an org comes without a user', () => {
    expect(tenantId({ client: 'c', org: 'o' })).toBe(tenantId({ client: 'c' }));
    expect(tenantId({ client: 'c' })).toBe('T#c#=#=');
  });

  it('is made of parts that are legal STS tag values and never reach into the next part', () => {
    fc.assert(
      fc.property(tuple, (parts) => {
        const id = tenantId(parts);
        expect(id.split('#')).toHaveLength(4);
        for (const tag of Object.values(tenantTags(id))) {
          expect(tag).toMatch(/^[A-Za-z0-9_.@:/+=-]{1,90}$/);
          expect(tag).not.toMatch(/[*?$]/);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses ids that are empty, too long, hold control characters or are not valid Unicode', () => {
    for (const id of ['', 'a'.repeat(MAX_ID_LENGTH + 1), 'a\nb', 'a\u0000', '\u0085', '\uD800', 'a\uFFFD'])
      expect(() => tenantId({ client: 'c', user: id })).toThrow(RangeError);
    expect(idProblem('😀'.repeat(MAX_ID_LENGTH))).toBeUndefined();
  });
});

describe('tenantParts', () => {
  it('gives back the ids that a tenant was made of, also those whose encoding is a hash', () => {
    fc.assert(
      fc.property(tuple, ({ client, org, user }) => {
        const parts = { client, org: user === undefined ? undefined : org, user };
        expect(tenantParts(tenantId({ client, org, user }))).toEqual(parts);
      }),
      { numRuns: 2_000 },
    );
  });

  it('names an over-long id that this process has not seen by its encoding', () => {
    const long = tenantId({ client: 'c', user: '😀'.repeat(150) });
    expect(tenantParts(long).user).toBe('😀'.repeat(150));
    // A tenant that another process made, as a row would name it.
    const strange = long.replace(/=h.*$/, `=h${'a'.repeat(52)}`) as typeof long;
    expect(tenantParts(strange)).toEqual({ client: 'c', org: undefined, user: `=h${'a'.repeat(52)}` });
  });
});

describe('encodeId', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const encoded = encodeId(id);
        expect(decodeId(encoded)).toBe(encoded.startsWith('=h') ? undefined : id);
      }),
      { numRuns: 5_000 },
    );
  });

  it('hashes an id whose encoding is longer than 90 characters, and no shorter one', () => {
    expect(encodeId('a'.repeat(90))).toBe('a'.repeat(90));
    expect(encodeId('ж'.repeat(15))).toHaveLength(90);
    for (const id of ['a'.repeat(91), 'ж'.repeat(16), '#'.repeat(31)]) expect(encodeId(id)).toMatch(/^=h[a-z2-7]{52}$/);
  });

  it('reads parts of the form before ids of 91 to 200 characters were hashed', () => {
    expect(decodeId('a'.repeat(200))).toBe('a'.repeat(200));
    expect(decodeId('=D0=B6'.repeat(33))).toBe('ж'.repeat(33));
  });

  it('never lets an id look like a hashed or an absent one', () => {
    for (const id of ['=', '=h', '=habc', 'h', '==']) expect(encodeId(id)).toBe(id.replaceAll('=', '=3D'));
    expect(encodeId('😀'.repeat(200))).toMatch(/^=h[a-z2-7]{52}$/);
  });
});
