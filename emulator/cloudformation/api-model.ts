/**
 * The REST API as the template declares it: routes, authorizers, integrations, gateway responses, throttling.
 * Invariant: there is no other route table; a method that cannot be served as declared stops the start.
 */
import { z } from 'zod';
import { requestContext } from '../iam/context.ts';
import { matchesPattern, pattern } from '../iam/pattern.ts';
import type { Place } from './physical.ts';
import type { ResolvedTemplates } from './resolve.ts';

const Texts = z.record(z.string(), z.string()).default({});

const Mock = z.looseObject({
  Type: z.literal('MOCK'),
  PassthroughBehavior: z.enum(['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER']).default('WHEN_NO_MATCH'),
  RequestTemplates: Texts,
  IntegrationResponses: z.array(
    z.looseObject({
      StatusCode: z.string(),
      SelectionPattern: z.string().optional(),
      ResponseTemplates: Texts,
      ResponseParameters: Texts,
    }),
  ),
});

const Proxy = z
  .looseObject({
    Type: z.literal('AWS_PROXY'),
    Uri: z.string(),
    ResponseTransferMode: z.enum(['BUFFERED', 'STREAM']).default('BUFFERED'),
    TimeoutInMillis: z.number().default(29_000),
  })
  .transform(({ Uri, ResponseTransferMode, TimeoutInMillis }) => ({
    Type: 'AWS_PROXY' as const,
    functionArn: functionArn(Uri),
    stream: ResponseTransferMode === 'STREAM',
    timeoutMs: TimeoutInMillis,
  }));

const Method = z.looseObject({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  AuthorizationType: z.enum(['NONE', 'CUSTOM']),
  AuthorizerId: z.string().optional(),
  ApiKeyRequired: z.literal(false).default(false),
  Integration: z.discriminatedUnion('Type', [Mock, Proxy]),
});

const Authorizer = z.looseObject({
  Type: z.literal('REQUEST', 'only REQUEST authorizers are served'),
  AuthorizerUri: z.string().transform(functionArn),
  AuthorizerResultTtlInSeconds: z.literal(0, 'an authorizer that caches its results is not served'),
  IdentitySource: z.literal('', 'an authorizer with identity sources is not served').optional(),
});

const GatewayResponse = z.looseObject({
  ResponseType: z.string(),
  StatusCode: z.string().optional(),
  ResponseTemplates: Texts,
  ResponseParameters: Texts,
});

const MethodSetting = z.looseObject({
  HttpMethod: z.string(),
  ResourcePath: z.string(),
  ThrottlingBurstLimit: z.number().optional(),
  ThrottlingRateLimit: z.number().optional(),
});

const Stage = z.looseObject({
  StageName: z.string(),
  Variables: Texts,
  MethodSettings: z.array(MethodSetting).default([]),
  AccessLogSetting: z.looseObject({ Format: z.string() }).optional(),
});

export type MockIntegration = z.infer<typeof Mock>;
export type ProxyIntegration = z.infer<typeof Proxy>;
export type GatewayResponseModel = z.infer<typeof GatewayResponse>;
export type MethodSetting = z.infer<typeof MethodSetting>;

export interface MethodModel {
  /** `GET`, … or `ANY`. */
  readonly httpMethod: string;
  /** The route's template, e.g. `/mcp/{proxy+}`. */
  readonly path: string;
  readonly resourceId: string;
  /** ARN of the authorizer's function; undefined for a public method. */
  readonly authorizerArn: string | undefined;
  readonly integration: MockIntegration | ProxyIntegration;
}

export interface ApiModel {
  readonly id: string;
  readonly stage: z.infer<typeof Stage>;
  readonly binaryMediaTypes: readonly string[];
  readonly methods: readonly MethodModel[];
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseModel>;
}

export function restApi(templates: ResolvedTemplates, place: Place): ApiModel {
  const [api, ...more] = templates.ofType('AWS::ApiGateway::RestApi');
  const [stage, ...moreStages] = templates.ofType('AWS::ApiGateway::Stage');
  if (api === undefined || stage === undefined || more.length > 0 || moreStages.length > 0)
    throw new Error('The laptop runtime serves exactly one REST API with one stage.');
  const paths = pathsOf(templates, api.ref);
  const authorizers = new Map(
    templates.ofType('AWS::ApiGateway::Authorizer').map((one) => {
      const { AuthorizerUri } = parse(Authorizer, one.properties(), one.logicalId);
      return [one.ref, AuthorizerUri] as const;
    }),
  );
  const stageModel = Stage.parse(stage.properties());
  const methods = templates.ofType('AWS::ApiGateway::Method').map((resource): MethodModel => {
    const method = parse(Method, resource.properties(), resource.logicalId);
    const path = paths.get(method.ResourceId);
    if (path === undefined) throw new Error(`${resource.logicalId} belongs to no resource.`);
    const authorizerArn = method.AuthorizerId === undefined ? undefined : authorizers.get(method.AuthorizerId);
    if (method.AuthorizationType === 'CUSTOM' && authorizerArn === undefined)
      throw new Error(`${resource.logicalId} names no authorizer.`);
    const { HttpMethod: httpMethod, ResourceId: resourceId, Integration: integration } = method;
    return { httpMethod, path, resourceId, authorizerArn, integration };
  });
  checkPermissions(
    templates,
    methods,
    `arn:aws:execute-api:${place.region}:${place.account}:${api.ref}`,
    stageModel.StageName,
  );
  return {
    id: api.ref,
    stage: stageModel,
    binaryMediaTypes: z.array(z.string()).default([]).parse(api.property('BinaryMediaTypes')),
    methods,
    gatewayResponses: new Map(
      templates.ofType('AWS::ApiGateway::GatewayResponse').map((one) => {
        const response = GatewayResponse.parse(one.properties());
        return [response.ResponseType, response] as const;
      }),
    ),
  };
}

function pathsOf(templates: ResolvedTemplates, apiId: string): ReadonlyMap<string, string> {
  const parts = new Map(
    templates
      .ofType('AWS::ApiGateway::Resource')
      .map(
        (one) =>
          [one.ref, { parent: String(one.property('ParentId')), part: String(one.property('PathPart')) }] as const,
      ),
  );
  const path = (id: string): string => {
    const own = parts.get(id);
    return own === undefined ? '' : `${path(own.parent)}/${own.part}`;
  };
  return new Map([[`${apiId}root`, '/'], ...[...parts.keys()].map((id): [string, string] => [id, path(id)])]);
}

/** API Gateway answers 500 for a function that does not let it in; here the start fails and says which. */
function checkPermissions(
  templates: ResolvedTemplates,
  methods: readonly MethodModel[],
  apiArn: string,
  stage: string,
): void {
  const grants = templates
    .ofType('AWS::Lambda::Permission')
    .filter(
      (one) =>
        one.property('Principal') === 'apigateway.amazonaws.com' && one.property('Action') === 'lambda:InvokeFunction',
    )
    .map((one) => ({
      functionArn: one.property('FunctionName'),
      source: z.string().default('*').parse(one.property('SourceArn')),
    }));
  const allowed = (functionArnWanted: string, source: string): boolean =>
    grants.some((grant) => {
      const pieces = pattern(grant.source, requestContext({}));
      return grant.functionArn === functionArnWanted && pieces !== undefined && matchesPattern(source, pieces);
    });
  for (const { httpMethod, path, integration } of methods) {
    if (integration.Type !== 'AWS_PROXY') continue;
    const source = `${apiArn}/${stage}/${httpMethod === 'ANY' ? 'GET' : httpMethod}${path}`;
    if (!allowed(integration.functionArn, source))
      throw new Error(
        `API Gateway may not invoke ${integration.functionArn} for ${httpMethod} ${path}: AWS::Lambda::Permission is missing.`,
      );
  }
  for (const one of templates.ofType('AWS::ApiGateway::Authorizer')) {
    const { AuthorizerUri } = parse(Authorizer, one.properties(), one.logicalId);
    if (!allowed(AuthorizerUri, `${apiArn}/authorizers/${one.ref}`))
      throw new Error(
        `API Gateway may not invoke the authorizer ${AuthorizerUri}: AWS::Lambda::Permission is missing.`,
      );
  }
}

function functionArn(uri: string): string {
  const arn = /\/functions\/(arn:[^/]+)\//.exec(uri)?.[1];
  if (arn === undefined) throw new Error(`${uri} does not name a function.`);
  return arn;
}

function parse<T extends z.ZodType>(schema: T, value: unknown, logicalId: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`The laptop runtime cannot serve ${logicalId}: ${z.prettifyError(result.error)}`);
}
