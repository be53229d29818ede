/** `tools/call`: to a system tool or to a provider's. Never throws, but for a name that does not exist. */
import {
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type InputRequiredResult,
} from '@modelcontextprotocol/server';
import { fault } from '../../../core/fault.ts';
import { wrongArguments } from '../../../core/call/prepare.ts';
import { takeArguments } from '../../../core/call/take-arguments.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { findTool } from '../../../core/catalog/find.ts';
import { toolNamed } from '../../../core/catalog/registry.ts';
import { fail } from '../../../core/result.ts';
import { outageFault, Unavailable } from '../../../core/unavailable.ts';
import { isQuestion, type ToolOutcome } from '../request/outcome.ts';
import { callProviderTool } from '../tools/provider-call.ts';
import { namedCall } from '../tools/requested-call.ts';
import type { CallContext } from '../request/call-context.ts';
import { SYSTEM_TOOLS } from '../tools/index.ts';
import type { AnySystemTool } from '../tools/system-tool.ts';
import { toToolResult } from './tool-result.ts';

const CALL_TOOL = 'call_tool';
const SYSTEM = new Map(SYSTEM_TOOLS.map((tool) => [tool.name, tool]));

/** Whether a call of this name runs a provider's tool: by its own name, or by the system tool that runs any. */
export function isProviderTool(catalog: Catalog, name: string): boolean {
  return name === CALL_TOOL || toolNamed(catalog, name) !== undefined;
}

/** A provider's tool counts against the month from the moment at which its request is sent. */
export async function dispatch(
  context: CallContext,
  name: string,
  args: unknown,
): Promise<CallToolResult | InputRequiredResult> {
  return run(isProviderTool(context.deps.catalog, name) ? context.monthCalls.counted(context) : context, name, args);
}

async function run(context: CallContext, name: string, args: unknown): Promise<CallToolResult | InputRequiredResult> {
  const { deps, log } = context;
  const call = callNamed(context, name, args);
  try {
    const outcome = await call();
    if (isQuestion(outcome)) return outcome;
    if (outcome.ok) return toToolResult(outcome);
    return toToolResult(fail({ reference: deps.newId(), ...outcome.fault }));
  } catch (error) {
    // The text of the error stays in here.
    const reference = deps.newId();
    const failure =
      error instanceof Unavailable
        ? outageFault(error)
        : fault('internal', 'Something went wrong here; it has been logged.');
    const tool = SYSTEM.has(name) ? name : 'provider tool';
    log.error('tool call failed', { tool, outcome: failure.code, reference, error });
    return toToolResult(fail({ ...failure, reference }));
  }
}

function callNamed(context: CallContext, name: string, args: unknown): () => Promise<ToolOutcome> {
  const system = SYSTEM.get(name);
  if (system !== undefined) return () => runSystemTool(context, system, args);
  const tool = findTool(context.deps.catalog, name);
  if (!tool.ok) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${tool.fault.message} ${tool.fault.next}`);
  return () => callProviderTool(context, namedCall(tool.value, args));
}

async function runSystemTool(context: CallContext, tool: AnySystemTool, args: unknown): Promise<ToolOutcome> {
  const { deps, log } = context;
  const started = deps.clock();
  const schema = deps.systemTools.find(({ name }) => name === tool.name)?.inputSchema ?? {};
  const parsed = tool.input.safeParse(takeArguments(schema, args));
  const outcome = parsed.success
    ? await tool.run(context, parsed.data)
    : fail(wrongArguments(tool.name, parsed.error, schema));
  const ended = isQuestion(outcome) ? 'input_required' : outcome.ok ? 'ok' : outcome.fault.code;
  log.info('system tool call', { tool: tool.name, outcome: ended, ms: deps.clock() - started });
  return outcome;
}
