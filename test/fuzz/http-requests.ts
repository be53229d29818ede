/** Requests as bytes on a socket: paths, query parameters and headers that no HTTP library would send. */
import fc from 'fast-check';
import { headerValue, oddText } from './hostile.ts';
import { mcpRequest } from './mcp-requests.ts';
import { type Samples } from './mcp-params.ts';

export interface HttpKeys {
  readonly host: string;
  readonly good: string;
  readonly pinned: string;
  readonly revoked: string;
  readonly operator: string;
}

const PATHS =
  '/mcp /mcp/ /mcp// //mcp /MCP /mcp/x /mcp/../admin/v1/keys /%6dcp /mcp%2f /mcp%00 /mcp/%ff /mcp; / * /healthz /register /authorize /token ' +
  '/connect-links /connect-links/ /connections /connections/ /connections/bitrix24 /connections/%ff /connections/a/b ' +
  '/.well-known/oauth-protected-resource/mcp /admin/v1/keys /admin/v1/%2e%2e /dashboard/ /connect/x /oauth/callback /favicon.ico /ping';

const METHODS = ['GET', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'FOO', 'CONNECT', 'post'];

/** As it stands in the request line, not encoded by anybody. */
const rawQuery = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      '?user_id=u',
      '?org_id=blue&user_id=u',
      '?full_catalog=true',
      '?system_only=true&user_id=u',
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...'? ?? ?& ?= ?user_id ?user_id= ?user_id=a&user_id=b ?user_id=%00 ?user_id=%ff ?user_id=%zz ?user_id=% ?user_id[]=a'.split(
        ' ',
      ),
      ...'?user_id=%F0%9F%A6%80 ?USER_ID=u ?user%5Fid=u ?org_id=o ?org_id=red&user_id=u ?org_id=&user_id=u ?__proto__=1'.split(
        ' ',
      ),
      ...'?user_id=%ED%A0%80 ?constructor=1&user_id=u ?user_id=a%2Fb%23c ?user_id=u;org_id=o ?full_catalog=TRUE&full_catalog=1'.split(
        ' ',
      ),
      '?user_id=\xff\xfe',
      `?user_id=${'x'.repeat(201)}`,
      `?user_id=${'%F0%9F%A6%80'.repeat(201)}`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(oddText, oddText)
      .map(([name, value]) => `?${encodeURIComponent(clean(name))}=${encodeURIComponent(clean(value))}`),
  },
);

function clean(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').slice(0, 500);
}

function credentials({ good, pinned, revoked, operator }: HttpKeys): fc.Arbitrary<readonly string[]> {
  const odd = headerValue.map((value) => [`X-API-Key: ${value}`]);
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant([`X-API-Key: ${good}`]) },
    {
      weight: 6,
      arbitrary: fc.constantFrom<readonly string[]>(
        [],
        [`x-api-key: ${pinned}`],
        [`X-API-Key: ${revoked}`],
        [`X-API-Key: ${operator}`],
        [`X-API-Key: ${good}`, `X-API-Key: ${good}`],
        [`X-API-Key: ${good}, ${good}`],
        [`X-API-Key: ${good}`, `Authorization: Bearer ${good}`],
        [`X-API-Key: ${good}`, `Authorization: Bearer ${revoked}`],
        [`Authorization: bearer   ${good}`],
        [`Authorization: Basic ${good}`],
        ['Authorization: Bearer'],
        ['Authorization:'],
        [`Authorization: Bearer ${operator}`],
      ),
    },
    { weight: 1, arbitrary: odd },
  );
}

const EXTRA = [
  'Origin: http://attacker.example',
  'Origin: null',
  'X-Forwarded-For: 1.2.3.4',
  'X-HTTP-Method-Override: DELETE',
  'Expect: 100-continue',
  'Cookie: a=b',
  'Content-Encoding: gzip',
  'Accept: ',
  'Accept: */*',
  'Accept-Encoding: br',
  'TE: trailers',
  'Upgrade: h2c',
  'Range: bytes=0-1',
  '__proto__: x',
  'constructor: y',
  'X-Amzn-Trace-Id: Root=1',
  'Content-Type: application/json',
  'Content-Type: text/plain',
  'Host: attacker.example',
];

const extraHeaders = fc.array(
  fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...EXTRA) },
    { weight: 4, arbitrary: headerValue.map((value) => `X-Odd: ${value}`) },
    { weight: 1, arbitrary: fc.constantFrom(`X-Long: ${'y'.repeat(8_000)}`, `X-Long: ${'y'.repeat(20_000)}`) },
  ),
  { maxLength: 3 },
);

/** One whole request; the connection ends with its answer. */
export function httpRequest(keys: HttpKeys, samples: Samples): fc.Arbitrary<Buffer> {
  const path = fc.oneof(
    { weight: 12, arbitrary: fc.constant('/mcp') },
    {
      weight: 4,
      arbitrary: fc.constantFrom(...PATHS.split(' '), `http://${keys.host}/mcp`, `/mcp/${'a'.repeat(8_000)}`),
    },
  );
  const method = fc.oneof(
    { weight: 9, arbitrary: fc.constant('POST') },
    { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
  );
  return fc
    .tuple(method, path, rawQuery, credentials(keys), extraHeaders, mcpRequest(samples, 2), fc.boolean())
    .map(([verb, target, query, key, extra, { headers, body }, chunked]) => {
      const lines = [
        `${verb} ${target}${query} HTTP/1.1`,
        `Host: ${keys.host}`,
        'Connection: close',
        ...key,
        ...headers.map(([name, value]) => `${name}: ${value}`),
        ...extra,
        chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.byteLength}`,
      ];
      const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
      return Buffer.concat(chunked ? [head, ...chunks(body)] : [head, body]);
    });
}

function chunks(body: Uint8Array): readonly Buffer[] {
  const parts =
    body.byteLength === 0 ? [] : [body.subarray(0, 10), body.subarray(10)].filter(({ byteLength }) => byteLength > 0);
  return [
    ...parts.flatMap((part) => [
      Buffer.from(`${part.byteLength.toString(16)}\r\n`),
      Buffer.from(part),
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n\r\n'),
  ];
}
