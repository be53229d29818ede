/** What API Gateway answers when no function and no fixed answer does. */
import { describe, expect, it } from '@jest/globals';
import { GATEWAY_ANSWERS } from '../../lib/gateway-responses.ts';
import { integration, methodsByRoute } from './rest-api.ts';
import { resources, synthesized } from './synthesized.ts';

const { service } = synthesized();
const methods = methodsByRoute(service);

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

  it('can be read by any web page: they hold nothing of a caller', () => {
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
