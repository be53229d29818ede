/** The fixtures ask through the product's own round trip: its sealed state, its refusals. */
import { describe, expect, it } from '@jest/globals';
import { conformance } from './fixtures/extension.ts';
import { principalOf } from '../fakes/principal.ts';
import { endpoint } from '../lambda/mcp/endpoint.ts';
import { modernRequest } from '../lambda/mcp/modern-request.ts';

const CAPABILITIES = { elicitation: {}, sampling: {}, roots: {} };
const NAME = 'test_input_required_result_tampered_state';
const inputResponses = { confirm: { action: 'accept', content: { ok: true } } };

const refused = { messages: [{ id: 1, error: { code: -32602, data: { reason: 'invalid_request_state' } } }] };

function gateway() {
  return endpoint({ transport: () => Promise.reject(new Error('unused')), extensions: [conformance] });
}

async function ask(fetch: ReturnType<typeof gateway>['fetch'], params: object) {
  return modernRequest(fetch, 'tools/call', { name: NAME, arguments: {}, ...params }, CAPABILITIES);
}

async function stateOf(fetch: ReturnType<typeof gateway>['fetch']): Promise<string> {
  const { messages } = await ask(fetch, {});
  const [{ result }] = messages as [{ result: { resultType: string; requestState: string } }];
  expect(result.resultType).toBe('input_required');
  return result.requestState;
}

describe('the state of a question', () => {
  it('comes back to the same user, tool and arguments', async () => {
    const { fetch } = gateway();
    const requestState = await stateOf(fetch);
    expect(await ask(fetch, { inputResponses, requestState })).toMatchObject({
      status: 200,
      messages: [{ result: { content: [{ text: 'state-ok' }] } }],
    });
  });

  it('is refused when one character of it has changed, wherever it is', async () => {
    const { fetch } = gateway();
    const requestState = await stateOf(fetch);
    for (const at of [0, Math.floor(requestState.length / 2), requestState.length - 8]) {
      const other = requestState[at] === 'A' ? 'B' : 'A';
      const changed = requestState.slice(0, at) + other + requestState.slice(at + 1);
      expect(await ask(fetch, { inputResponses, requestState: changed })).toMatchObject(refused);
    }
    expect(await ask(fetch, { inputResponses, requestState: `${requestState}-TAMPERED` })).toMatchObject(refused);
  });

  it('is refused for another user, another tool, other arguments and another method', async () => {
    const { fetch, fetchAs } = gateway();
    const requestState = await stateOf(fetch);
    const stranger = fetchAs(principalOf({ user: 'someone else' }));
    expect(await ask(stranger, { inputResponses, requestState })).toMatchObject(refused);
    const otherTool = { name: 'test_input_required_result_request_state', inputResponses, requestState };
    expect(await ask(fetch, otherTool)).toMatchObject(refused);
    expect(await ask(fetch, { arguments: { a: 1 }, inputResponses, requestState })).toMatchObject(refused);
    const prompt = { name: 'test_simple_prompt', inputResponses, requestState };
    expect(await modernRequest(fetch, 'prompts/get', prompt, CAPABILITIES)).toMatchObject(refused);
  });

  it('is refused by the prompts of the product as well, which ask nothing', async () => {
    const { fetch } = gateway();
    const requestState = await stateOf(fetch);
    const connect = { name: 'connect', arguments: {} };
    expect(await modernRequest(fetch, 'prompts/get', { ...connect, requestState })).toMatchObject(refused);
    expect(await modernRequest(fetch, 'prompts/get', connect)).toMatchObject({ status: 200 });
  });
});

describe('a question that the client cannot answer', () => {
  it('is refused with the capability that is missing', async () => {
    const call = { name: 'test_missing_capability', arguments: {} };
    expect(await modernRequest(gateway().fetch, 'tools/call', call)).toMatchObject({
      status: 400,
      messages: [{ error: { code: -32021, data: { requiredCapabilities: { sampling: {} } } } }],
    });
  });
});

describe('without the extension', () => {
  it('there is no fixture', async () => {
    const { fetch } = endpoint({ transport: () => Promise.reject(new Error('unused')) });
    expect(await ask(fetch, {})).toMatchObject({ messages: [{ error: { code: -32602 } }] });
  });
});
