/**
 * Third step of a call: asks before a call that policy wants confirmed, by a form where the client can show one, else by
 * a token that is good for exactly this call. Either way the person's yes is bound to the tool, the arguments and the account.
 */
import { inputRequired, inputResponse } from '@modelcontextprotocol/server';
import type { CatalogTool } from '../../../core/catalog/catalog.ts';
import { fault } from '../../../core/fault.ts';
import { asksFirst, confirmationPurpose, confirmationQuestion } from '../../../core/call/confirmation.ts';
import { fail, ok } from '../../../core/result.ts';
import { STATE_TTL_MS } from '../../../core/vault/sealed-state.ts';
import type { CallContext } from '../request/call-context.ts';
import type { ToolOutcome } from '../request/outcome.ts';
import { roundsOf } from './connect-question.ts';

/** A provider's tool as a client asks for it. */
export interface RequestedCall {
  readonly tool: CatalogTool;
  /** The tool's own arguments, as they came. */
  readonly args: unknown;
  /** Which account; the default one when left out. */
  readonly connection: string | undefined;
  readonly confirmToken: string | undefined;
}

/** What further questions of the same call take along, so that the person is not asked to confirm again. */
export interface Confirmed {
  readonly confirmed?: { readonly purpose: string; readonly until: number };
}

/** Go on, taking this along; or how the call ends for now. */
export type Confirmation = { readonly carry: Confirmed } | { readonly outcome: ToolOutcome };

const GO: Confirmation = { carry: {} };
const CONFIRM = 'confirm';

/** @param call with parsed arguments: a confirmation is good for what they mean, however they were written. */
export async function confirmCall(context: CallContext, call: RequestedCall): Promise<Confirmation> {
  const { principal, deps } = context;
  if (!asksFirst(principal.confirm, call.tool)) return GO;
  const purpose = confirmationPurpose(call.tool.name, call.args, call.connection);
  if (call.confirmToken !== undefined) return checkToken(context, purpose, call.confirmToken);
  const before = confirmedBefore(context);
  if (before.confirmed?.purpose === purpose && before.confirmed.until > deps.clock()) return { carry: before };
  return (await byForm(context, call.tool, purpose)) ?? { outcome: await byToken(context, call.tool, purpose) };
}

/** Undefined where the client cannot show a form, or could not after all: only "decline" is a No. */
async function byForm(context: CallContext, tool: CatalogTool, purpose: string): Promise<Confirmation | undefined> {
  const { deps, roundTrip } = context;
  if (roundTrip?.canAskByForm !== true) return undefined;
  const reply = inputResponse(roundTrip.responses, CONFIRM);
  const asked = (Object(roundTrip.state) as { asked?: unknown }).asked === purpose;
  if (reply.kind === 'missing' || !asked) {
    const message = confirmationQuestion(tool);
    const form = inputRequired.elicit({ message, requestedSchema: { type: 'object', properties: {} } });
    return { outcome: await roundTrip.ask({ [CONFIRM]: form }, { asked: purpose, rounds: roundsOf(context) }) };
  }
  // Clients without a person answer "cancel" by themselves.
  if (reply.kind === 'elicit' && reply.action === 'cancel') return undefined;
  if (reply.kind === 'elicit' && reply.action === 'accept')
    return { carry: { confirmed: { purpose, until: deps.clock() + STATE_TTL_MS } } };
  return { outcome: ok({ status: 'declined', message: 'The user did not confirm. Nothing was done.' }) };
}

async function byToken({ deps, principal }: CallContext, tool: CatalogTool, purpose: string): Promise<ToolOutcome> {
  return ok({
    status: 'confirmation_required',
    message: confirmationQuestion(tool),
    confirm_token: await deps.states.seal(principal.tenant, purpose, {}),
    expires_at: new Date(deps.clock() + STATE_TTL_MS).toISOString(),
    next: 'Ask the user. If they agree, call again with the same arguments and confirm_token.',
  });
}

/** What an earlier round of this call took along. */
export function confirmedBefore({ roundTrip }: CallContext): Confirmed {
  const { confirmed } = Object(roundTrip?.state) as Confirmed;
  return confirmed === undefined ? {} : { confirmed };
}

async function checkToken({ deps, principal }: CallContext, purpose: string, token: string): Promise<Confirmation> {
  const opened = await deps.states.open(principal.tenant, purpose, token);
  if (opened !== undefined) return GO;
  return {
    outcome: fail(
      fault('invalid_input', 'This confirm_token is not good for this call, or is too old.', {
        next: 'Call without confirm_token to get a new one, and ask the user again.',
      }),
    ),
  };
}
