/** CloudFormation intrinsics and what the model refuses. */
import { describe, expect, it } from '@jest/globals';
import { restApi } from '../../../emulator/cloudformation/api-model.ts';
import type { Stack, Template } from '../../../emulator/cloudformation/assembly.ts';
import { kmsKeys, roles, tables } from '../../../emulator/cloudformation/data-model.ts';
import { functions } from '../../../emulator/cloudformation/function-model.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';
import { resolveTemplates } from '../../../emulator/cloudformation/resolve.ts';

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

const stack = (name: string, Resources: Resources, more: Partial<Template> = {}): Stack => ({
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

const trust = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const ROLE = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } };
const FUNCTION = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Key: 'abc.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
  },
};
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

describe('the API of a template', () => {
  const arn = { 'Fn::GetAtt': ['F', 'Arn'] };
  const uri = {
    'Fn::Join': [
      '',
      ['arn:aws:apigateway:r:lambda:path/2021-11-15/functions/', arn, '/response-streaming-invocations'],
    ],
  };
  const base: Resources = {
    Api: { Type: 'AWS::ApiGateway::RestApi' },
    Stage: { Type: 'AWS::ApiGateway::Stage', Properties: { StageName: 'v1' } },
    Part: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: { ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] }, PathPart: 'mcp' },
    },
    F: FUNCTION,
    Role: ROLE,
    Grant: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arn,
        Principal: 'apigateway.amazonaws.com',
        SourceArn: { 'Fn::Sub': 'arn:aws:execute-api:us-east-1:000000000000:${Api}/*/POST/mcp' },
      },
    },
  };
  const methodOf = (Properties: Record<string, unknown> = {}) => ({
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      HttpMethod: 'POST',
      ResourceId: { Ref: 'Part' },
      AuthorizationType: 'NONE',
      Integration: { Type: 'AWS_PROXY', Uri: uri, ResponseTransferMode: 'STREAM', TimeoutInMillis: 65_000 },
      ...Properties,
    },
  });
  const apiOf = (resources: Resources) =>
    restApi(resolveTemplates([stack('One', { ...base, ...resources })], EMULATED_PLACE), EMULATED_PLACE);

  it('comes with its routes and integrations', () => {
    expect(apiOf({ M: methodOf() }).methods).toEqual([
      expect.objectContaining({
        httpMethod: 'POST',
        path: '/mcp',
        authorizerArn: undefined,
        integration: {
          Type: 'AWS_PROXY',
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:One-F',
          stream: true,
          timeoutMs: 65_000,
        },
      }),
    ]);
  });

  const authorizer = (more: Record<string, unknown>) => ({
    M: methodOf({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'A' } }),
    A: {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: { Type: 'REQUEST', AuthorizerUri: uri, AuthorizerResultTtlInSeconds: 0, ...more },
    },
  });
  it.each<[string, Resources, string]>([
    [
      'API Gateway may not invoke the function',
      { M: methodOf({ HttpMethod: 'GET' }) },
      'AWS::Lambda::Permission is missing',
    ],
    ['API Gateway may not invoke the authorizer', authorizer({}), 'AWS::Lambda::Permission is missing'],
    ['an authorizer caches its results', authorizer({ AuthorizerResultTtlInSeconds: 300 }), 'caches'],
    [
      'an authorizer has identity sources',
      authorizer({ IdentitySource: 'method.request.header.X' }),
      'identity sources',
    ],
    ['an authorizer is a user pool', authorizer({ Type: 'COGNITO_USER_POOLS' }), 'REQUEST'],
    ['a method asks for IAM', { M: methodOf({ AuthorizationType: 'AWS_IAM' }) }, 'cannot serve M'],
    ['a method asks for API Gateway keys', { M: methodOf({ ApiKeyRequired: true }) }, 'cannot serve M'],
    [
      'an integration is of another type',
      { M: methodOf({ Integration: { Type: 'HTTP_PROXY', Uri: 'x' } }) },
      'cannot serve M',
    ],
    ['a method names no authorizer', { M: methodOf({ AuthorizationType: 'CUSTOM' }) }, 'names no authorizer'],
    ['there are two APIs', { Second: { Type: 'AWS::ApiGateway::RestApi' } }, 'exactly one REST API'],
  ])('stops the start when %s', (_what, resources, why) => {
    expect(() => apiOf(resources)).toThrow(why);
  });
});
