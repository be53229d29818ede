/** What the model of the API holds, and what it refuses. */
import { describe, expect, it } from '@jest/globals';
import { restApi } from '../../../emulator/cloudformation/api-model.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';
import { resolveTemplates } from '../../../emulator/cloudformation/resolve.ts';
import { FUNCTION, ROLE, stack, type Resources } from './set-up.ts';

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
