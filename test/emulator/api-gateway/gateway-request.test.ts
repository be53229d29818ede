/** How a request becomes the event of a function. */
import { describe, expect, it } from '@jest/globals';
import { call, setUpGateway } from './set-up.ts';

describe('a request', () => {
  it('reaches the function as a v1 proxy event, decoded once', async () => {
    const server = await setUpGateway();
    await call(server, 'POST', '/work?a=1&a=b%20c&e=&p=x+y&%C3%BC=%F0%9F%98%80', {
      headers: { 'X-One': ['1', '2'], 'content-type': 'text/plain' },
      body: 'grüße',
    });
    expect(server.events[0]).toMatchObject({
      resource: '/work',
      path: '/work',
      httpMethod: 'POST',
      queryStringParameters: { a: 'b c', e: '', p: 'x y', ü: '😀' },
      multiValueQueryStringParameters: { a: ['1', 'b c'], e: [''], p: ['x y'], ü: ['😀'] },
      headers: {
        'X-One': '2',
        'content-type': 'text/plain',
        'X-Forwarded-Proto': 'http',
        'X-Forwarded-Port': String(server.port),
      },
      multiValueHeaders: { 'X-One': ['1', '2'] },
      pathParameters: null,
      stageVariables: null,
      body: 'grüße',
      isBase64Encoded: false,
      requestContext: {
        httpMethod: 'POST',
        path: '/work',
        resourcePath: '/work',
        stage: 'v1',
        protocol: 'HTTP/1.1',
        domainName: `127.0.0.1:${server.port}`,
        identity: { sourceIp: '127.0.0.1' },
      },
    });
  });

  it('has nulls where API Gateway has them', async () => {
    const server = await setUpGateway();
    await call(server, 'GET', '/work');
    expect(server.events[0]).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      body: null,
    });
  });

  it('cannot say by itself where it came from', async () => {
    const server = await setUpGateway();
    await call(server, 'GET', '/work', { headers: { 'X-Forwarded-For': '8.8.8.8', 'x-forwarded-proto': 'https' } });
    expect(server.events[0]).toMatchObject({
      multiValueHeaders: { 'X-Forwarded-For': ['127.0.0.1'], 'X-Forwarded-Proto': ['http'] },
    });
    expect(JSON.stringify(server.events[0])).not.toContain('8.8.8.8');
  });

  it('carries binary bodies as base64 when the API declares their type', async () => {
    const server = await setUpGateway({}, { binaryMediaTypes: ['image/png'] });
    const body = Buffer.from([0, 255, 1]);
    await call(server, 'POST', '/work', { headers: { 'content-type': 'image/png' }, body });
    expect(server.events[0]).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
  });

  it.each([
    ['/items/a%2Fb%20c', '/items/{id}', { id: 'a/b c' }, '/items/a%2Fb%20c'],
    ['/rest/x/y%20z', '/rest/{proxy+}', { proxy: 'x/y z' }, '/rest/x/y%20z'],
    ['/work/', '/work', null, '/work/'],
  ])('%s is answered by %s', async (path, resource, pathParameters, raw) => {
    const server = await setUpGateway();
    await call(server, 'POST', path);
    expect(server.events[0]).toMatchObject({ resource, pathParameters, path: raw });
  });

  it('prefers a literal segment to a parameter, and a method to ANY', async () => {
    const server = await setUpGateway();
    expect((await call(server, 'GET', '/items/fixed')).text).toBe('{"fixed":200}');
    expect((await call(server, 'PUT', '/work', {})).status).toBe(405);
    expect(server.events).toEqual([]);
  });

  it.each([
    ['GET', '/nothing'],
    ['GET', '/rest/'],
    ['GET', '/items/a/b'],
    ['GET', '/'],
    ['GET', 'http://evil.example/work'],
    ['OPTIONS', '*'],
  ])('%s %s is unknown', async (httpMethod, path) => {
    const { status, text, headers } = await call(await setUpGateway(), httpMethod, path);
    expect({ status, text, type: headers['x-amzn-errortype'] }).toEqual({
      status: 403,
      text: '{"message":"Missing Authentication Token"}',
      type: 'MISSING_AUTHENTICATION_TOKEN',
    });
  });
});
