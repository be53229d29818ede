import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LAST_WORDS, startFakeModel, type FakeModel } from './fake-model.ts';

const SCRIPT = [{ tool: 'list_connections', args: { a: 1 } }];
const NAME = 'mcp__allmcp__list_connections';

let model: FakeModel;
beforeEach(async () => {
  model = await startFakeModel(SCRIPT);
});
afterEach(() => model.stop());

async function ask(path: string, body: object): Promise<string> {
  const response = await fetch(model.origin + path, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.text();
}

const SERVICES = [
  {
    service: 'Anthropic Messages',
    path: '/v1/messages',
    first: { stream: true, tools: [{ name: NAME }], messages: [{ role: 'user', content: 'go' }] },
    later: {
      stream: true,
      tools: [{ name: NAME }],
      messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: 'none' }] }] }],
    },
  },
  {
    service: 'OpenAI Responses',
    path: '/v1/responses',
    first: { stream: true, tools: [{ type: 'function', name: NAME }], input: 'go' },
    later: {
      stream: true,
      tools: [{ type: 'function', name: NAME }],
      input: [{ type: 'function_call_output', output: 'none' }],
    },
  },
  {
    service: 'Gemini generateContent',
    path: '/v1beta/models/x:streamGenerateContent',
    first: { tools: [{ functionDeclarations: [{ name: NAME }] }], contents: [{ parts: [{ text: 'go' }] }] },
    later: {
      tools: [{ functionDeclarations: [{ name: NAME }] }],
      contents: [{ parts: [{ functionResponse: { response: { output: 'none' } } }] }],
    },
  },
];

describe.each(SERVICES)('the fake model as $service', ({ path, first, later }) => {
  it('calls the tool of the script under the name that the client gave it, then ends', async () => {
    const called = await ask(path, first);
    expect(called).toContain(NAME);
    expect(called).not.toContain(LAST_WORDS);
    expect(await ask(path, later)).toContain(LAST_WORDS);
    expect(model.conversations.map(({ results }) => results)).toEqual([[], ['none']]);
  });

  it('streams events, each a JSON object', async () => {
    const events = (await ask(path, first)).split('\n').filter((line) => line.startsWith('data: '));
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) expect(typeof JSON.parse(event.slice('data: '.length))).toBe('object');
  });

  it('has nothing to call where no tool of the server is offered', async () => {
    const { tools: _none, ...bare } = first;
    expect(await ask(path, bare)).toContain(LAST_WORDS);
    expect(model.conversations).toEqual([]);
  });
});
