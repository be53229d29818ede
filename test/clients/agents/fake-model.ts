/**
 * A model service on loopback that follows a script: Anthropic Messages, OpenAI Responses and Gemini generateContent,
 * each streamed or not as the request asks. Invariant: it keeps nothing between requests; how far the script has got is the
 * number of tool results in the conversation that the client sends.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic } from './protocols/anthropic.ts';
import { gemini } from './protocols/gemini.ts';
import type { Conversation, ModelProtocol, NamedTool } from './protocols/protocol.ts';
import { responses } from './protocols/responses.ts';

/** A tool the model calls, by the name that our server gives it. */
export interface ScriptedCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface FakeModel {
  /** Without a path. */
  readonly origin: string;
  /** What each request that offered tools showed the model, in the order of arrival. */
  readonly conversations: readonly Conversation[];
  readonly stop: () => Promise<void>;
}

const PROTOCOLS: readonly ModelProtocol[] = [anthropic, responses, gemini];
/** What the model says when its script is at its end. */
export const LAST_WORDS = 'That is all.';

export async function startFakeModel(script: readonly ScriptedCall[]): Promise<FakeModel> {
  const conversations: Conversation[] = [];
  const server = createServer((message, response) => {
    serve(script, conversations, message, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    conversations,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  script: readonly ScriptedCall[],
  conversations: Conversation[],
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(message.url ?? '/', 'http://model').pathname;
  const protocol = PROTOCOLS.find(({ serves }) => serves.test(path));
  if (message.method !== 'POST' || protocol === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not here"}}');
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  const conversation = protocol.read(body);
  const { tools, results } = conversation;
  if (tools.length > 0) conversations.push(conversation);
  const step = tools.length > 0 ? script[results.length] : undefined;
  const tool = step === undefined ? undefined : offered(tools, step.tool);
  protocol.reply(
    { path, body, response },
    tool === undefined || step === undefined
      ? { text: LAST_WORDS }
      : { tool, args: step.args, id: `call_${results.length + 1}` },
  );
}

/**
 * The tool under the name the client gave it: clients put the server's name before ours. One that is not offered is called
 * all the same, under the name that it would have; nothing when the client offers none of our server's tools.
 */
function offered(tools: readonly NamedTool[], name: string): NamedTool | undefined {
  const found = tools.find((tool) => isNamed(tool, name));
  const sample = tools.find((tool) => isNamed(tool, 'list_connections'));
  if (found !== undefined || sample === undefined) return found;
  return { ...sample, name: sample.name.replace(/list_connections$/, name) };
}

/** Whether it is our tool of this name, whatever the client put before it. */
export function isNamed(tool: NamedTool, name: string): boolean {
  return tool.name === name || (tool.name.endsWith(name) && /[^a-z0-9]$/.test(tool.name.slice(0, -name.length)));
}
