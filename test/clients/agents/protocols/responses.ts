/** OpenAI's Responses API, as Codex and the libraries speak it. */
import { sendEvents, sendJson, textOfContent, type ModelProtocol, type NamedTool, type Reply } from './protocol.ts';

interface OfferedTool {
  readonly type: string;
  readonly name?: string;
  readonly tools?: readonly OfferedTool[];
}

interface ResponsesRequest {
  readonly stream?: boolean;
  readonly tools?: readonly OfferedTool[];
  readonly input?: string | readonly { readonly type?: string; readonly output?: unknown }[];
}

export const responses: ModelProtocol = {
  serves: /\/responses$/,
  read: (body) => {
    const { tools = [], input = [] } = body as ResponsesRequest;
    const items = typeof input === 'string' ? [] : input;
    return {
      tools: tools.flatMap(namedTools),
      results: items.filter(({ type }) => type === 'function_call_output').map(({ output }) => textOfContent(output)),
      whole: JSON.stringify(body),
    };
  },
  reply: ({ body, response }, reply) => {
    // Ids are new with every reply: libraries keep messages by them.
    const called = responses.read(body).results.length;
    const item = itemOf(reply, called);
    const made = {
      id: `resp_${called}`,
      object: 'response',
      created_at: 0,
      model: 'fake',
      status: 'in_progress',
      output: [] as unknown[],
      tools: [],
      parallel_tool_calls: false,
      tool_choice: 'auto',
      error: null,
      incomplete_details: null,
      instructions: null,
      metadata: {},
      temperature: 1,
      top_p: 1,
    };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const details = { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } };
    const completed = { ...made, status: 'completed', output: [item], usage: { ...usage, ...details } };
    if ((body as ResponsesRequest).stream !== true) return sendJson(response, completed);
    const at = { output_index: 0, item_id: item.id };
    return sendEvents(
      response,
      [
        { type: 'response.created', response: made },
        { type: 'response.output_item.added', output_index: 0, item: { ...item, ...startOf(reply) } },
        ...partsOf(reply).map((part) => ({ ...at, ...part })),
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: completed },
      ].map((event, i) => ({ ...event, sequence_number: i })),
    );
  },
};

function namedTools(tool: OfferedTool): readonly NamedTool[] {
  if (tool.type === 'namespace' && tool.name !== undefined) {
    const namespace = tool.name;
    return (tool.tools ?? []).flatMap(({ name }) => (name === undefined ? [] : [{ name, namespace }]));
  }
  return tool.name === undefined ? [] : [{ name: tool.name }];
}

function itemOf(reply: Reply, called: number) {
  if ('text' in reply) {
    const content = [{ type: 'output_text', text: reply.text, annotations: [] }];
    return { id: `msg_${called}`, type: 'message', role: 'assistant', status: 'completed', content };
  }
  const { tool, args, id } = reply;
  const call = { id: `fc_${id}`, type: 'function_call', call_id: id, status: 'completed' };
  return { ...call, ...tool, arguments: JSON.stringify(args) };
}

function startOf(reply: Reply) {
  return 'text' in reply ? { status: 'in_progress', content: [] } : { status: 'in_progress', arguments: '' };
}

function partsOf(reply: Reply): readonly Readonly<Record<string, unknown>>[] {
  if (!('text' in reply)) {
    const text = JSON.stringify(reply.args);
    return [
      { type: 'response.function_call_arguments.delta', delta: text },
      { type: 'response.function_call_arguments.done', arguments: text },
    ];
  }
  const { text } = reply;
  const part = { type: 'output_text', text, annotations: [] };
  return [
    { type: 'response.content_part.added', content_index: 0, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', content_index: 0, delta: text },
    { type: 'response.output_text.done', content_index: 0, text },
    { type: 'response.content_part.done', content_index: 0, part },
  ];
}
