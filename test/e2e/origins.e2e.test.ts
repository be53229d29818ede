/** What a web page meets over HTTP: the preflight, the answer, and every refusal, through routes and authorizer. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeConnections, rpcBody, send, type HttpAnswer, type Sent } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

const PAGE = 'http://localhost:6274';
const STRANGER = 'https://evil.example';

let runtime: E2eRuntime;
let key: string;
beforeAll(async () => {
  runtime = await startE2e();
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  closeConnections();
});

const allowOrigin = ({ headers }: HttpAnswer): string | undefined => headers['access-control-allow-origin'];

const list = (headers: Sent['headers']): Promise<HttpAnswer> =>
  send(`${runtime.url}/mcp`, {
    headers: { 'content-type': 'application/json', ...headers },
    body: rpcBody('tools/list'),
  });

function preflight(path: string, origin: string): Promise<HttpAnswer> {
  return send(runtime.url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,mcp-method,mcp-protocol-version,x-api-key',
    },
  });
}

describe('a page on this machine', () => {
  it.each(['/mcp', '/mcp/', '/mcp?user_id=u1'])(
    'gets leave for its key and its headers at %s, without a key',
    async (path) => {
      const answer = await preflight(path, PAGE);
      expect([answer.status, answer.text, allowOrigin(answer)]).toEqual([200, '', PAGE]);
      expect(answer.headers['access-control-allow-headers']).toMatch(/\bx-api-key\b.*\bmcp-method\b/);
    },
  );

  it('reads the answer', async () => {
    const answer = await list({ origin: PAGE, 'x-api-key': key });
    expect([answer.status, allowOrigin(answer)]).toEqual([200, PAGE]);
  });

  it('reads what is wrong when it is refused, by the gateway too', async () => {
    const noKey = await list({ origin: PAGE });
    expect([noKey.status, allowOrigin(noKey)]).toEqual([401, '*']);
    expect(noKey.headers['access-control-expose-headers']).toContain('WWW-Authenticate');
    const get = await send(`${runtime.url}/mcp`, { method: 'GET', headers: { origin: PAGE } });
    expect([get.status, allowOrigin(get)]).toEqual([405, '*']);
    const wrong = await send(`${runtime.url}/mcp`, { headers: { origin: PAGE, 'x-api-key': key }, body: '{' });
    expect(wrong.status).toBeGreaterThanOrEqual(400);
    expect(allowOrigin(wrong)).toBe(PAGE);
  });
});

describe('any other page', () => {
  it('gets no leave, and no answer even with a good key', async () => {
    const answer = await preflight('/mcp', STRANGER);
    expect([answer.status, allowOrigin(answer)]).toEqual([403, undefined]);
    const refused = await list({ origin: STRANGER, 'x-api-key': key });
    expect([refused.status, allowOrigin(refused)]).toEqual([403, undefined]);
    expect(refused.json).toMatchObject({ id: null, error: { message: expect.stringContaining('allowedOrigins') } });
  });
});

describe('OPTIONS', () => {
  it('reaches nothing below the endpoint', async () => {
    expect((await preflight('/mcp/other', PAGE)).status).toBe(404);
  });
});
