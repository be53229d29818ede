/** What a fixture of the conformance suite is. Names and texts are the suite's: it looks for exactly these. */
import type {
  CallToolResult,
  GetPromptResult,
  InputRequiredResult,
  Prompt,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { ToolDefinition } from '../../core/catalog/catalog.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RoundTrip } from '../../lambda/mcp/request/round-trip.ts';

export interface Call {
  readonly args: Readonly<Record<string, unknown>>;
  readonly roundTrip: RoundTrip;
  readonly context: ServerContext;
}

export interface ToolFixture {
  readonly definition: ToolDefinition;
  readonly run: (call: Call) => Promise<CallToolResult | InputRequiredResult>;
}

export interface PromptFixture {
  readonly definition: Prompt;
  readonly run: (call: Call) => Promise<GetPromptResult | InputRequiredResult>;
}

const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {}, additionalProperties: false };

export function tool(
  name: string,
  run: ToolFixture['run'],
  inputSchema: JsonObject = NO_ARGUMENTS,
): readonly [string, ToolFixture] {
  const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
  const description = `Fixture ${name} of the MCP conformance suite.`;
  return [name, { definition: { name, title: name, description, inputSchema, annotations }, run }];
}

export function prompt(
  name: string,
  run: PromptFixture['run'],
  ...names: readonly string[]
): readonly [string, PromptFixture] {
  const description = `Fixture ${name} of the MCP conformance suite.`;
  const args = names.map((argument) => ({ name: argument, description: argument, required: true }));
  return [name, { definition: { name, title: name, description, arguments: args }, run }];
}

export function text(value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] };
}
