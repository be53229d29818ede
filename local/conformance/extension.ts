/** The conformance suite's fixtures as one extension of the MCP app. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Extension, ToolCallParams } from '../../lambda/mcp/protocol/extension.ts';
import { PLAIN_PROMPTS } from './prompts.ts';
import { ASKING_PROMPTS, ASKING_TOOLS } from './questions.ts';
import { serveResources } from './resources.ts';
import { PLAIN_TOOLS } from './tools.ts';

const TOOLS = new Map([...PLAIN_TOOLS, ...ASKING_TOOLS]);
const PROMPTS = new Map([...PLAIN_PROMPTS, ...ASKING_PROMPTS]);

export const conformance: Extension = {
  tools: [...TOOLS.values()].map(({ definition }) => definition),
  prompts: [...PROMPTS.values()].map(({ definition }) => definition),
  capabilities: { logging: {}, resources: { subscribe: true, listChanged: false } },
  call: async ({ roundTrip }, params, context) =>
    found(TOOLS, params).run({ args: params.arguments ?? {}, roundTrip, context }),
  prompt: async ({ roundTrip }, params, context) =>
    found(PROMPTS, params).run({ args: params.arguments ?? {}, roundTrip, context }),
  attach: serveResources,
};

function found<T>(fixtures: ReadonlyMap<string, T>, { name }: ToolCallParams): T {
  const fixture = fixtures.get(name);
  if (fixture === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no such fixture.');
  return fixture;
}
