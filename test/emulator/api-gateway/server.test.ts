/** What the server refuses before a route is looked for, its limits, and its access log. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { call, setUpGateway } from './set-up.ts';

describe('the Host header', () => {
  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example:PORT'])(
    '%j is refused before anything runs',
    async (host) => {
      const server = await setUpGateway();
      const answer = await call(server, 'GET', '/work', {
        headers: { host: host.replace('PORT', String(server.port)) },
      });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toEqual({ message: expect.stringContaining(`http://127.0.0.1:${server.port}.`) });
      expect(server.events).toEqual([]);
    },
  );

  it.each(['127.0.0.1:PORT', 'localhost:PORT', 'LocalHost:PORT', '[::1]:PORT'])('%j is its own', async (host) => {
    const server = await setUpGateway();
    expect(
      (await call(server, 'GET', '/work', { headers: { host: host.replace('PORT', String(server.port)) } })).status,
    ).toBe(200);
  });
});

it('a request without a Host is refused', async () => {
  const { port } = await setUpGateway();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /work HTTP/1.0\r\n\r\n');
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(data.toString()).toContain('403 Forbidden');
});

describe('limits', () => {
  it('a body over 10 MB is refused', async () => {
    const server = await setUpGateway();
    const answer = await call(server, 'POST', '/work', { body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect({ status: answer.status, type: answer.headers['x-amzn-errortype'] }).toEqual({
      status: 413,
      type: 'REQUEST_TOO_LARGE',
    });
    expect(server.events).toEqual([]);
  });

  it('an event over 6 MB is refused although its body is not too large for the gateway', async () => {
    const server = await setUpGateway();
    expect((await call(server, 'POST', '/work', { body: 'x'.repeat(5 * 1024 * 1024) })).status).toBe(200);
    expect((await call(server, 'POST', '/work', { body: '"'.repeat(4 * 1024 * 1024) })).status).toBe(413);
  });

  it('headers over 10,240 bytes are refused', async () => {
    const server = await setUpGateway();
    const answer = await call(server, 'GET', '/work', { headers: { 'x-long': 'x'.repeat(10_240) } });
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.text)).toHaveProperty('message');
  });

  it('what is not HTTP gets a 400', async () => {
    const { port } = await setUpGateway();
    const socket = connect(port, '127.0.0.1');
    socket.write('nonsense\r\n\r\n');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('400 Bad Request');
  });

  it('a tunnel is refused with words, and its socket does not keep the server from stopping', async () => {
    const { port, server } = await setUpGateway();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('CONNECT /work HTTP/1.1\r\nHost: x\r\n\r\nwhat a tunnel would carry');
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('400 Bad Request');
    await new Promise((resolve) => server.close(resolve));
    socket.destroy();
  });

  it('the stage throttles to its burst', async () => {
    const setting = { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 };
    const server = await setUpGateway({}, { stage: { MethodSettings: [setting] } });
    const statuses: (number | undefined)[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call(server, 'GET', '/work')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('the access log', () => {
  it('has one line per request in the format of the stage', async () => {
    const Format = '$context.httpMethod $context.resourcePath $context.status $context.error.responseType';
    const server = await setUpGateway({}, { stage: { AccessLogSetting: { Format } } });
    await call(server, 'GET', '/work?secret=1');
    await call(server, 'GET', '/nothing');
    for (let i = 0; i < 50 && server.access.length < 2; i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.access).toEqual(['GET /work 200 -', 'GET - 403 MISSING_AUTHENTICATION_TOKEN']);
  });
});
