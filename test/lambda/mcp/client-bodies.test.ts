/** Bodies as clients send them and need them: parts left out as null, answers that no parser stumbles over. */
import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Extension } from '../../../lambda/mcp/protocol/extension.ts';
import { withoutAbsent } from '../../../lambda/mcp/protocol/absent-values.ts';
import { plainResponse } from '../../../lambda/mcp/protocol/plain-response.ts';
import { ADDRESS, endpoint } from './endpoint.ts';

const transport = () => Promise.reject(new Error('no provider is called here'));
const CLIENT = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'c', version: '1', title: null },
};
const SEPARATORS = 'a\u2028b\u2029c\u0085d';

/** A tool that tells its progress, in words that hold line ends of other languages, before it ends. */
const slow: Extension = {
  tools: [{ name: 'slow', title: '', description: '', inputSchema: { type: 'object' }, annotations: {} as never }],
  prompts: [],
  capabilities: {},
  async call(_context, { arguments: args }, { mcpReq }) {
    const progressToken = mcpReq._meta?.progressToken;
    if (progressToken !== undefined)
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress: 1, message: SEPARATORS },
      });
    await delay(5);
    return { content: [{ type: 'text', text: SEPARATORS }], structuredContent: { given: args ?? 'none' } };
  },
  prompt: () => Promise.reject(new Error('no prompts')),
  attach: () => undefined,
};

async function post(body: unknown, accept?: string) {
  const { fetch } = endpoint({ transport, extensions: [slow] });
  const response = await fetch(ADDRESS, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(accept === undefined ? {} : { accept }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const call = (params: unknown, method = 'tools/call', id: unknown = 1) => ({ jsonrpc: '2.0', id, method, params });
const PROGRESS = call({ name: 'slow', _meta: { progressToken: 'p' } });

describe('null in a message', () => {
  it.each([
    ['params', call(null, 'tools/list')],
    ['params of the handshake', { jsonrpc: '2.0', method: 'notifications/initialized', params: null }],
    ['id of a notification', call({}, 'notifications/initialized', null)],
    ['arguments', call({ name: 'get_usage', arguments: null, _meta: null })],
    ['progressToken', call({ name: 'get_usage', _meta: { progressToken: null } })],
    ['cursor', call({ cursor: null }, 'tools/list')],
    ['arguments of a prompt', call({ name: 'connect', arguments: { provider: null } }, 'prompts/get')],
    ['part of what a client says of itself', call(CLIENT, 'initialize')],
  ])('is absent: %s', async (_what, message) => {
    const { status, text } = await post(message);
    expect([status, text.includes('"error"')]).toEqual(['id' in message && message.id !== null ? 200 : 202, false]);
  });

  it('is absent in each message of a batch', async () => {
    const { text } = await post([call(null, 'ping', 1), call({ name: 'slow', arguments: null }, 'tools/call', 2)]);
    expect(JSON.parse(text)).toMatchObject([
      { id: 1, result: {} },
      { id: 2, result: { structuredContent: { given: 'none' } } },
    ]);
  });

  it('stays in the arguments of a tool and in what a person answered', () => {
    const params = { name: 'n', arguments: { a: null, b: [null] }, inputResponses: { confirm: { content: null } } };
    expect(withoutAbsent(call(params))).toEqual(call(params));
    for (const body of [null, 5, 'x', [null], { result: null }, { method: 5, params: null }])
      expect(withoutAbsent(body)).toEqual(body);
  });
});

describe('empty text in a message', () => {
  it('is absent for a cursor and for arguments, which may be text that holds an object', async () => {
    expect((await post(call({ cursor: '' }, 'tools/list'))).text).toContain('"tools"');
    for (const [given, taken] of [
      ['', 'none'],
      ['{}', {}],
      ['{"a":null}', { a: null }],
    ] as const) {
      const { text } = await post(call({ name: 'slow', arguments: given }));
      expect(JSON.parse(text)).toMatchObject({ result: { structuredContent: { given: taken } } });
    }
  });
});

describe('an answer', () => {
  it.each([
    undefined,
    'application/json',
    '*/*',
    'text/event-stream',
    'application/json, text/event-stream',
    'text/html',
  ])('without progress or questions is plain JSON, whatever Accept says: %s', async (accept) => {
    for (const message of [
      call({}, 'ping'),
      call({ name: 'slow' }),
      call({ name: 'none' }),
      call(CLIENT, 'initialize'),
    ]) {
      const { type, text } = await post(message, accept);
      expect([type, JSON.parse(text)]).toMatchObject(['application/json', { jsonrpc: '2.0', id: 1 }]);
    }
  });

  it('to a batch is a list, also of one', async () => {
    expect(JSON.parse((await post([call({}, 'ping')])).text)).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
  });

  it('with progress is a stream of one message an event, on one line for every parser', async () => {
    const { type, text } = await post(PROGRESS);
    expect(type).toBe('text/event-stream');
    // As Python's splitlines and the strictest hand-written parsers do it.
    const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
    expect(
      lines.filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice(6)) as unknown),
    ).toMatchObject([
      { method: 'notifications/progress', params: { message: SEPARATORS } },
      { id: 1, result: { content: [{ text: SEPARATORS }] } },
    ]);
    expect(lines.every((line) => line === '' || line === 'event: message' || line.startsWith('data: '))).toBe(true);
  });

  it.each(['application/json', 'application/json, text/event-stream;q=0'])(
    'is plain JSON without its progress for a client that takes no stream: %s',
    async (accept) => {
      const { type, text } = await post(PROGRESS, accept);
      expect([type, JSON.parse(text)]).toMatchObject(['application/json', { id: 1, result: {} }]);
    },
  );
});

describe('a streamed answer', () => {
  const encoder = new TextEncoder();
  const stream = (source: ConstructorParameters<typeof ReadableStream<Uint8Array>>[0]) =>
    new Response(new ReadableStream(source), { headers: { 'content-type': 'text/event-stream' } });
  const asked = { accept: null, isBatch: false };

  it('is read however its bytes are cut, and what only keeps it open is left out', async () => {
    const bytes = encoder.encode(': keepalive\n\nid: 1\ndata: \n\nevent: message\ndata: {"id":1,"result":"é"}\n\n');
    const response = stream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await (await plainResponse(response, asked)).json()).toEqual({ id: 1, result: 'é' });
  });

  it('ends at its source when the client goes', async () => {
    let cancelled: unknown;
    const response = stream({
      start: (controller) => controller.enqueue(encoder.encode('data: {"method":"notifications/progress"}\n\n')),
      cancel: (reason) => void (cancelled = reason),
    });
    const body = (await plainResponse(response, asked)).body;
    const reader = body?.getReader();
    await reader?.read();
    await reader?.cancel('gone');
    expect(cancelled).toBe('gone');
  });
});
