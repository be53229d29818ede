/** Values as attributes and back, and the rule that nothing else in the stores spells an attribute. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fromItem, toItem, type Storable } from '../../../adapters/aws/attributes.ts';

const { value } = fc.letrec<{ value: Storable }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
}));

const sources = execFileSync('git', ['ls-files', '--', 'adapters/aws/**.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '')
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const filesWith = (what: RegExp): readonly string[] =>
  sources.filter(({ text }) => what.test(text)).map(({ file }) => file);

describe('the values of an item', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (fields) => {
        expect(fromItem(toItem(fields))).toEqual({ ...fields });
      }),
    );
  });

  it('are not there when they are undefined', () => {
    expect(toItem({ a: undefined, b: '' })).toEqual({ b: { S: '' } });
  });
});

describe('the stores', () => {
  it('spell no attribute: values become attributes, and attributes values, in one file', () => {
    const spelled = /[{,]\s*(?:S|N|B|BOOL|NULL|L|M|SS|NS|BS): |\.(?:S|N|B|BOOL|L|M|SS|NS|BS)\b/;
    expect(filesWith(spelled)).toEqual(['adapters/aws/attributes.ts']);
  });

  it('build a row that is put whole in the file of its item only', () => {
    const built = filesWith(/\.\.\.itemKeys\./);
    expect(built.length).toBeGreaterThan(10);
    expect(built.filter((file) => !file.endsWith('-item.ts'))).toEqual([]);
  });
});
