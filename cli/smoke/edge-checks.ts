/** What API Gateway and the authorizer do before a function runs: refusals, routes, sizes, TLS, throttling. */
import { connect } from 'node:tls';
import { mintKey } from '../../core/keys/api-key.ts';
import { expectJson, expectSame, rpc, rpcBody, sendRequest, Skipped, Unexpected } from './request.ts';
import type { SmokeRequest, SmokeTarget } from './request.ts';

const MB = 1024 * 1024;
/** More than the default burst of the throttle, all at once. */
const CROWD = 1_000;
const TLS_TIMEOUT_MS = 10_000;

export async function health(target: SmokeTarget): Promise<void> {
  const { status, json } = await sendRequest(target, '/healthz', { method: 'GET' });
  expectSame('GET /healthz', status, 200);
  expectSame('its body', json, { status: 'ok', version: target.version });
}

export async function refusals(target: SmokeTarget): Promise<void> {
  const { key } = target;
  const mistyped = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
  const headers = [{}, { 'x-api-key': mistyped }, { 'x-api-key': mintKey() }];
  const refused = await Promise.all(
    headers.map((one) =>
      sendRequest(target, '/mcp', { headers: { ...JSON_BODY, ...one }, body: rpcBody('tools/list') }),
    ),
  );
  for (const [i, one] of refused.entries()) {
    const what = ['no key', 'a mistyped key', 'an unknown key'][i] ?? '';
    expectSame(`POST /mcp with ${what}`, one.status, 401);
    expectSame(`WWW-Authenticate for ${what}`, one.headers.get('www-authenticate'), 'Bearer realm="allmcp"');
    expectJson(`the refusal of ${what}`, one);
  }
  expectSame('different refusals', new Set(refused.map(({ text }) => text)).size, 1);
}

export async function keyHeaders(target: SmokeTarget): Promise<void> {
  const { key } = target;
  const ask = async (headers: Record<string, string>): Promise<number> => {
    const sent = { headers: { ...JSON_BODY, ...headers }, body: rpcBody('tools/list') };
    return (await sendRequest(target, `/mcp${target.tenant}`, sent)).status;
  };
  expectSame('X-API-Key', await ask({ 'x-api-key': key }), 200);
  expectSame('Authorization: Bearer', await ask({ authorization: `Bearer ${key}` }), 200);
  expectSame('both, equal', await ask({ 'x-api-key': key, authorization: `Bearer ${key}` }), 200);
  expectSame('both, different', await ask({ 'x-api-key': key, authorization: `Bearer ${mintKey()}` }), 401);
}

export async function routes(target: SmokeTarget): Promise<void> {
  expectSame('POST /mcp/', (await rpc(target, 'tools/list', { path: `/mcp/${target.tenant}` })).status, 200);
  expectSame('POST /mcp/x', (await rpc(target, 'tools/list', { path: `/mcp/x${target.tenant}` })).status, 404);
  for (const [method, path] of [
    ['GET', '/mcp'],
    ['GET', '/mcp/'],
    ['DELETE', '/mcp'],
  ] as const) {
    const headers = { accept: 'text/event-stream' };
    const response = await sendRequest(target, path, { method, headers });
    expectSame(`${method} ${path}`, response.status, 405);
    expectSame(`Allow of ${method} ${path}`, response.headers.get('allow'), 'POST');
  }
}

export async function unknownAddresses(target: SmokeTarget): Promise<void> {
  const body = new TextEncoder().encode('x');
  const requests: readonly (readonly [string, SmokeRequest])[] = [
    ['GET /nope', { method: 'GET' }],
    ['GET /nope with a Bearer', { method: 'GET', headers: { authorization: 'Bearer x' } }],
    ['POST /nope that accepts a stream', { headers: { accept: 'text/event-stream' }, body }],
    ['POST /nope without a type', { body }],
    ['POST /nope with a picture', { headers: { 'content-type': 'image/png' }, body }],
  ];
  for (const [what, request] of requests) {
    const response = await sendRequest(target, '/nope', request);
    expectSame(what, response.status, 404);
    expectJson(what, response);
  }
}

export async function sizes(target: SmokeTarget): Promise<void> {
  for (const bytes of [4 * MB + 1, 7 * MB, 11 * MB]) {
    const what = `a body of ${bytes} bytes`;
    const body = rpcBody('tools/list').padEnd(bytes);
    const sent = { headers: { ...JSON_BODY, 'x-api-key': target.key }, body };
    const response = await sendRequest(target, `/mcp${target.tenant}`, sent);
    expectSame(what, response.status, 413);
    expectJson(what, response);
  }
  const padded = async (bytes: number): Promise<number> =>
    (await rpc(target, 'tools/list', { headers: { 'x-padding': 'x'.repeat(bytes) } })).status;
  expectSame('headers of 9 KB', await padded(9 * 1024), 200);
  const status = await padded(11 * 1024);
  if (status < 400 || status > 499) throw new Unexpected(`headers of 11 KB: 4xx was expected, ${status} came.`);
}

export async function crowd(target: SmokeTarget): Promise<void> {
  if (!target.burst) throw new Skipped(`sends ${CROWD} requests at once; run it with --burst, when nobody is at work`);
  const all = await Promise.all(
    Array.from({ length: CROWD }, () => sendRequest(target, '/healthz', { method: 'GET' })),
  );
  const refused = all.filter(({ status }) => status === 429);
  if (refused.length === 0) throw new Unexpected(`${CROWD} requests at once: none was answered with 429.`);
  for (const one of refused) {
    expectSame('Retry-After of a 429 is there', one.headers.get('retry-after') !== null, true);
    expectJson('a 429', one);
  }
}

export async function oldTls({ url }: SmokeTarget): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:') throw new Skipped('there is no TLS at a loopback address');
  const version = await new Promise<string | undefined>((resolve) => {
    const socket = connect({
      host: hostname,
      servername: hostname,
      port: port === '' ? 443 : Number(port),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
      timeout: TLS_TIMEOUT_MS,
    });
    const end = (spoken: string | undefined) => () => {
      socket.destroy();
      resolve(spoken);
    };
    socket.once('secureConnect', end('TLS 1.1')).once('error', end(undefined)).once('timeout', end(undefined));
  });
  if (version !== undefined) throw new Unexpected(`${version} was accepted; 1.2 is the oldest that should be.`);
}

const JSON_BODY = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
