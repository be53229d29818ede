/** The gateway over real HTTP, with functions that are plain TypeScript. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createGateway } from '../../../emulator/api-gateway/server.ts';
import type { FunctionError, InvocationResult } from '../../../emulator/lambda/invocation.ts';
import type { ApiModel, GatewayResponseModel, MethodModel } from '../../../emulator/cloudformation/api-model.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:Work';
const AUTHORIZER = 'arn:aws:lambda:us-east-1:000000000000:function:Authorizer';

const proxy = (more: object = {}) => ({
  Type: 'AWS_PROXY' as const,
  functionArn: FUNCTION,
  stream: false,
  timeoutMs: 2_000,
  ...more,
});
const mock = (status: string, headers: Record<string, string> = {}, more: object = {}) => ({
  Type: 'MOCK' as const,
  PassthroughBehavior: 'NEVER' as const,
  RequestTemplates: { 'application/json': `{"statusCode":${status}}` },
  IntegrationResponses: [
    {
      StatusCode: status,
      ResponseTemplates: { 'application/json': `{"fixed":${status}}` },
      ResponseParameters: headers,
    },
  ],
  ...more,
});
const method = (
  httpMethod: string,
  path: string,
  integration: MethodModel['integration'],
  authorizerArn?: string,
): MethodModel => ({
  httpMethod,
  path,
  resourceId: path,
  authorizerArn,
  integration,
});

const METHODS = [
  method('POST', '/work', proxy()),
  method('GET', '/work', proxy()),
  method('ANY', '/work', mock('405', { 'method.response.header.Allow': "'POST'" })),
  method('POST', '/stream', proxy({ stream: true })),
  method('POST', '/slow', proxy({ timeoutMs: 60 })),
  method('POST', '/guarded', proxy(), AUTHORIZER),
  method('ANY', '/items/{id}', proxy()),
  method('ANY', '/items/fixed', mock('200')),
  method('ANY', '/rest/{proxy+}', proxy()),
];
const ok: InvocationResult = { kind: 'buffered', payload: Buffer.from('{"statusCode":200,"body":"fine"}') };
const buffered = (answer: unknown): InvocationResult => ({
  kind: 'buffered',
  payload: Buffer.from(JSON.stringify(answer)),
});
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Started {
  readonly url: string;
  readonly port: number;
  readonly events: Record<string, unknown>[];
  readonly access: string[];
  readonly server: Server;
}

async function start(
  functions: Record<string, (event: Record<string, unknown>) => InvocationResult | Promise<InvocationResult>> = {},
  more: {
    gatewayResponses?: GatewayResponseModel[];
    stage?: Partial<ApiModel['stage']>;
    binaryMediaTypes?: string[];
    methods?: MethodModel[];
  } = {},
): Promise<Started> {
  const events: Record<string, unknown>[] = [];
  const access: string[] = [];
  const server = createGateway({
    api: {
      id: 'api1234567',
      stage: { StageName: 'v1', Variables: {}, MethodSettings: [], ...more.stage },
      binaryMediaTypes: more.binaryMediaTypes ?? [],
      methods: more.methods ?? METHODS,
      gatewayResponses: new Map((more.gatewayResponses ?? []).map((one) => [one.ResponseType, one])),
    },
    place: EMULATED_PLACE,
    invoke: async (arn, event) => {
      events.push(event as Record<string, unknown>);
      return (functions[arn] ?? (() => ok))(event as Record<string, unknown>);
    },
    onAccess: (line) => access.push(line),
    onFailure: (error) => {
      throw error;
    },
    clock: Date.now,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, events, access, server };
}

/** Node's own client, so that header spelling and raw paths reach the wire as written. */
async function call(
  { port }: Started,
  httpMethod: string,
  path: string,
  options: { headers?: Record<string, string | string[]>; body?: string | Buffer } = {},
) {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method: httpMethod,
    path,
    headers: options.headers ?? {},
    agent: false,
  });
  request.end(options.body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let cut = false;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    cut = true;
  }
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString(), cut };
}

describe('a request', () => {
  it('reaches the function as a v1 proxy event, decoded once', async () => {
    const server = await start();
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
    const server = await start();
    await call(server, 'GET', '/work');
    expect(server.events[0]).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      body: null,
    });
  });

  it('cannot say by itself where it came from', async () => {
    const server = await start();
    await call(server, 'GET', '/work', { headers: { 'X-Forwarded-For': '8.8.8.8', 'x-forwarded-proto': 'https' } });
    expect(server.events[0]).toMatchObject({
      multiValueHeaders: { 'X-Forwarded-For': ['127.0.0.1'], 'X-Forwarded-Proto': ['http'] },
    });
    expect(JSON.stringify(server.events[0])).not.toContain('8.8.8.8');
  });

  it('carries binary bodies as base64 when the API declares their type', async () => {
    const server = await start({}, { binaryMediaTypes: ['image/png'] });
    const body = Buffer.from([0, 255, 1]);
    await call(server, 'POST', '/work', { headers: { 'content-type': 'image/png' }, body });
    expect(server.events[0]).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
  });

  it.each([
    ['/items/a%2Fb%20c', '/items/{id}', { id: 'a/b c' }, '/items/a%2Fb%20c'],
    ['/rest/x/y%20z', '/rest/{proxy+}', { proxy: 'x/y z' }, '/rest/x/y%20z'],
    ['/work/', '/work', null, '/work/'],
  ])('%s is answered by %s', async (path, resource, pathParameters, raw) => {
    const server = await start();
    await call(server, 'POST', path);
    expect(server.events[0]).toMatchObject({ resource, pathParameters, path: raw });
  });

  it('prefers a literal segment to a parameter, and a method to ANY', async () => {
    const server = await start();
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
    const { status, text, headers } = await call(await start(), httpMethod, path);
    expect({ status, text, type: headers['x-amzn-errortype'] }).toEqual({
      status: 403,
      text: '{"message":"Missing Authentication Token"}',
      type: 'MISSING_AUTHENTICATION_TOKEN',
    });
  });
});

describe('the Host header', () => {
  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example:PORT'])(
    '%j is refused before anything runs',
    async (host) => {
      const server = await start();
      const answer = await call(server, 'GET', '/work', {
        headers: { host: host.replace('PORT', String(server.port)) },
      });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toHaveProperty('message');
      expect(server.events).toEqual([]);
    },
  );

  it.each(['127.0.0.1:PORT', 'localhost:PORT', 'LocalHost:PORT', '[::1]:PORT'])('%j is its own', async (host) => {
    const server = await start();
    expect(
      (await call(server, 'GET', '/work', { headers: { host: host.replace('PORT', String(server.port)) } })).status,
    ).toBe(200);
  });
});

it('a request without a Host is refused', async () => {
  const { port } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /work HTTP/1.0\r\n\r\n');
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(data.toString()).toContain('403 Forbidden');
});

describe('limits', () => {
  it('a body over 10 MB is refused', async () => {
    const server = await start();
    const answer = await call(server, 'POST', '/work', { body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect({ status: answer.status, type: answer.headers['x-amzn-errortype'] }).toEqual({
      status: 413,
      type: 'REQUEST_TOO_LARGE',
    });
    expect(server.events).toEqual([]);
  });

  it('an event over 6 MB is refused although its body is not too large for the gateway', async () => {
    const server = await start();
    expect((await call(server, 'POST', '/work', { body: 'x'.repeat(5 * 1024 * 1024) })).status).toBe(200);
    expect((await call(server, 'POST', '/work', { body: '"'.repeat(4 * 1024 * 1024) })).status).toBe(413);
  });

  it('headers over 10,240 bytes are refused', async () => {
    const server = await start();
    const answer = await call(server, 'GET', '/work', { headers: { 'x-long': 'x'.repeat(10_240) } });
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.text)).toHaveProperty('message');
  });

  it('what is not HTTP gets a 400', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write('nonsense\r\n\r\n');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('400 Bad Request');
  });

  it('a tunnel is refused with words, and its socket does not keep the server from stopping', async () => {
    const { port, server } = await start();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('CONNECT /work HTTP/1.1\r\nHost: x\r\n\r\nwhat a tunnel would carry');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('400 Bad Request');
    await new Promise((resolve) => server.close(resolve));
    socket.destroy();
  });

  it('the stage throttles to its burst', async () => {
    const setting = { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 };
    const server = await start({}, { stage: { MethodSettings: [setting] } });
    const statuses: (number | undefined)[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call(server, 'GET', '/work')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('a buffered answer', () => {
  const answer = async (payload: unknown, options = {}) =>
    call(await start({ [FUNCTION]: () => buffered(payload) }, options), 'GET', '/work');

  it('becomes status, headers and body', async () => {
    const { status, headers, text } = await answer({
      statusCode: 201,
      headers: { 'x-one': 1, 'x-both': 'a' },
      multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'], 'x-both': ['b'] },
      body: 'ü',
    });
    expect({ status, text }).toEqual({ status: 201, text: 'ü' });
    expect(headers).toMatchObject({
      'x-one': '1',
      'set-cookie': ['a=1', 'b=2'],
      'x-both': 'b, a',
      'content-type': 'application/json',
    });
    expect(headers['content-length']).toBe('2');
  });

  it('cannot set WWW-Authenticate: REST APIs rename it', async () => {
    const { headers } = await answer({
      statusCode: 401,
      headers: { 'WWW-Authenticate': 'Bearer', Server: 'x' },
      body: '',
    });
    expect(headers['www-authenticate']).toBeUndefined();
    expect(headers).toMatchObject({ 'x-amzn-remapped-www-authenticate': 'Bearer', 'x-amzn-remapped-server': 'x' });
  });

  it('is decoded when it is base64 and the client accepts a binary type', async () => {
    const payload = { statusCode: 200, isBase64Encoded: true, body: Buffer.from('bytes').toString('base64') };
    const server = await start({ [FUNCTION]: () => buffered(payload) }, { binaryMediaTypes: ['image/*'] });
    expect((await call(server, 'GET', '/work', { headers: { accept: 'image/png, */*' } })).text).toBe('bytes');
    expect((await call(server, 'GET', '/work')).text).toBe(payload.body);
  });

  it.each([
    [null],
    ['text'],
    [[1]],
    [{}],
    [{ statusCode: 'abc' }],
    [{ statusCode: 99 }],
    [{ statusCode: 101 }],
    [{ statusCode: 200, body: { a: 1 } }],
    [{ statusCode: 200, headers: { 'bad name': 'x' } }],
    [{ statusCode: 200, headers: { 'x-one': 'a\r\nset-cookie: b' } }],
    [{ statusCode: 200, headers: { 'x-one': { a: 1 } } }],
  ])('%j is malformed: 502', async (payload) => {
    expect((await answer(payload)).status).toBe(502);
  });

  it('of a function that failed is 502, of one that took too long 504', async () => {
    const failed = await start({
      [FUNCTION]: () => ({ kind: 'failed', error: { type: 'E', message: 'secret reason' } }),
    });
    const one = await call(failed, 'GET', '/work');
    expect(one.status).toBe(502);
    expect(one.text).not.toContain('secret reason');
    expect((await call(await start({ [FUNCTION]: () => ({ kind: 'timed-out' }) }), 'GET', '/work')).status).toBe(504);
    const never = await start({ [FUNCTION]: () => new Promise(() => {}) });
    expect((await call(never, 'POST', '/slow')).status).toBe(504);
  });
});

describe('a streamed answer', () => {
  const PRELUDE = Buffer.from(`{"statusCode":202,"headers":{"content-type":"text/event-stream"}}${'\0'.repeat(8)}`);
  const type = 'application/vnd.awslambda.http-integration-response';
  const streamed = (
    write: (body: PassThrough) => void,
    failure?: FunctionError,
    contentType = type,
  ): InvocationResult => {
    const body = new PassThrough();
    const ended = once(body, 'end').then(() => failure);
    setImmediate(() => write(body));
    return { kind: 'streamed', contentType, body, failure: ended };
  };

  it('arrives piece by piece, also when the prelude itself comes in pieces', async () => {
    const server = await start({
      [FUNCTION]: () =>
        streamed((body) => {
          body.write(PRELUDE.subarray(0, 20));
          setTimeout(() => body.write(Buffer.concat([PRELUDE.subarray(20), Buffer.from('one,')])), 20);
          setTimeout(() => body.end('two'), 150);
        }),
    });
    const request = httpRequest(`${server.url}/stream`, { method: 'POST' }).end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const [first] = (await once(answer, 'data')) as [Buffer];
    const at = Date.now();
    const [second] = (await once(answer, 'data')) as [Buffer];
    expect({ status: answer.statusCode, type: answer.headers['content-type'] }).toEqual({
      status: 202,
      type: 'text/event-stream',
    });
    expect([first.toString(), second.toString()]).toEqual(['one,', 'two']);
    expect(Date.now() - at).toBeGreaterThan(50);
  });

  it('is cut when the function fails while it writes', async () => {
    const server = await start({
      [FUNCTION]: () =>
        streamed((body) => body.end(Buffer.concat([PRELUDE, Buffer.from('half')])), { type: 'E', message: '' }),
    });
    const { status, text, cut } = await call(server, 'POST', '/stream');
    expect({ status, text, cut }).toEqual({ status: 202, text: 'half', cut: true });
  });

  it.each<[string, () => InvocationResult]>([
    ['without a prelude', () => streamed((body) => body.end())],
    ['with half a prelude', () => streamed((body) => body.end('{"statusCode":200}'))],
    [
      'with a prelude over 16 KB',
      () => streamed((body) => body.end(Buffer.concat([Buffer.alloc(17_000, 'x'), PRELUDE]))),
    ],
    ['with a malformed prelude', () => streamed((body) => body.end(`{"statusCode":"x"}${'\0'.repeat(8)}`))],
    ['of another content type', () => streamed((body) => body.end(PRELUDE), undefined, 'application/octet-stream')],
    ['that is buffered', () => ok],
  ])('%s is malformed: 502', async (_what, result) => {
    expect((await call(await start({ [FUNCTION]: result }), 'POST', '/stream')).status).toBe(502);
  });

  it('of a buffered integration is malformed: 502', async () => {
    const server = await start({ [FUNCTION]: () => streamed((body) => body.end(PRELUDE)) });
    expect((await call(server, 'GET', '/work')).status).toBe(502);
  });

  it('is read to its end although the client has left', async () => {
    let finished = false;
    const server = await start({
      [FUNCTION]: () =>
        streamed((body) => {
          body.write(PRELUDE);
          body.write('x');
          setTimeout(() => body.end(Buffer.alloc(1_000_000), () => (finished = true)), 50);
        }),
    });
    const request = httpRequest(`${server.url}/stream`, { method: 'POST' }).end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    request.destroy();
    for (let i = 0; i < 100 && !finished; i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(finished).toBe(true);
  });
});

describe('a mock', () => {
  it('answers without a function, with its headers', async () => {
    const server = await start();
    const { status, text, headers } = await call(server, 'DELETE', '/work');
    expect({ status, text, allow: headers['allow'] }).toEqual({ status: 405, text: '{"fixed":405}', allow: 'POST' });
  });

  it('refuses a content type that it has no template for', async () => {
    const server = await start();
    const answer = await call(server, 'PUT', '/work', { headers: { 'content-type': 'text/csv' }, body: 'a' });
    expect(answer.status).toBe(415);
  });

  it('takes the body for its template when it passes bodies through', async () => {
    const methods = [method('ANY', '/m', mock('200', {}, { PassthroughBehavior: 'WHEN_NO_MATCH' }))];
    const server = await start({}, { methods });
    const ask = (body: string) => call(server, 'POST', '/m', { headers: { 'content-type': 'text/csv' }, body });
    expect((await ask('{"statusCode":200}')).status).toBe(200);
    expect((await ask('{ statusCode: 200 }')).status).toBe(200);
    expect((await ask('no json')).status).toBe(500);
  });

  it('with a template that needs more than variables stops the start', async () => {
    const methods = [
      method(
        'ANY',
        '/m',
        mock('200', {}, { RequestTemplates: { 'application/json': '#set($a = 1){"statusCode":$a}' } }),
      ),
    ];
    await expect(start({}, { methods })).rejects.toThrow('$context variables only');
    const mapped = [method('ANY', '/m', mock('200', { 'method.response.header.X': 'integration.response.header.X' }))];
    await expect(start({}, { methods: mapped })).rejects.toThrow('header mapping');
  });
});

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
    const server = await start({ [AUTHORIZER]: authorizer }, { gatewayResponses });
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

describe('a gateway response', () => {
  const response = (ResponseType: string, more: object = {}): GatewayResponseModel => ({
    ResponseType,
    ResponseTemplates: { 'application/json': '{"m":$context.error.messageString,"t":"$context.error.responseType"}' },
    ResponseParameters: {},
    ...more,
  });

  it('of the template takes the place of API Gateway’s own, status included', async () => {
    const server = await start(
      {},
      { gatewayResponses: [response('MISSING_AUTHENTICATION_TOKEN', { StatusCode: '404' })] },
    );
    const { status, text } = await call(server, 'GET', '/nothing');
    expect({ status, text }).toEqual({
      status: 404,
      text: '{"m":"Missing Authentication Token","t":"MISSING_AUTHENTICATION_TOKEN"}',
    });
  });

  it('falls back to the default of its class and keeps its own status', async () => {
    const server = await start({}, { gatewayResponses: [response('DEFAULT_4XX')] });
    expect(await call(server, 'GET', '/nothing')).toMatchObject({ status: 403, text: expect.stringContaining('"t"') });
  });

  it('that maps what is not known stops the start', async () => {
    const odd = response('DEFAULT_4XX', {
      ResponseParameters: { 'gatewayresponse.header.X': 'method.request.header.X' },
    });
    await expect(start({}, { gatewayResponses: [odd] })).rejects.toThrow('header mapping');
  });
});

describe('the access log', () => {
  it('has one line per request in the format of the stage', async () => {
    const Format = '$context.httpMethod $context.resourcePath $context.status $context.error.responseType';
    const server = await start({}, { stage: { AccessLogSetting: { Format } } });
    await call(server, 'GET', '/work?secret=1');
    await call(server, 'GET', '/nothing');
    for (let i = 0; i < 50 && server.access.length < 2; i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.access).toEqual(['GET /work 200 -', 'GET - 403 MISSING_AUTHENTICATION_TOKEN']);
  });
});
