/** Anthropic's Messages API, as Claude Code speaks it. */
import { sendEvents, sendJson, textOfContent, type ModelProtocol, type Reply } from './protocol.ts';

interface MessagesRequest {
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name: string }[];
  readonly messages?: readonly { readonly content: string | readonly { type: string; content?: unknown }[] }[];
}

export const anthropic: ModelProtocol = {
  serves: /\/v1\/messages(\/count_tokens)?$/,
  read: (body) => {
    const { tools = [], messages = [] } = body as MessagesRequest;
    const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
    const results = blocks.filter(({ type }) => type === 'tool_result').map(({ content }) => textOfContent(content));
    return { tools: tools.map(({ name }) => ({ name })), results, whole: JSON.stringify(body) };
  },
  reply: ({ path, body, response }, reply) => {
    if (path.endsWith('count_tokens')) return sendJson(response, { input_tokens: 1 });
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'fake',
      content: [] as unknown[],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    const stop = { stop_reason: 'text' in reply ? 'end_turn' : 'tool_use', stop_sequence: null };
    if ((body as MessagesRequest).stream !== true) {
      return sendJson(response, { ...message, content: [blockOf(reply)], ...stop });
    }
    return sendEvents(response, [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: startOf(reply) },
      { type: 'content_block_delta', index: 0, delta: deltaOf(reply) },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: stop, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ]);
  },
};

function blockOf(reply: Reply) {
  if ('text' in reply) return { type: 'text', text: reply.text };
  return { type: 'tool_use', id: `toolu_${reply.id}`, name: reply.tool.name, input: reply.args };
}

function startOf(reply: Reply) {
  return 'text' in reply ? { type: 'text', text: '' } : { ...blockOf(reply), input: {} };
}

function deltaOf(reply: Reply) {
  if ('text' in reply) return { type: 'text_delta', text: reply.text };
  return { type: 'input_json_delta', partial_json: JSON.stringify(reply.args) };
}
