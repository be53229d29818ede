/** What the model of a function holds, and what it refuses. */
import { describe, expect, it } from '@jest/globals';
import { roles } from '../../../emulator/cloudformation/data-model.ts';
import { functions } from '../../../emulator/cloudformation/function-model.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';
import { resolveTemplates } from '../../../emulator/cloudformation/resolve.ts';
import { FUNCTION, ROLE, stack, type Resources } from './set-up.ts';

const functionsOf = (resources: Resources) => {
  const templates = resolveTemplates([stack('One', resources)], EMULATED_PLACE);
  return functions(templates, roles(templates));
};

describe('the functions of a template', () => {
  it('come with folder, role and the limits of Lambda where the template has none', () => {
    expect(functionsOf({ Role: ROLE, F: FUNCTION })[0]).toMatchObject({
      name: 'One-F',
      code: '/bundles/abc',
      roleArn: 'arn:aws:iam::000000000000:role/One-Role',
      memoryMb: 128,
      timeoutMs: 3_000,
      variables: {},
    });
  });

  const changed = (Properties: Record<string, unknown>): Resources => ({
    Role: ROLE,
    F: { ...FUNCTION, Properties: { ...FUNCTION.Properties, ...Properties } },
  });
  const withRole = (Properties: Record<string, unknown>): Resources => ({ Role: { ...ROLE, Properties }, F: FUNCTION });
  const openTrust = { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*' }] };
  it.each<[string, Resources, string]>([
    ['its bundle is missing', changed({ Code: { S3Key: 'x.zip' } }), 'The bundle of F is not part of the assembly'],
    ['the runtime is another', changed({ Runtime: 'python3.13' }), 'cannot serve F'],
    ['it has layers', changed({ Layers: ['x'] }), 'layers are not served'],
    ['its role has policies from elsewhere', withRole({ ...ROLE.Properties, ManagedPolicyArns: ['x'] }), 'role of F'],
    ['Lambda may not assume its role', withRole({ AssumeRolePolicyDocument: openTrust }), 'Lambda may not assume'],
  ])('stop the start when %s', (_what, resources, why) => {
    expect(() => functionsOf(resources)).toThrow(why);
  });
});
