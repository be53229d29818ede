/** Templates written out in a test. */
import type { Stack, Template } from '../../../emulator/cloudformation/assembly.ts';

export type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

export const stack = (name: string, Resources: Resources, more: Partial<Template> = {}): Stack => ({
  name,
  template: {
    Resources: Object.fromEntries(
      Object.entries(Resources).map(([id, { Type, Properties = {} }]) => [id, { Type, Properties }]),
    ),
    Outputs: {},
    Parameters: {},
    ...more,
  },
  assets: new Map([['abc.zip', '/bundles/abc']]),
});

const trust = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
export const ROLE = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } };
export const FUNCTION = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Key: 'abc.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
  },
};
