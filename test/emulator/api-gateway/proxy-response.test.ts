/** How what a function returns, at once or piece by piece, becomes a response. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { FunctionError, InvocationResult } from '../../../emulator/lambda/invocation.ts';
import { FUNCTION, buffered, call, ok, setUpGateway } from './set-up.ts';

describe('a buffered answer', () => {
  const answer = async (payload: unknown, options = {}) =>
    call(await setUpGateway({ [FUNCTION]: () => buffered(payload) }, options), 'GET', '/work');

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
    const server = await setUpGateway({ [FUNCTION]: () => buffered(payload) }, { binaryMediaTypes: ['image/*'] });
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
    const failed = await setUpGateway({
      [FUNCTION]: () => ({ kind: 'failed', error: { type: 'E', message: 'secret reason' } }),
    });
    const one = await call(failed, 'GET', '/work');
    expect(one.status).toBe(502);
    expect(one.text).not.toContain('secret reason');
    expect((await call(await setUpGateway({ [FUNCTION]: () => ({ kind: 'timed-out' }) }), 'GET', '/work')).status).toBe(
      504,
    );
    const never = await setUpGateway({ [FUNCTION]: () => new Promise(() => {}) });
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
    const server = await setUpGateway({
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
    const server = await setUpGateway({
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
    expect((await call(await setUpGateway({ [FUNCTION]: result }), 'POST', '/stream')).status).toBe(502);
  });

  it('of a buffered integration is malformed: 502', async () => {
    const server = await setUpGateway({ [FUNCTION]: () => streamed((body) => body.end(PRELUDE)) });
    expect((await call(server, 'GET', '/work')).status).toBe(502);
  });

  it('is read to its end although the client has left', async () => {
    let finished = false;
    const server = await setUpGateway({
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
