/** CloudFormation intrinsics. */
import { describe, expect, it } from '@jest/globals';
import type { Stack, Template } from '../../../emulator/cloudformation/assembly.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';
import { resolveTemplates } from '../../../emulator/cloudformation/resolve.ts';
import { stack, type Resources } from './set-up.ts';

/** The value as an environment variable would get it. */
const resolve = (
  value: unknown,
  others: Resources = {},
  more: Partial<Template> = {},
  stacks: readonly Stack[] = [],
): unknown =>
  resolveTemplates(
    [stack('One', { Probe: { Type: 'Probe', Properties: { value } }, ...others }, more), ...stacks],
    EMULATED_PLACE,
  )
    .ofType('Probe')[0]
    ?.property('value');

const Table = { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} };

describe('an intrinsic', () => {
  it.each([
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ Ref: 'AWS::StackName' }, 'One'],
    [{ Ref: 'Rows' }, 'One-Rows'],
    [{ 'Fn::GetAtt': ['Rows', 'Arn'] }, 'arn:aws:dynamodb:us-east-1:000000000000:table/One-Rows'],
    [{ 'Fn::GetAtt': 'Rows.Arn' }, 'arn:aws:dynamodb:us-east-1:000000000000:table/One-Rows'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-us-east-1'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [
      { 'Fn::Sub': 'x-${AWS::Region}-${Rows.Arn}' },
      'x-us-east-1-arn:aws:dynamodb:us-east-1:000000000000:table/One-Rows',
    ],
    [{ 'Fn::Sub': ['${own}/${Rows}', { own: { Ref: 'AWS::Region' } }] }, 'us-east-1/One-Rows'],
    [{ 'Fn::Sub': '${!Literal}' }, '${!Literal}'],
    [{ Ref: 'Given' }, 'default'],
    [[{ a: { Ref: 'Rows' }, b: 1 }], [{ a: 'One-Rows', b: 1 }]],
  ])('%j is %j', (value, expected) => {
    expect(resolve(value, { Rows: Table }, { Parameters: { Given: { Default: 'default' } } })).toEqual(expected);
  });

  it('reads what another stack exports, also when the name is joined', () => {
    const exported = stack(
      'Two',
      { Rows: Table },
      { Outputs: { O: { Value: { Ref: 'Rows' }, Export: { Name: { 'Fn::Join': [':', ['Two', 'x']] } } } } },
    );
    expect(resolve({ 'Fn::ImportValue': 'Two:x' }, {}, {}, [exported])).toBe('Two-Rows');
  });

  it.each([
    [{ 'Fn::If': ['a', 'b', 'c'] }, 'does not know Fn::If'],
    [{ Ref: 'Nobody' }, 'Nobody, which is not there'],
    [{ 'Fn::GetAtt': ['Rows', 'StreamArn'] }, 'does not know the attribute StreamArn'],
    [{ 'Fn::GetAtt': ['Nobody', 'Arn'] }, 'Nobody, which is not there'],
    [{ 'Fn::ImportValue': 'Nothing' }, 'No stack exports Nothing'],
    [{ 'Fn::Select': [3, ['a']] }, 'not there'],
    [{ 'Fn::Join': ['-'] }, 'malformed'],
    [{ 'Fn::Sub': '${Nobody}' }, 'Nobody, which is not there'],
  ])('%j is an error that says why', (value, why) => {
    expect(() => resolve(value, { Rows: Table })).toThrow(why);
  });

  it('gives the same names on every start, and other names to other resources', () => {
    const ref = (id: string) => resolve({ Ref: id }, { A: { Type: 'AWS::KMS::Key' }, B: { Type: 'AWS::KMS::Key' } });
    expect(ref('A')).toBe(ref('A'));
    expect(ref('A')).not.toBe(ref('B'));
    expect(ref('A')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
