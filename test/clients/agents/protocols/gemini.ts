/** Gemini's generateContent, as Gemini CLI speaks it. */
import { sendEvents, sendJson, type ModelProtocol, type Reply } from './protocol.ts';

interface Part {
  readonly functionResponse?: { readonly response?: unknown };
}

interface GenerateRequest {
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[];
  readonly contents?: readonly { readonly parts?: readonly Part[] }[];
}

export const gemini: ModelProtocol = {
  serves: /\/models\/[^/]+:(generateContent|streamGenerateContent|countTokens)$/,
  read: (body) => {
    const { tools = [], contents = [] } = body as GenerateRequest;
    const declared = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations);
    const parts = contents.flatMap((content) => content.parts ?? []);
    return {
      tools: declared.map(({ name }) => ({ name })),
      results: parts.flatMap(({ functionResponse }) => (functionResponse ? [textOfResponse(functionResponse)] : [])),
      whole: JSON.stringify(body),
    };
  },
  reply: ({ path, response }, reply) => {
    if (path.endsWith(':countTokens')) return sendJson(response, { totalTokens: 1 });
    const generated = {
      candidates: [{ index: 0, content: { role: 'model', parts: [partOf(reply)] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    };
    return path.endsWith(':generateContent') ? sendJson(response, generated) : sendEvents(response, [generated]);
  },
};

function textOfResponse({ response }: { readonly response?: unknown }): string {
  const { output, error } = Object(response) as { output?: unknown; error?: unknown };
  const text = output ?? error;
  return typeof text === 'string' ? text : JSON.stringify(response);
}

function partOf(reply: Reply) {
  return 'text' in reply ? { text: reply.text } : { functionCall: { name: reply.tool.name, args: reply.args } };
}
