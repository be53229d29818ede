/** `tools/call`: to a system tool or to a provider's. Never throws, but for a name that does not exist. */
import { ProtocolErrorCode, type CallToolResult, type InputRequiredResult } from '@modelcontextprotocol/server';
import { wrongArguments } from '../../../core/call/prepare.ts';
import { noteFailure, recordCall, type ReferencedFault } from '../../../core/call/record.ts';
import { takeArguments } from '../../../core/call/take-arguments.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { findTool } from '../../../core/catalog/find.ts';
import { toolNamed } from '../../../core/catalog/registry.ts';
import { observeTransport } from '../../../core/egress/observe.ts';
import { fault, type Fault } from '../../../core/fault.ts';
import type { JsonObject } from '../../../core/json.ts';
import { fail, type Result } from '../../../core/result.ts';
import { outageCause, outageFault, Unavailable } from '../../../core/unavailable.ts';
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

async function run(asked: CallContext, name: string, args: unknown): Promise<CallToolResult | InputRequiredResult> {
  const { transport, last } = observeTransport(asked.deps.transport);
  const context = { ...asked, deps: { ...asked.deps, transport }, lastResponse: last };
  const { deps, log } = context;
  const { tool, call } = callNamed(context, name, args);
  const started = deps.clock();
  try {
    const outcome = await call();
    if (isQuestion(outcome)) return outcome;
    return toToolResult(recorded(outcome) ?? (await recordCall(deps, context, { tool, started }, outcome)));
  } catch (error) {
    // The text of the error stays in here.
    const reference = deps.newId();
    const isOutage = error instanceof Unavailable;
    const failure = isOutage ? outageFault(error) : fault('internal', 'Something went wrong here; it has been logged.');
    const cause = isOutage ? outageCause(error) : last();
    log.error('tool call failed', { tool: tool.name, outcome: failure.code, reference, cause, error });
    const at = new Date(deps.clock()).toISOString();
    await noteFailure(deps, context, {
      reference,
      tool: tool.name,
      provider: tool.provider,
      code: failure.code,
      at,
      cause,
    });
    return toToolResult(fail({ ...failure, reference }));
  }
}

/** Undefined for a failure that no step has given a reference yet. */
function recorded(
  outcome: Result<JsonObject, Fault | ReferencedFault>,
): Result<JsonObject, ReferencedFault> | undefined {
  if (outcome.ok) return outcome;
  return 'reference' in outcome.fault ? fail(outcome.fault) : undefined;
}

interface NamedCall {
  readonly tool: { readonly name: string; readonly provider?: string };
  readonly call: () => Promise<ToolOutcome>;
}

function callNamed(context: CallContext, name: string, args: unknown): NamedCall {
  const system = SYSTEM.get(name);
  if (system !== undefined) return { tool: { name }, call: () => runSystemTool(context, system, args) };
  const tool = findTool(context.deps.catalog, name);
  if (!tool.ok) throw new UnknownTool(ProtocolErrorCode.InvalidParams, `${tool.fault.message} ${tool.fault.next}`);
  return { tool: tool.value, call: () => callProviderTool(context, namedCall(tool.value, args)) };
}

async function runSystemTool(context: CallContext, tool: AnySystemTool, args: unknown): Promise<ToolOutcome> {
  const { deps, log } = context;
  const started = deps.clock();
  const schema = deps.systemTools.find(({ name }) => name === tool.name)?.inputSchema ?? {};
  const parsed = tool.input.safeParse(takeArguments(schema, args));
  if (!parsed.success) return fail(wrongArguments(tool.name, parsed.error, schema));
  const outcome = await tool.run(context, parsed.data);
  // A failure that is not recorded yet gets its one line where it gets its reference.
  if (!isQuestion(outcome) && recorded(outcome) === undefined) return outcome;
  const ended = isQuestion(outcome) ? 'input_required' : outcome.ok ? 'ok' : outcome.fault.code;
  log.info('system tool call', { tool: tool.name, outcome: ended, ms: deps.clock() - started });
  return outcome;
}
