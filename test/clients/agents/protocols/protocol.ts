/** What the fake model needs of a model service's protocol. */
import type { ServerResponse } from 'node:http';

/** A tool as the client offers it to the model. */
export interface NamedTool {
  readonly name: string;
  /** Where the protocol groups tools, the group's name. */
  readonly namespace?: string;
}

/** What one request shows the model. */
export interface Conversation {
  readonly tools: readonly NamedTool[];
  /** The text of every tool result so far. */
  readonly results: readonly string[];
  /** The whole request, to look for words in. */
  readonly whole: string;
}

export type Reply =
  | { readonly text: string }
  | { readonly tool: NamedTool; readonly args: Readonly<Record<string, unknown>>; readonly id: string };

export interface ModelRequest {
  readonly path: string;
  readonly body: unknown;
  readonly response: ServerResponse;
}

export interface ModelProtocol {
  /** The paths that are its. */
  readonly serves: RegExp;
  readonly read: (body: unknown) => Conversation;
  readonly reply: (request: ModelRequest, reply: Reply) => void;
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Server-sent events; each is named after its `type` where it has one. */
export function sendEvents(response: ServerResponse, events: readonly Readonly<Record<string, unknown>>[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const event of events) {
    if (typeof event['type'] === 'string') response.write(`event: ${event['type']}\n`);
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}

/** The text of a content that is a text, or a list of parts of which some have a `text`. */
export function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return JSON.stringify(content ?? '');
  return (content as readonly { text?: unknown }[])
    .map((part) => (typeof part.text === 'string' ? part.text : ''))
    .join('\n');
}
