/** Every condition operator against present, absent, matching and non-matching keys. */
import { describe, expect, it } from '@jest/globals';
import { conditionHolds } from '../../../emulator/iam/condition.ts';
import { requestContext, type ContextValue } from '../../../emulator/iam/context.ts';

type Context = Record<string, ContextValue | undefined>;
type Row = readonly [
  operator: string,
  wanted: string | readonly string[],
  given: ContextValue | undefined,
  holds: boolean,
];

const holds = (operator: string, wanted: string | readonly string[], context: Context, key = 'k'): boolean =>
  conditionHolds({ operator, key, values: typeof wanted === 'string' ? [wanted] : wanted }, requestContext(context));

const TABLE: readonly Row[] = [
  ['StringEquals', 'a', 'a', true],
  ['StringEquals', 'a', 'A', false],
  ['StringEquals', ['x', 'a'], 'a', true],
  ['StringEquals', 'a*', 'a*', true],
  ['StringEquals', 'a*', 'ab', false],
  ['StringEquals', 'a', undefined, false],
  ['StringNotEquals', 'a', 'a', false],
  ['StringNotEquals', ['a', 'b'], 'b', false],
  ['StringNotEquals', ['a', 'b'], 'c', true],
  ['StringNotEquals', 'a', undefined, true],
  ['StringEqualsIgnoreCase', 'aB', 'Ab', true],
  ['StringEqualsIgnoreCase', 'aB', 'c', false],
  ['StringNotEqualsIgnoreCase', 'aB', 'Ab', false],
  ['StringNotEqualsIgnoreCase', 'aB', 'c', true],
  ['StringLike', 'a*c', 'abbc', true],
  ['StringLike', 'a?c', 'abc', true],
  ['StringLike', 'a?c', 'abbc', false],
  ['StringLike', 'a.c', 'abc', false],
  ['StringLike', 'a*', 'a\nb', true],
  ['StringLike', '*', undefined, false],
  ['StringNotLike', 'a*', 'abc', false],
  ['StringNotLike', 'a*', 'b', true],
  ['StringNotLike', 'a*', undefined, true],
  ['ArnEquals', 'arn:aws:iam::1:role/*', 'arn:aws:iam::1:role/x/y', true],
  ['ArnEquals', 'arn:aws:iam::*', 'arn:aws:iam::1:role/x', false],
  ['ArnLike', 'arn:aws:iam::*:role/x', 'arn:aws:iam::1:role/x', true],
  ['ArnLike', 'arn:aws:iam::1:role/x', 'arn:aws:iam::2:role/x', false],
  ['ArnNotEquals', 'arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/x', false],
  ['ArnNotEquals', ['arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/y'], 'arn:aws:iam::1:role/y', false],
  ['ArnNotEquals', 'arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/z', true],
  ['ArnNotLike', 'arn:aws:iam::1:role/*', 'arn:aws:iam::1:role/z', false],
  ['ArnNotLike', 'arn:aws:iam::1:role/*', undefined, true],
  ['Bool', 'true', 'true', true],
  ['Bool', 'true', 'false', false],
  ['Bool', 'false', undefined, false],
  ['NumericEquals', '5', '5.0', true],
  ['NumericNotEquals', '5', '6', true],
  ['NumericLessThan', '5', '4', true],
  ['NumericLessThan', '5', '5', false],
  ['NumericLessThanEquals', '5', '5', true],
  ['NumericGreaterThan', '5', '6', true],
  ['NumericGreaterThan', '5', 'six', false],
  ['NumericGreaterThanEquals', '5', '5', true],
  ['NumericGreaterThanEquals', '5', '', false],
  ['Null', 'true', undefined, true],
  ['Null', 'true', 'x', false],
  ['Null', 'false', 'x', true],
  ['Null', 'false', undefined, false],
  ['Null', 'false', [], false],
  ['StringEqualsIfExists', 'a', undefined, true],
  ['StringEqualsIfExists', 'a', 'a', true],
  ['StringEqualsIfExists', 'a', 'b', false],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'a'], true],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
  ['ForAllValues:StringEquals', 'a', undefined, true],
  ['ForAllValues:StringLike', 'a*', ['ab', 'ac'], true],
  ['ForAllValues:StringLike', 'a*', ['ab', 'b'], false],
  ['ForAllValues:StringNotEquals', 'a', ['b', 'c'], true],
  ['ForAllValues:StringNotEquals', 'a', ['a', 'c'], false],
  ['ForAnyValue:StringEquals', 'a', ['b', 'a'], true],
  ['ForAnyValue:StringEquals', 'a', ['b', 'c'], false],
  ['ForAnyValue:StringEquals', 'a', undefined, false],
  ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], true],
  ['ForAnyValue:StringNotEquals', 'a', ['a', 'a'], false],
  ['ForAnyValue:StringEqualsIfExists', 'a', undefined, true],
];

describe('a policy condition', () => {
  it.each(TABLE)('%s %j against %j is %s', (operator, wanted, given, expected) => {
    expect(holds(operator, wanted, { k: given })).toBe(expected);
  });

  it('compares condition keys without regard to case', () => {
    expect(holds('StringEquals', 'x', { 'kms:EncryptionContext:Client': 'x' }, 'kms:encryptioncontext:client')).toBe(
      true,
    );
  });

  it.each(['DateLessThan', 'IpAddress', 'BinaryEquals', 'StringMatches', 'ForSomeValues:StringEquals', 'NullIfExists'])(
    'refuses the operator %s instead of ignoring it',
    (operator) => {
      expect(() => holds(operator, 'a', { k: 'a' })).toThrow('not supported on the laptop');
    },
  );

  it('refuses a single-valued operator on a key that holds a list', () => {
    expect(() => holds('StringEquals', 'a', { k: ['a', 'b'] })).toThrow('ForAllValues');
  });
});

describe('a policy variable', () => {
  it('stands for the value of its key', () => {
    expect(holds('StringEquals', 'T#${aws:PrincipalTag/c}', { k: 'T#acme', 'aws:PrincipalTag/c': 'acme' })).toBe(true);
  });

  it('matches nothing when its key is absent', () => {
    expect(holds('StringEquals', 'T#${aws:PrincipalTag/c}', { k: 'T#' })).toBe(false);
    expect(holds('StringLike', '${aws:PrincipalTag/c}*', { k: 'anything' })).toBe(false);
  });

  it('lets a negated operator hold when its key is absent, so that a deny applies', () => {
    expect(holds('StringNotEquals', '${aws:PrincipalTag/c}', { k: 'acme' })).toBe(true);
  });

  it('never acts as a wildcard, whatever it holds', () => {
    expect(holds('StringLike', 'T#${aws:PrincipalTag/c}#*', { k: 'T#other#x', 'aws:PrincipalTag/c': '*' })).toBe(false);
    expect(holds('StringLike', 'T#${aws:PrincipalTag/c}#*', { k: 'T#*#x', 'aws:PrincipalTag/c': '*' })).toBe(true);
  });

  it('takes its default when its key is absent', () => {
    expect(holds('StringEquals', "${aws:PrincipalTag/c, 'none'}", { k: 'none' })).toBe(true);
  });

  it('writes the special characters as themselves', () => {
    expect(holds('StringLike', 'a${*}b', { k: 'a*b' })).toBe(true);
    expect(holds('StringLike', 'a${*}b', { k: 'axb' })).toBe(false);
  });

  it('works inside an ARN although it holds colons itself', () => {
    expect(
      holds('ArnEquals', 'arn:aws:iam::1:role/${aws:PrincipalTag/c}', {
        k: 'arn:aws:iam::1:role/acme',
        'aws:PrincipalTag/c': 'acme',
      }),
    ).toBe(true);
  });
});
