/** What the models of tables, roles and keys hold, and what they refuse. */
import { describe, expect, it } from '@jest/globals';
import { kmsKeys, roles, tables } from '../../../emulator/cloudformation/data-model.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';
import { resolveTemplates } from '../../../emulator/cloudformation/resolve.ts';
import { ROLE, stack } from './set-up.ts';

describe('the tables of a template', () => {
  const schema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
  const properties = { AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }], KeySchema: schema };
  const tablesOf = (Properties: Record<string, unknown>) =>
    tables(resolveTemplates([stack('One', { T: { Type: 'AWS::DynamoDB::GlobalTable', Properties } })], EMULATED_PLACE));

  it('come with their keys, indexes and time to live', () => {
    const GlobalSecondaryIndexes = [
      {
        IndexName: 'byName',
        KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ];
    const [table] = tablesOf({
      ...properties,
      GlobalSecondaryIndexes,
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    expect(table).toMatchObject({ name: 'One-T', hashKeys: { '': 'pk', byName: 'name' }, ttlAttribute: 'ttl' });
    expect(table?.create).toMatchObject({ TableName: 'One-T', GlobalSecondaryIndexes });
  });

  it('stop the start when they have a policy of their own, which would not be evaluated', () => {
    expect(() => tablesOf({ ...properties, Replicas: [{ Region: 'x', ResourcePolicy: {} }] })).toThrow(
      'resource policy',
    );
  });
});

describe('the roles and keys of a template', () => {
  it('come with inline, attached and managed policies', () => {
    const allow = (Action: string) => ({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    const attached = (type: string, action: string) => ({
      Type: type,
      Properties: { PolicyDocument: allow(action), Roles: [{ Ref: 'Role' }] },
    });
    const found = roles(
      resolveTemplates(
        [
          stack('One', {
            Role: {
              ...ROLE,
              Properties: { ...ROLE.Properties, Policies: [{ PolicyName: 'i', PolicyDocument: allow('a:Inline') }] },
            },
            P: attached('AWS::IAM::Policy', 'a:Attached'),
            M: attached('AWS::IAM::ManagedPolicy', 'a:Managed'),
            Other: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: allow('a:Other'), Roles: ['Somebody'] } },
          }),
        ],
        EMULATED_PLACE,
      ),
    );
    const actions = [...found.values()][0]?.policies.flatMap(({ statements }) =>
      statements.flatMap((s) => s.actions ?? []),
    );
    expect(actions).toEqual(['a:Inline', 'a:Attached', 'a:Managed']);
  });

  it('come with the aliases of a key', () => {
    const KeyPolicy = { Statement: [] };
    const [key] = kmsKeys(
      resolveTemplates(
        [
          stack('One', {
            K: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy } },
            A: {
              Type: 'AWS::KMS::Alias',
              Properties: { AliasName: 'alias/a', TargetKeyId: { 'Fn::GetAtt': ['K', 'Arn'] } },
            },
          }),
        ],
        EMULATED_PLACE,
      ),
    );
    expect(key?.aliases).toEqual(['alias/a']);
  });
});
