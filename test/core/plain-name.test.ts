/** Names that others read. */
import { describe, expect, it } from '@jest/globals';
import { isPlainName, plainName } from '../../core/plain-name.ts';
import { BrandName } from '../../core/tenant/settings-admin.ts';

describe('a name', () => {
  it.each(['Acme', 'Acme & Söhne', 'مثال', 'می\u200Cخواهم', '👩\u200D💻 Lab', '株式会社'])('may be %j', (name) => {
    expect([isPlainName(name), plainName(name), BrandName.safeParse(name).success]).toEqual([true, name, true]);
  });

  it.each([
    ['a\u202Eb', 'ab'],
    ['\u2066evil\u2069', 'evil'],
    ['a\u200Fb', 'ab'],
    ['a\u061Cb', 'ab'],
    ['a\u200Bb', 'ab'],
    ['a\u2028b', 'ab'],
    ['a\u0007b', 'ab'],
    ['a\uFEFFb', 'ab'],
    ['a\uD800b', 'ab'],
  ])('may not be %j, and one of before is shown as %j', (name, shown) => {
    expect([isPlainName(name), plainName(name), BrandName.safeParse(name).success]).toEqual([false, shown, false]);
  });
});
