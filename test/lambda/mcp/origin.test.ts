/** Which web pages may use the endpoint, and what they may read. */
import { describe, expect, it } from '@jest/globals';
import { createOriginRules } from '../../../lambda/mcp/protocol/origin.ts';
import type { KeyLimiter } from '../../../core/meter/key-limits.ts';
import { noLimits } from '../../fakes/stores.ts';
import { endpoint } from './endpoint.ts';

const LISTED = 'https://app.example.com';
const rules = createOriginRules([LISTED, 'vscode-webview://abc']);
const from = (origin?: string): Request =>
  new Request('https://gateway.test/mcp', { method: 'POST', headers: origin === undefined ? {} : { origin } });
const cors = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

describe('a request', () => {
  it.each([
    [undefined, 'comes from no page'],
    [LISTED, 'is on the list'],
    ['vscode-webview://abc', 'is on the list'],
    ['http://localhost:6274', 'is on this machine'],
    ['http://127.0.0.1:1', 'is on this machine'],
    ['https://[::1]:8443', 'is on this machine'],
  ])('with the origin %s passes: it %s', (origin, _why) => {
    expect(rules.refuse(from(origin))).toBeUndefined();
  });

  it.each([
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.example',
    'https://xapp.example.com',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'ftp://localhost',
    'null',
    '',
    '*',
    'https://app.example.com, https://evil.example',
  ])('with the origin %j is refused with 403, and the page cannot read why', async (origin) => {
    const refused = rules.refuse(from(origin));
    expect(refused?.status).toBe(403);
    expect(refused === undefined ? {} : cors(refused)).toEqual({});
    expect(await refused?.json()).toMatchObject({ id: null, error: { code: -32003 } });
  });

  it('that is refused costs the key nothing', async () => {
    let metered = 0;
    const meter: KeyLimiter = {
      ...noLimits,
      request: async () => {
        metered += 1;
        return { ok: true };
      },
    };
    const { fetch } = endpoint({ transport: () => Promise.reject(new Error('unused')), deps: { keyLimiter: meter } });
    const send = (origin: string) =>
      fetch('https://gateway.test/mcp', {
        method: 'POST',
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        headers: { origin },
      });
    expect((await send('https://evil.example')).status).toBe(403);
    expect(metered).toBe(0);
    await send('http://localhost:3000');
    expect(metered).toBe(1);
  });
});

describe('an answer', () => {
  const answer = () => new Response('body', { status: 429, headers: { 'retry-after': '3', 'x-other': 'kept' } });

  it('names the page that may read it, and only that page', async () => {
    const readable = rules.readable(from(LISTED), answer());
    expect(cors(readable)).toEqual({
      'access-control-allow-origin': LISTED,
      'access-control-expose-headers': 'www-authenticate, retry-after, mcp-session-id',
    });
    expect([readable.status, readable.headers.get('x-other'), await readable.text()]).toEqual([429, 'kept', 'body']);
    expect(readable.headers.get('vary')).toBe('origin');
  });

  it('names none for a request from no page, and still varies by origin', () => {
    const plain = rules.readable(from(), answer());
    expect(cors(plain)).toEqual({});
    expect(plain.headers.get('vary')).toBe('origin');
  });

  it('of the endpoint itself can be read by a page on this machine', async () => {
    const { fetch } = endpoint({ transport: () => Promise.reject(new Error('unused')) });
    const origin = 'http://localhost:6274';
    const answered = await fetch('https://gateway.test/mcp', { method: 'POST', body: '{}', headers: { origin } });
    expect(cors(answered)['access-control-allow-origin']).toBe(origin);
  });
});

describe('a preflight', () => {
  it('of a page that may use the endpoint allows every header that MCP clients send', () => {
    const allowed = rules.preflight(from(LISTED));
    expect(allowed.ok).toBe(true);
    expect(cors(allowed)).toMatchObject({
      'access-control-allow-origin': LISTED,
      'access-control-allow-methods': 'POST, GET, DELETE',
      'access-control-max-age': '7200',
    });
    const headers = (cors(allowed)['access-control-allow-headers'] ?? '').split(', ');
    for (const name of ['content-type', 'authorization', 'x-api-key', 'mcp-protocol-version', 'mcp-method', 'mcp-name'])
      expect(headers).toContain(name);
  });

  it('of any other page allows nothing', () => {
    const refused = rules.preflight(from('https://evil.example'));
    expect([refused.status, cors(refused)]).toEqual([403, {}]);
  });
});
