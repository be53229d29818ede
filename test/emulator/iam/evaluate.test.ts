/** The decision: explicit deny, allow, implicit deny, over identity and resource policies. */
import { describe, expect, it } from '@jest/globals';
import { requestContext } from '../../../emulator/iam/context.ts';
import { parsePolicy } from '../../../emulator/iam/document.ts';
import { evaluate, type PolicyCaller } from '../../../emulator/iam/evaluate.ts';

const caller: PolicyCaller = {
  arn: 'arn:aws:sts::000000000000:assumed-role/Worker/one',
  roleArn: 'arn:aws:iam::000000000000:role/Worker',
  account: '000000000000',
};
const root = 'arn:aws:iam::000000000000:root';
const request = { action: 'kms:Decrypt', resource: 'arn:aws:kms:r:0:key/1', context: requestContext({}) };
const policy = (...statements: object[]) => parsePolicy({ Statement: statements });
const allow = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };
const deny = { Effect: 'Deny', Action: 'kms:*', Resource: '*' };

describe('the decision', () => {
  it('denies what no statement allows', () => {
    expect(evaluate(caller, { identity: [] }, request)).toEqual({ allowed: false, why: 'implicit-deny' });
  });

  it('allows what an identity policy allows on a resource without a policy of its own', () => {
    expect(evaluate(caller, { identity: [policy(allow)] }, request)).toEqual({ allowed: true });
  });

  it('lets a deny win over every allow', () => {
    expect(evaluate(caller, { identity: [policy(allow), policy(deny)] }, request)).toEqual({
      allowed: false,
      why: 'explicit-deny',
      where: 'identity',
    });
    const resource = policy({ ...allow, Principal: { AWS: caller.roleArn } }, { ...deny, Principal: '*' });
    expect(evaluate(caller, { identity: [policy(allow)], resource }, request)).toEqual({
      allowed: false,
      why: 'explicit-deny',
      where: 'resource',
    });
  });

  it('opens a resource with a policy to identity policies only when that policy names the account', () => {
    const closed = policy({ ...allow, Principal: { AWS: 'arn:aws:iam::000000000000:role/Other' } });
    const open = policy({ ...allow, Principal: { AWS: root } });
    expect(evaluate(caller, { identity: [policy(allow)], resource: closed }, request).allowed).toBe(false);
    expect(evaluate(caller, { identity: [policy(allow)], resource: open }, request).allowed).toBe(true);
    expect(evaluate(caller, { identity: [], resource: open }, request).allowed).toBe(false);
  });

  it('allows a caller that the resource policy names, without an identity policy', () => {
    const direct = policy({ ...allow, Principal: { AWS: caller.roleArn } });
    expect(evaluate(caller, { identity: [], resource: direct }, request)).toEqual({ allowed: true });
  });

  it('does not apply a deny that names another principal', () => {
    const resource = policy(
      { ...deny, Principal: { AWS: 'arn:aws:iam::000000000000:role/Other' } },
      { ...allow, Principal: { AWS: root } },
    );
    expect(evaluate(caller, { identity: [policy(allow)], resource }, request).allowed).toBe(true);
  });

  it.each([
    ['kms:decrypt', '*', true],
    ['kms:Dec*', '*', true],
    ['kms:Encrypt', '*', false],
    ['kms:Decrypt', 'arn:aws:kms:r:0:key/1', true],
    ['kms:Decrypt', 'arn:aws:kms:r:0:KEY/1', false],
    ['kms:Decrypt', 'arn:aws:kms:r:0:key/?', true],
    ['kms:Decrypt', 'arn:aws:kms:r:0:key/2', false],
  ])('takes Action %s on Resource %s as %s', (Action, Resource, expected) => {
    expect(evaluate(caller, { identity: [policy({ Effect: 'Allow', Action, Resource })] }, request).allowed).toBe(
      expected,
    );
  });

  it('reads NotAction and NotResource as everything else', () => {
    const but = (statement: object) =>
      evaluate(caller, { identity: [policy({ Effect: 'Allow', ...statement })] }, request).allowed;
    expect(but({ NotAction: 'kms:Decrypt', Resource: '*' })).toBe(false);
    expect(but({ NotAction: 'kms:Encrypt', Resource: '*' })).toBe(true);
    expect(but({ Action: '*', NotResource: 'arn:aws:kms:*' })).toBe(false);
    expect(but({ Action: '*', NotResource: 'arn:aws:s3:*' })).toBe(true);
  });

  it('needs every condition of a statement to hold', () => {
    const guarded = policy({ ...allow, Condition: { StringEquals: { a: '1', b: '2' } } });
    const ask = (context: Record<string, string>) =>
      evaluate(caller, { identity: [guarded] }, { ...request, context: requestContext(context) }).allowed;
    expect(ask({ a: '1', b: '2' })).toBe(true);
    expect(ask({ a: '1' })).toBe(false);
  });
});

describe('a policy document', () => {
  it.each([
    [{ Effect: 'Allow', Action: '*', Resource: '*', NotPrincipal: '*' }, 'NotPrincipal'],
    [{ Effect: 'Maybe', Action: '*', Resource: '*' }, 'Effect'],
    [{ Effect: 'Allow', Resource: '*' }, 'Action'],
    [{ Effect: 'Allow', Action: '*', Principal: { Federated: 'x' } }, 'Federated'],
    [{ Effect: 'Allow', Action: [{ Ref: 'X' }], Resource: '*' }, 'string'],
  ])('is refused when a statement cannot be understood in full: %j', (statement, named) => {
    expect(() => policy(statement)).toThrow(named);
  });
});
