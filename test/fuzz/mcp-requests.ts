/** Requests to `/mcp` of both eras: right ones, nearly right ones and hopeless ones. */
import fc from 'fast-check';
import { brokenBody, bytes, headerValue, hugeJson, mostly, oddText, oddValue, record } from './hostile.ts';
import { LEGACY, MODERN, paramsOf, type Samples } from './mcp-params.ts';

export interface McpRequest {
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const META = 'io.modelcontextprotocol';

const METHODS =
  'initialize ping server/discover tools/list tools/call prompts/list prompts/get resources/list resources/templates/list resources/read resources/subscribe completion/complete logging/setLevel subscriptions/listen skills/list skills/get tasks/get sampling/createMessage notifications/initialized notifications/cancelled notifications/progress tools/ / constructor'.split(
    ' ',
  );

type Headers = readonly (readonly [string, string])[];

type Json = Record<string, unknown>;

export const capabilities = mostly(
  fc.constantFrom<unknown>(
    {},
    { elicitation: {} },
    { elicitation: { form: {}, url: {} } },
    { elicitation: { form: {} }, extensions: {} },
  ),
);

const progressToken = fc.option(mostly(fc.oneof(fc.integer(), oddText)), { freq: 3, nil: undefined });

const trace = fc.option(fc.oneof(oddText, fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')), {
  freq: 3,
  nil: undefined,
});

const modernMeta = record(
  {
    [`${META}/protocolVersion`]: mostly(
      fc.constant(MODERN),
      fc.oneof(fc.constantFrom(...LEGACY, '2099-01-01'), oddValue),
    ),
    [`${META}/clientCapabilities`]: capabilities,
    [`${META}/clientInfo`]: mostly(fc.constant({ name: 'fuzz', version: '1' })),
    progressToken,
    traceparent: trace,
  },
  40,
);

const legacyMeta = fc.option(record({ progressToken, traceparent: trace, [`${META}/logLevel`]: oddValue }), {
  freq: 2,
  nil: undefined,
});

function envelope(samples: Samples, modern: boolean): fc.Arbitrary<unknown> {
  return fc
    .oneof({ weight: 1, arbitrary: fc.constant('tools/call') }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) })
    .chain((method) =>
      fc
        .tuple(
          record(
            {
              jsonrpc: mostly(fc.constant('2.0'), oddValue, 60),
              id: mostly(fc.oneof(fc.integer(), fc.string({ maxLength: 8 })), oddValue, 40),
              method: mostly(fc.constant(method), oddValue, 60),
              params: mostly(paramsOf(method, samples), oddValue, 40),
            },
            60,
          ),
          mostly(modern ? modernMeta : legacyMeta, oddValue, 40),
        )
        .map(([message, meta]) => withMeta(message, meta)),
    );
}

function withMeta(message: unknown, meta: unknown): unknown {
  const { params } = message as { params?: unknown };
  if (meta === undefined || typeof params !== 'object' || params === null || Array.isArray(params)) return message;
  return { ...(message as Json), params: { ...params, _meta: meta } };
}

/** The headers that a client of that era would send with this message, each now and then something else. */
function headersFor(message: unknown, modern: boolean): fc.Arbitrary<Headers> {
  const { method, params } = Object(message) as { method?: unknown; params?: unknown };
  const { name, uri } = Object(params) as { name?: unknown; uri?: unknown };
  const target = typeof name === 'string' ? name : typeof uri === 'string' ? uri : '';
  const header = (field: string, ...right: readonly [string, ...string[]]): fc.Arbitrary<Headers> =>
    fc.oneof(
      { weight: 100, arbitrary: fc.constantFrom(...right).map((text): Headers => [[field, text]]) },
      { weight: 1, arbitrary: fc.constant<Headers>([]) },
      { weight: 1, arbitrary: headerValue.map((text): Headers => [[field, text]]) },
      { weight: 1, arbitrary: headerValue.map((text): Headers => right.map((value) => [field, value + text])) },
      { weight: 1, arbitrary: headerValue.map((text): Headers => [...right, text].map((value) => [field, value])) },
    );
  const none = fc.constant<Headers>([]);
  return fc
    .tuple(
      header('content-type', 'application/json'),
      fc.oneof(
        { weight: 30, arbitrary: none },
        header('content-type', 'application/json; charset=utf-16', 'text/plain', 'a/b;c='),
      ),
      header('accept', 'application/json, text/event-stream', '*/*', 'text/html', ''),
      modern ? header('mcp-protocol-version', MODERN) : header('mcp-protocol-version', ...LEGACY),
      modern ? header('mcp-method', typeof method === 'string' ? latin(method) : '') : none,
      modern && target !== ''
        ? header('mcp-name', /^[ -~]+$/.test(target) ? latin(target) : encoded(target), encoded(target))
        : none,
      fc.array(
        fc.tuple(
          fc.constantFrom('mcp-session-id', 'last-event-id', 'traceparent', 'x-forwarded-for', 'mcp-param-x'),
          headerValue,
        ),
        { maxLength: 2 },
      ),
    )
    .map((lists) => lists.flat());
}

function latin(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 2_000);
}

function encoded(text: string): string {
  return `=?base64?${Buffer.from(text.slice(0, 2_000), 'utf8').toString('base64')}?=`;
}

/** Any place of a message in which a huge value can stand. */
const PLACES: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `[${value}]`,
  (value) => `{"jsonrpc":"2.0","id":${value},"method":"ping"}`,
  (value) => `{"jsonrpc":"2.0","id":1,"method":${value}}`,
  (value) => `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${value}}`,
  (value) => `{"jsonrpc":"2.0","id":1,"method":"tools/list","more":${value}}`,
  ...['example_list_things', 'example_erase_thing', 'example_get_thing', 'example_paint_thing', 'connect_provider'].map(
    (name) => (value: string) => call(`"name":"${name}","arguments":{"id":${value},"color":${value.slice(0, 0)}"x"}`),
  ),
  (value) => call(`"name":"example_erase_thing","arguments":${value}`),
  (value) => call(`"name":"call_tool","arguments":{"tool":"example_erase_thing","arguments":{"id":${value}}}`),
  (value) => call(`"name":"call_tool","arguments":{"tool":"example_list_things","arguments":${value}}`),
  (value) => call(`"name":${value},"arguments":{}`),
  (value) => call(`"name":"search_tools","arguments":{"query":${value}}`),
  (value) => call(`"name":"connect_provider","arguments":{"provider_key":"example","extra_fields":${value}}`),
  (value) => call(`"name":"example_erase_thing","arguments":{"id":"1"},"requestState":${value}`),
  (value) => call(`"name":"example_erase_thing","arguments":{"id":"1"},"inputResponses":${value}`),
  (value) => call(`"name":"list_connections","arguments":{},"_meta":${value}`),
  (value) => `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":${value}}}`,
  (value) =>
    `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"connect","arguments":{"provider":${value}}}}`,
  (value) =>
    `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":${value},"clientInfo":{"name":"x","version":"1"}}}`,
];

export function call(params: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${params}}}`;
}

/** The same message as a client of the modern era sends it. */
function modernised(text: string): string {
  const meta = `"_meta":{"${META}/protocolVersion":"${MODERN}","${META}/clientCapabilities":{"elicitation":{}},"${META}/clientInfo":{"name":"x","version":"1"}}`;
  return text.replace('"params":{', `"params":{${meta},`);
}

const huge = fc.tuple(hugeJson, fc.constantFrom(...PLACES), fc.boolean()).chain(([value, place, modern]) => {
  const text = modern ? modernised(place(value)) : place(value);
  const [, method = ''] = /"method":"([a-z/]{1,60})"/.exec(text) ?? [];
  const [, name] = /"name":"([a-z_]{1,80})"/.exec(text) ?? [];
  return headersFor({ method, params: { name } }, modern).map((headers) => ({ headers, body: bytes(text) }));
});

export const query = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', '?user_id=u', '?full_catalog=true', '?system_only=true') },
  { weight: 1, arbitrary: fc.array(fc.tuple(oddText, oddText), { maxLength: 3 }).map(toQuery) },
);

function toQuery(pairs: readonly (readonly [string, string])[]): string {
  return `?${pairs.map(([name, value]) => `${uri(name)}=${uri(value)}`).join('&')}`;
}

export function uri(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

/** @param maxHuge how often, of a hundred, a request is huge. */
export function mcpRequest(samples: Samples, maxHuge: number): fc.Arbitrary<McpRequest> {
  const plain = fc.boolean().chain((modern) => {
    const message = envelope(samples, modern);
    const batch = fc.array(message, { maxLength: 6 });
    return fc
      .oneof({ weight: 9, arbitrary: message }, { weight: 1, arbitrary: batch })
      .chain((sent) => headersFor(sent, modern).map((headers) => ({ headers, body: bytes(JSON.stringify(sent)) })));
  });
  const broken = fc
    .tuple(brokenBody, fc.boolean())
    .chain(([body, modern]) => headersFor({ method: 'tools/list' }, modern).map((headers) => ({ headers, body })));
  const any = fc.oneof(
    { weight: 90 - maxHuge, arbitrary: plain },
    { weight: 10, arbitrary: broken },
    { weight: maxHuge, arbitrary: huge },
  );
  return fc.tuple(any, query).map(([request, text]) => ({ ...request, query: text }));
}
