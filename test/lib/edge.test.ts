/** What API Gateway itself does: routes, fixed answers, gateway answers, access log. */
import { describe, expect, it } from '@jest/globals';
import { GATEWAY_ANSWERS } from '../../lib/gateway-responses.ts';
import { VERSION } from '../../lib/project.ts';
import { resources, synthesized, type Resource } from './synthesized.ts';

const { data, service } = synthesized();
const methods = new Map(resources(service, 'AWS::ApiGateway::Method').map(([, method]) => [route(method), method]));

interface Integration {
  readonly Type: string;
  readonly Uri?: unknown;
  readonly ResponseTransferMode?: string;
  readonly PassthroughBehavior?: string;
  readonly RequestTemplates?: Record<string, string>;
  readonly IntegrationResponses?: readonly {
    readonly StatusCode: string;
    readonly ResponseTemplates: Record<string, string>;
    readonly ResponseParameters?: Record<string, string>;
  }[];
}

describe('routes', () => {
  it('are exactly these', () => {
    expect([...methods.keys()].toSorted()).toEqual([
      'ANY /',
      'ANY /admin/v1/{proxy+}',
      'ANY /connect-links',
      'ANY /connect/{ticket}',
      'ANY /connections',
      'ANY /connections/{provider_key}',
      'ANY /mcp',
      'ANY /oauth/callback',
      'ANY /tenant-keys',
      'ANY /{proxy+}',
      'DELETE /connections/{provider_key}',
      'GET /connect/{ticket}',
      'GET /connections',
      'GET /healthz',
      'GET /oauth/callback',
      'OPTIONS /mcp',
      'OPTIONS /mcp/{proxy+}',
      'POST /connect-links',
      'POST /connect/{ticket}',
      'POST /mcp',
      'POST /mcp/{proxy+}',
      'POST /tenant-keys',
    ]);
  });

  /** A person in a browser has no key. */
  const PAGES = ['GET /connect/{ticket}', 'POST /connect/{ticket}', 'GET /oauth/callback'];

  it('reach a function only behind the key authorizer, but for the preflight of a web page and the pages for a person', () => {
    const functions = [...methods].filter(([, method]) => integration(method).Type === 'AWS_PROXY');
    const proxied = functions.filter(([name]) => !name.startsWith('OPTIONS ') && !PAGES.includes(name));
    for (const [name, method] of functions.filter((one) => !proxied.includes(one))) {
      if (!PAGES.includes(name)) expect(name).toMatch(/^OPTIONS \/mcp(\/\{proxy\+\})?$/);
      expect(method.Properties).toMatchObject({ AuthorizationType: 'NONE' });
    }
    expect(proxied.map(([name]) => name).toSorted()).toEqual([
      'ANY /admin/v1/{proxy+}',
      'DELETE /connections/{provider_key}',
      'GET /connections',
      'POST /connect-links',
      'POST /mcp',
      'POST /mcp/{proxy+}',
      'POST /tenant-keys',
    ]);
    const [authorizer] = resources(service, 'AWS::ApiGateway::Authorizer').map(([id]) => id);
    for (const [, method] of proxied)
      expect(method.Properties).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: authorizer } });
  });

  it('stream what the MCP function answers and buffer the others', () => {
    const streamed = [...methods].filter(([, method]) => JSON.stringify(method).includes('McpEndpointFunction'));
    expect(streamed.map(([name]) => name).toSorted()).toEqual([
      'DELETE /connections/{provider_key}',
      'GET /connections',
      'OPTIONS /mcp',
      'OPTIONS /mcp/{proxy+}',
      'POST /connect-links',
      'POST /mcp',
      'POST /mcp/{proxy+}',
    ]);
    for (const [, method] of streamed) expect(integration(method)).toMatchObject({ ResponseTransferMode: 'STREAM' });
    expect(JSON.stringify(integration(methods.get('POST /mcp')).Uri)).toContain('/response-streaming-invocations');
    for (const name of ['ANY /admin/v1/{proxy+}', 'POST /tenant-keys'])
      expect(integration(methods.get(name)).ResponseTransferMode).toBeUndefined();
  });

  it('have an authorizer that sees every request: no cache, no identity source', () => {
    const [[, authorizer] = []] = resources(service, 'AWS::ApiGateway::Authorizer');
    expect(authorizer?.Properties).toMatchObject({ Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 });
    expect(authorizer?.Properties).not.toHaveProperty('IdentitySource');
  });
});

describe('fixed answers', () => {
  it.each([
    ['ANY /mcp', 405],
    ['ANY /tenant-keys', 405],
    ['ANY /connect-links', 405],
    ['ANY /connections', 405],
    ['ANY /connect/{ticket}', 405],
    ['ANY /oauth/callback', 405],
    ['ANY /connections/{provider_key}', 405],
    ['GET /healthz', 200],
    ['ANY /', 404],
    ['ANY /{proxy+}', 404],
  ])('%s is answered with %i and JSON, whatever the body of the request is', (name, status) => {
    const mock = integration(methods.get(name));
    expect(mock).toMatchObject({ Type: 'MOCK', PassthroughBehavior: 'NEVER' });
    for (const template of Object.values(mock.RequestTemplates ?? {}))
      expect(JSON.parse(template)).toEqual({ statusCode: status });
    expect(mock.IntegrationResponses).toHaveLength(1);
    expect(mock.IntegrationResponses?.[0]?.StatusCode).toBe(String(status));
    expect(() => body(name)).not.toThrow();
    expect(JSON.stringify(mock.IntegrationResponses?.[0]?.ResponseTemplates)).not.toMatch(/[$#]/);
  });

  it('name the allowed method with 405', () => {
    for (const name of ['ANY /mcp', 'ANY /tenant-keys']) {
      const [response] = integration(methods.get(name)).IntegrationResponses ?? [];
      expect(response?.ResponseParameters).toMatchObject({ 'method.response.header.Allow': "'POST'" });
      expect(body(name)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
    }
  });

  it.each([
    ['/connect-links', 'POST'],
    ['/connections', 'GET'],
    ['/connections/{provider_key}', 'DELETE'],
    ['/connect/{ticket}', 'GET, POST'],
    ['/oauth/callback', 'GET'],
  ])('of %s name %s as the method it takes, as every failure there is told', (path, method) => {
    const [response] = integration(methods.get(`ANY ${path}`)).IntegrationResponses ?? [];
    expect(response?.ResponseParameters).toMatchObject({ 'method.response.header.Allow': `'${method}'` });
    expect(body(`ANY ${path}`)).toEqual({
      error: { code: 'method_not_allowed', message: `This address takes ${method}.`, next: `Use ${method}.` },
    });
  });

  it('give health with the version, and 404 that says how to use this server', () => {
    expect(body('GET /healthz')).toEqual({ status: 'ok', version: VERSION });
    expect(body('ANY /{proxy+}')).toEqual({
      error: 'not_found',
      error_description: expect.stringContaining('API key'),
    });
    // Clients that meet a 401 look for OAuth and print this text: it must tell what is wrong and how to mend it.
    expect(JSON.stringify(body('ANY /{proxy+}'))).toMatch(/no OAuth.*X-API-Key.*not valid.*ask your administrator/);
    expect(body('ANY /')).toEqual(body('ANY /{proxy+}'));
  });

  function body(name: string): unknown {
    const [response] = integration(methods.get(name)).IntegrationResponses ?? [];
    return JSON.parse(response?.ResponseTemplates['application/json'] ?? '');
  }
});

describe('gateway answers', () => {
  const answers = new Map(
    resources(service, 'AWS::ApiGateway::GatewayResponse').map(([, r]) => [r.Properties.ResponseType, r.Properties]),
  );

  it('are all JSON-RPC errors with a null id and a sentence', () => {
    expect(answers.size).toBe(GATEWAY_ANSWERS.length);
    for (const [type, answer] of answers) {
      const { 'application/json': template } = answer.ResponseTemplates as Record<string, string>;
      expect(JSON.parse(template ?? '')).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: {
          code: expect.any(Number),
          message: type === 'ACCESS_DENIED' ? '$context.authorizer.reason' : expect.stringMatching(/^[A-Z][^$#]*\.$/),
        },
      });
    }
  });

  it.each([
    ['UNAUTHORIZED', '401'],
    ['ACCESS_DENIED', '403'],
    ['MISSING_AUTHENTICATION_TOKEN', '404'],
    ['UNSUPPORTED_MEDIA_TYPE', '404'],
    ['REQUEST_TOO_LARGE', '413'],
    ['THROTTLED', '429'],
    ['QUOTA_EXCEEDED', '429'],
    ['INTEGRATION_FAILURE', '502'],
    ['AUTHORIZER_FAILURE', '503'],
    ['AUTHORIZER_CONFIGURATION_ERROR', '503'],
    ['INTEGRATION_TIMEOUT', '504'],
  ])('%s ends in %s', (type, status) => {
    expect(answers.get(type)?.StatusCode).toBe(status);
  });

  it('challenge with 401 only, and say when to retry with 429 and 503', () => {
    const headers = (type: string): unknown => answers.get(type)?.ResponseParameters;
    expect(headers('UNAUTHORIZED')).toMatchObject({
      'gatewayresponse.header.WWW-Authenticate': `'Bearer realm="allmcp"'`,
    });
    for (const type of ['THROTTLED', 'QUOTA_EXCEEDED', 'AUTHORIZER_FAILURE', 'AUTHORIZER_CONFIGURATION_ERROR'])
      expect(headers(type)).toMatchObject({ 'gatewayresponse.header.Retry-After': expect.stringMatching(/^'\d+'$/) });
    const challenged = [...answers].filter(([type]) =>
      Object.hasOwn(Object(headers(String(type))) as object, 'gatewayresponse.header.WWW-Authenticate'),
    );
    expect(challenged.map(([type]) => type)).toEqual(['UNAUTHORIZED']);
  });

  it('can be read by any web page, as the fixed answers can: they hold nothing of a caller', () => {
    for (const [, answer] of answers)
      expect(answer.ResponseParameters).toMatchObject({ 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" });
    for (const name of ['ANY /mcp', 'GET /healthz', 'ANY /', 'ANY /{proxy+}'])
      expect(integration(methods.get(name)).IntegrationResponses?.[0]?.ResponseParameters).toMatchObject({
        'method.response.header.Access-Control-Allow-Origin': "'*'",
      });
  });

  it('keep the original status where any 4xx or 5xx may end', () => {
    expect(answers.get('DEFAULT_4XX')).not.toHaveProperty('StatusCode');
    expect(answers.get('DEFAULT_5XX')).not.toHaveProperty('StatusCode');
  });
});

describe('the access log', () => {
  const [[, stage] = []] = resources(service, 'AWS::ApiGateway::Stage');

  it('holds no query string, header, body, path as sent or address of a caller', () => {
    expect(Object.values(accessLogFormat()).toSorted()).toEqual([
      '$context.authorizer.keyId',
      '$context.authorizer.latency',
      '$context.error.responseType',
      '$context.httpMethod',
      '$context.integration.latency',
      '$context.requestId',
      '$context.resourcePath',
      '$context.responseLatency',
      '$context.status',
    ]);
  });

  it('is the only log of the API: execution logs, which can hold keys, are off', () => {
    expect(stage?.Properties.MethodSettings).toEqual([
      expect.objectContaining({ LoggingLevel: 'OFF', DataTraceEnabled: false, HttpMethod: '*', ResourcePath: '/*' }),
    ]);
  });

  it('leaves the account-wide role of API Gateway alone where the account has its own', () => {
    expect(resources(service, 'AWS::ApiGateway::Account')).toHaveLength(1);
    const own = synthesized({ logs: { apiGatewayAccountRole: 'existing' } }).service;
    expect(resources(own, 'AWS::ApiGateway::Account')).toEqual([]);
    expect(resources(own, 'AWS::IAM::Role')).toEqual([]);
  });
});

describe('alarms', () => {
  it('each say what to do next, and notify the topic when there is one', () => {
    const alarms = resources(service, 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThanOrEqual(6);
    for (const [, alarm] of alarms) {
      expect(alarm.Properties.AlarmDescription).toMatch(/ Next: /);
      expect(alarm.Properties).not.toHaveProperty('AlarmActions');
    }
    const topicArn = 'arn:aws:sns:eu-central-1:111122223333:ops';
    const notified = synthesized({ alarms: { topicArn } }).service;
    for (const [, alarm] of resources(notified, 'AWS::CloudWatch::Alarm'))
      expect(alarm.Properties.AlarmActions).toEqual([topicArn]);
  });

  it('notice a change of the key policy, of any role that leads to credentials, and of the code of any function', () => {
    const patterns = resources(service, 'AWS::Events::Rule').flatMap(([, { Properties }]) =>
      Properties.EventPattern === undefined ? [] : [JSON.stringify(Properties.EventPattern)],
    );
    expect(patterns).toHaveLength(3);
    expect(patterns.find((pattern) => pattern.includes('PutKeyPolicy'))).toMatch(/CredentialKey[0-9A-F]{8}Arn/);
    const roles = patterns.find((pattern) => pattern.includes('UpdateAssumeRolePolicy')) ?? '';
    for (const [id] of resources(data, 'AWS::IAM::Role')) expect(roles).toContain(id);
    const code = patterns.find((pattern) => pattern.includes('UpdateFunctionCode')) ?? '';
    for (const [id] of resources(service, 'AWS::Lambda::Function')) {
      expect(code).toContain(`{"Ref":"${id}"}`);
      expect(code).toContain(`{"Fn::GetAtt":["${id}","Arn"]}`);
    }
  });

  it('notice an event that a receiver has refused for an hour, and one that is given up', () => {
    const filters = resources(service, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
    const overdue = filters.find(({ FilterPattern }) => String(FilterPattern).includes('event overdue'));
    expect(overdue).toMatchObject({
      FilterPattern: '{ ($.event = "event overdue") || ($.event = "event given up") }',
      LogGroupName: { Ref: expect.stringContaining('EventDeliveryFunctionLogs') },
    });
  });

  it('count failed key checks from the access log, because a refused key is no failure', () => {
    const filters = resources(service, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties.FilterPattern);
    expect(filters).toContain('{ $.error = "AUTHORIZER_*" }');
    expect(accessLogFormat()).toHaveProperty('error', '$context.error.responseType');
  });
});

function accessLogFormat(): Record<string, string> {
  const [[, stage] = []] = resources(service, 'AWS::ApiGateway::Stage');
  const setting = stage?.Properties.AccessLogSetting as { Format: string } | undefined;
  return JSON.parse(setting?.Format ?? '') as Record<string, string>;
}

function integration(method: Resource | undefined): Integration {
  if (method === undefined) throw new Error('no such method');
  return method.Properties.Integration as Integration;
}

/** `POST /mcp`: the method and its path, walked up from its resource. */
function route(method: Resource): string {
  const segments: string[] = [];
  let at: unknown = method.Properties.ResourceId;
  while (typeof at === 'object' && at !== null && 'Ref' in at) {
    const resource = service.Resources[String(at.Ref)];
    segments.unshift(String(resource?.Properties.PathPart));
    at = resource?.Properties.ParentId;
  }
  return `${String(method.Properties.HttpMethod)} /${segments.join('/')}`;
}
