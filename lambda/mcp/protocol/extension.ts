/**
 * A place where a build for tests adds surface of its own: the conformance suite's fixtures. The deployed function
 * is built with none.
 */
import type {
  McpServer,
  ServerCapabilities,
  ServerContext,
  CallToolResult,
  InputRequiredResult,
  Prompt,
  GetPromptResult,
} from '@modelcontextprotocol/server';
import type { ToolDefinition } from '../../../core/catalog/catalog.ts';
import type { AskingContext, CallContext } from '../request/call-context.ts';

export interface ToolCallParams {
  readonly name: string;
  readonly arguments?: Record<string, unknown> | undefined;
}

export interface Extension {
  readonly tools: readonly ToolDefinition[];
  readonly prompts: readonly Prompt[];
  readonly capabilities: ServerCapabilities;
  /** Only called with names of its own tools. */
  call(
    context: AskingContext,
    params: ToolCallParams,
    sdkContext: ServerContext,
  ): Promise<CallToolResult | InputRequiredResult>;
  /** Only called with names of its own prompts. */
  prompt(
    context: AskingContext,
    params: ToolCallParams,
    sdkContext: ServerContext,
  ): Promise<GetPromptResult | InputRequiredResult>;
  /** Registers further resources and handlers, before the server connects. */
  attach(mcp: McpServer, context: CallContext): void;
}
