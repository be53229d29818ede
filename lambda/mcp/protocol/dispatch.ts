/** `tools/call`: to a system tool or to a provider's. Never throws, but for a name that does not exist. */
import {
  isInputRequiredResult,
  ProtocolErrorCode,
  type CallToolResult,
  type InputRequiredResult,
} from '@modelcontextprotocol/server';
import { fault } from '../../../core/fault.ts';
import { describeIssues } from '../../../core/call/prepare.ts';
import { findTool } from '../../../core/catalog/find.ts';
import { regardless } from '../../../core/log.ts';
import { fail } from '../../../core/result.ts';
import { outageFault, Unavailable } from '../../../core/unavailable.ts';
import { isQuestion, type ToolOutcome } from '../request/outcome.ts';
import { callProviderTool } from '../tools/provider-call.ts';
import { namedCall } from '../tools/requested-call.ts';
import type { CallContext } from '../request/call-context.ts';
import { SYSTEM_TOOLS } from '../tools/index.ts';
import type { AnySystemTool } from '../tools/system-tool.ts';
import { UnknownTool } from './rpc-error.ts';
import { toToolResult } from './tool-result.ts';

const CALL_TOOL = 'call_tool';
const SYSTEM = new Map(SYSTEM_TOOLS.map((tool) => [tool.name, tool]));

export function isSystemTool(name: unknown): boolean {
  return typeof name === 'string' && SYSTEM.has(name);
}

/** Whether a call of this name counts against the monthly limit. */
export function isProviderCall(name: unknown): boolean {
  return name === CALL_TOOL || !isSystemTool(name);
}

/** A call is counted when it comes in; a question to the person is given back, because the same call will come again. */
export async function dispatch(
  context: CallContext,
  name: string,
  args: unknown,
): Promise<CallToolResult | InputRequiredResult> {
  const result = await run(context, name, args);
  const { deps, principal, log } = context;
  if (isProviderCall(name) && isInputRequiredResult(result))
    await regardless(log, 'call not given back', () => deps.keyLimiter.giveBack(principal));
  return result;
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
  if (!tool.ok) throw new UnknownTool(ProtocolErrorCode.InvalidParams, `${tool.fault.message} ${tool.fault.next}`);
  return () => callProviderTool(context, namedCall(tool.value, args));
}

async function runSystemTool(context: CallContext, tool: AnySystemTool, args: unknown): Promise<ToolOutcome> {
  const { deps, log } = context;
  const started = deps.clock();
  const parsed = tool.input.safeParse(args ?? {});
  const outcome = parsed.success
    ? await tool.run(context, parsed.data)
    : fail(fault('invalid_input', `The arguments of ${tool.name} are wrong. ${describeIssues(parsed.error)}`));
  const ended = isQuestion(outcome) ? 'input_required' : outcome.ok ? 'ok' : outcome.fault.code;
  log.info('system tool call', { tool: tool.name, outcome: ended, ms: deps.clock() - started });
  return outcome;
}
