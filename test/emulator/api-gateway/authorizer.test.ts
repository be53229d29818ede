/** What the authorizer sees, and what follows from what it says. */
import { describe, expect, it } from '@jest/globals';
import type { InvocationResult } from '../../../emulator/lambda/invocation.ts';
import type { GatewayResponseModel } from '../../../emulator/cloudformation/api-model.ts';
import { AUTHORIZER, buffered, call, setUpGateway } from './set-up.ts';

describe('the authorizer', () => {
  const allow = (event: Record<string, unknown>, context: Record<string, unknown> = {}, Effect = 'Allow') =>
    buffered({
      principalId: 'p',
      policyDocument: { Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: event['methodArn'] }] },
      context,
    });
  const ask = async (
    authorizer: (event: Record<string, unknown>) => InvocationResult,
    gatewayResponses: GatewayResponseModel[] = [],
  ) => {
    const server = await setUpGateway({ [AUTHORIZER]: authorizer }, { gatewayResponses });
    return {
      answer: await call(server, 'POST', '/guarded?x=1', { headers: { 'X-API-Key': 'k' }, body: 'private' }),
      server,
    };
  };

  it('sees the request without its body, and the exact method', async () => {
    const { server } = await ask((event) => allow(event));
    expect(server.events[0]).toMatchObject({
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:us-east-1:000000000000:api1234567/v1/POST/guarded',
      headers: { 'X-API-Key': 'k' },
      queryStringParameters: { x: '1' },
      requestContext: { resourcePath: '/guarded' },
    });
    expect(JSON.stringify(server.events[0])).not.toContain('private');
  });

  it('hands its context on as text, beside the principal', async () => {
    const { answer, server } = await ask((event) => allow(event, { n: 5, b: true, s: 'x', none: null }));
    expect(answer.status).toBe(200);
    expect(server.events[1]).toHaveProperty(['requestContext', 'authorizer'], {
      n: '5',
      b: 'true',
      s: 'x',
      principalId: 'p',
    });
  });

  const throwing = (message: string): InvocationResult => ({ kind: 'failed', error: { type: 'Error', message } });
  it.each<[string, (event: Record<string, unknown>) => InvocationResult, number, string]>([
    ['throws Unauthorized', () => throwing('Unauthorized'), 401, 'UNAUTHORIZED'],
    ['denies', (event) => allow(event, {}, 'Deny'), 403, 'ACCESS_DENIED'],
    [
      'allows another method only',
      (event) => allow({ methodArn: `${String(event['methodArn'])}/other` }),
      403,
      'ACCESS_DENIED',
    ],
    ['throws anything else', () => throwing('unauthorized'), 500, 'AUTHORIZER_FAILURE'],
    ['takes too long', () => ({ kind: 'timed-out' }), 500, 'AUTHORIZER_FAILURE'],
    ['returns nothing', () => buffered(null), 500, 'AUTHORIZER_CONFIGURATION_ERROR'],
    ['returns no policy', () => buffered({ principalId: 'p' }), 500, 'AUTHORIZER_CONFIGURATION_ERROR'],
    [
      'returns no principal',
      (event) =>
        buffered({
          ...(JSON.parse((allow(event) as { payload: Buffer }).payload.toString()) as object),
          principalId: null,
        }),
      500,
      'AUTHORIZER_CONFIGURATION_ERROR',
    ],
    ['returns an object in its context', (event) => allow(event, { a: {} }), 500, 'AUTHORIZER_CONFIGURATION_ERROR'],
    [
      'returns a policy that cannot be read',
      () =>
        buffered({
          principalId: 'p',
          policyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '${a' + '${}' }] },
        }),
      403,
      'ACCESS_DENIED',
    ],
  ])('that %s keeps the function from running', async (_what, authorizer, status, type) => {
    const { answer, server } = await ask(authorizer);
    expect({ status: answer.status, type: answer.headers['x-amzn-errortype'] }).toEqual({ status, type });
    expect(server.events).toHaveLength(1);
  });

  it('fills the gateway response with its context', async () => {
    const response: GatewayResponseModel = {
      ResponseType: 'ACCESS_DENIED',
      StatusCode: '403',
      ResponseTemplates: {
        'application/json':
          '{"why":"$context.authorizer.reason","id":"$context.requestId","gone":"$context.authorizer.none"}',
      },
      ResponseParameters: {
        'gatewayresponse.header.X-Why': 'context.authorizer.reason',
        'gatewayresponse.header.X-Fixed': "'yes'",
      },
    };
    const { answer } = await ask((event) => allow(event, { reason: 'not yours' }, 'Deny'), [response]);
    expect(JSON.parse(answer.text)).toEqual({ why: 'not yours', id: answer.headers['x-amzn-requestid'], gone: '' });
    expect(answer.headers).toMatchObject({
      'x-why': 'not yours',
      'x-fixed': 'yes',
      'content-type': 'application/json',
    });
  });
});
