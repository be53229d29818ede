/**
 * A tool of the endpoint itself: always listed, free of quota. Every byte here is loaded by every client at first
 * contact, so bounds of texts are checked but not listed.
 */
import * as z from 'zod';
import type { ToolDefinition } from '../../../core/catalog/catalog.ts';
import { toInputSchema } from '../../../core/provider/json-schema.ts';
import type { ToolOutcome } from '../request/outcome.ts';
import type { CallContext } from '../request/call-context.ts';

export interface SystemTool<Input> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly readOnly: boolean;
  readonly destructive?: boolean;
  /** It reaches a provider. */
  readonly openWorld?: boolean;
  /** Characters its result may have, where that is more than a client takes by itself. */
  readonly maxResultChars?: number;
  readonly run: (context: CallContext, args: Input) => Promise<ToolOutcome>;
}

export type AnySystemTool = SystemTool<unknown>;

export function defineSystemTool<Input>(tool: SystemTool<Input>): AnySystemTool {
  return tool as unknown as AnySystemTool;
}

/** For the build: what `tools/list` serves. */
export function systemDefinition(tool: AnySystemTool): ToolDefinition {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: toInputSchema(tool.input),
    annotations: {
      readOnlyHint: tool.readOnly,
      destructiveHint: tool.destructive === true,
      idempotentHint: tool.readOnly,
      openWorldHint: tool.openWorld === true,
    },
    // Clients that load tools on demand keep these: they are the way to all others.
    _meta: {
      'anthropic/alwaysLoad': true,
      ...(tool.maxResultChars === undefined ? {} : { 'anthropic/maxResultSizeChars': tool.maxResultChars }),
    },
  };
}

/** A text of 1 to `most` characters. */
export function boundedText(most: number) {
  const isInRange = ({ length }: string): boolean => length >= 1 && length <= most;
  return z.string().refine(isInRange, `must have 1 to ${most} characters`);
}

export const providerKey = boundedText(60).describe('Provider key');
export const connectionName = boundedText(40).optional().describe('which account, if several');
