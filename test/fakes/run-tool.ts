/** One tool of a provider by the steps of a call that need no account: arguments parsed, then run. Test code. */
import { runTool, type EngineDeps, type ToolCall } from '../../core/call/engine.ts';
import type * as z from 'zod';
import { parseArguments } from '../../core/call/prepare.ts';
import { toInputSchema } from '../../core/provider/json-schema.ts';

/** @param call with the arguments as a client sends them. */
export async function parseAndRun(
  deps: EngineDeps,
  call: Omit<ToolCall, 'start' | 'args'> & { readonly args: unknown },
): ReturnType<typeof runTool> {
  const parsed = parseArguments(call.tool, toInputSchema(call.tool.input as z.ZodType), call.args);
  return parsed.ok ? runTool(deps, { ...call, ...parsed.value }) : parsed;
}
