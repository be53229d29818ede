/** What API Gateway itself does: routes and fixed answers. */
import { describe, expect, it } from '@jest/globals';
import { VERSION } from '../../lib/project.ts';
import { integration, methodsByRoute } from './rest-api.ts';
import { resources, synthesized } from './synthesized.ts';

const { service } = synthesized();
const methods = methodsByRoute(service);

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

  it('reach a function only behind the key authorizer, but for preflights and pages', () => {
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

describe('connections to the API', () => {
  it('take TLS 1.2 or newer, and say the access mode that such a policy needs', () => {
    const [[, api] = []] = resources(service, 'AWS::ApiGateway::RestApi');
    expect(api?.Properties).toMatchObject({
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PQ_2025_09',
      EndpointAccessMode: 'BASIC',
    });
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
