/** What IAM knows of a caller: its role, its tags, and the function that was given its credentials. */
import { describe, expect, it } from '@jest/globals';
import { authorize, type Role } from '../../../emulator/iam/authorize.ts';
import { requestContext } from '../../../emulator/iam/context.ts';
import { createCredentialStore, roleSession } from '../../../emulator/iam/credentials.ts';
import { parsePolicy } from '../../../emulator/iam/document.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:mine';
const role: Role = {
  arn: 'arn:aws:iam::000000000000:role/Worker',
  trust: parsePolicy({ Statement: [] }),
  policies: [
    parsePolicy({
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        {
          Effect: 'Deny',
          Action: 'dynamodb:*',
          Resource: '*',
          Condition: { ArnNotEquals: { 'lambda:SourceFunctionArn': FUNCTION } },
        },
      ],
    }),
  ],
  maxSessionSeconds: 3600,
};

describe('the function that credentials were given to', () => {
  it.each([
    [FUNCTION, true],
    [`${FUNCTION}2`, false],
    [undefined, false],
  ])('is compared by the policies of its role: %s', (functionArn, allowed) => {
    const session = createCredentialStore(() => 0).issue({
      caller: roleSession(role.arn, 'one'),
      role: 'Worker',
      tags: {},
      transitiveTagKeys: [],
      functionArn,
      expires: undefined,
    });
    const ask = () =>
      authorize(
        session,
        new Map([[role.arn, role]]),
        { action: 'dynamodb:GetItem', resource: 'arn:aws:dynamodb:x:y:table/z', context: requestContext({}) },
        undefined,
      );
    if (allowed) expect(ask).not.toThrow();
    else expect(ask).toThrow(/not authorized .* with an explicit deny/);
  });
});
