/** A tool of the endpoint itself: always listed, free of quota. */
import * as z from 'zod';
import type { ToolDefinition } from '../../core/catalog.ts';
import { toInputSchema } from '../../core/json-schema.ts';
import type { Outcome } from '../outcome.ts';
import type { Session } from '../session.ts';

export interface SystemTool<Input> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly readOnly: boolean;
  readonly destructive?: boolean;
  readonly run: (session: Session, args: Input) => Promise<Outcome>;
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
      openWorldHint: false,
    },
  };
}

export const providerKey = z.string().min(1).max(60).describe('provider_key of list_providers, e.g. bitrix24');
export const connectionName = z
  .string()
  .max(40)
  .optional()
  .describe('name of one of several accounts; the first connected one when left out');
