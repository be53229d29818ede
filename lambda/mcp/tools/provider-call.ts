/**
 * One call of a provider's tool, by its own name or through `call_tool`. To follow a call, read this first: five steps,
 * each a function of its own file.
 *
 *     prepare   the tool, raw arguments    -> its function with parsed arguments, or a fault
 *     account   connections                -> the connection, or what is missing
 *     confirm   policy                     -> go on, ask the person, or refuse
 *     run       credential, send, shape    -> the result, or a fault
 *     respond   any of these               -> how the call ends, in words
 *
 * An account whose provider has not answered its last calls is told so before anybody is asked (`core/call/breaker.ts`).
 * A question to the person ends the call for now; the client then makes the same call again, with the reply, and it takes
 * the same steps. So a call that lacks its account has not run, and goes on by itself once that is connected.
 */
import { findAccount } from '../../../core/call/account.ts';
import { restingFault, throughBreaker } from '../../../core/call/breaker.ts';
import { prepareCall } from '../../../core/call/prepare.ts';
import { runCall } from '../../../core/call/run.ts';
import { fail } from '../../../core/result.ts';
import { confirmCall, confirmedBefore, type RequestedCall } from '../ask/confirm.ts';
import type { CallContext } from '../request/call-context.ts';
import type { ToolOutcome } from '../request/outcome.ts';
import { respondToCall, respondToReply } from './respond.ts';

export async function callProviderTool(context: CallContext, call: RequestedCall): Promise<ToolOutcome> {
  const { deps, principal } = context;
  // Only where the round before asked the person to connect: how did that go?
  const unsettled = await respondToReply(context, call.tool);
  if (unsettled !== undefined) return unsettled;
  const attempt = { tool: call.tool, started: deps.clock() };

  const prepared = await prepareCall(deps, call);
  if (!prepared.ok) return respondToCall(context, attempt, prepared, {});

  const account = await findAccount(deps.connections, principal.tenant, call.tool.provider, call.connection);
  if (!account.ok) return respondToCall(context, attempt, account, confirmedBefore(context));

  const { args, provider } = prepared.value;
  const resting = restingFault(account.value, provider.name, deps.clock());
  if (resting !== undefined) return respondToCall(context, attempt, fail(resting), confirmedBefore(context));

  const confirmation = await confirmCall(context, { ...call, args });
  if ('outcome' in confirmation) return confirmation.outcome;

  const guarded = { tenant: principal.tenant, connection: account.value, provider: provider.name, log: context.log };
  const ran = await throughBreaker(deps, guarded, (through) =>
    runCall(through, context, prepared.value, account.value),
  );
  return respondToCall(context, attempt, ran, confirmation.carry);
}
