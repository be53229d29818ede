/**
 * Asks before a call that policy wants confirmed: by a form where the client can show one, else by a token that is
 * good for exactly this call. Either way the person's yes is bound to the tool, the arguments and the account.
 */
import { inputRequired, inputResponse, type InputRequiredResult } from '@modelcontextprotocol/server';
import type { CatalogTool } from '../../../core/catalog/catalog.ts';
import { fault } from '../../../core/provider/classify.ts';
import { asksFirst, confirmationPurpose, confirmationQuestion } from '../../../core/call/confirm.ts';
import type { Fault } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import { STATE_TTL_MS } from '../../../core/vault/sealed-state.ts';
import type { CallContext } from '../request/call-context.ts';

export interface ConfirmableCall {
  readonly tool: CatalogTool;
  readonly args: unknown;
  readonly connection: string | undefined;
  readonly confirmToken: string | undefined;
}

/** What further questions of the same call take along, so that the person is not asked to confirm again. */
export interface Confirmed {
  readonly confirmed?: { readonly purpose: string; readonly until: number };
}

export type Confirmation =
  | { readonly kind: 'go'; readonly carry: Confirmed }
  | { readonly kind: 'ask'; readonly request: InputRequiredResult }
  | { readonly kind: 'answer'; readonly value: JsonObject }
  | { readonly kind: 'refuse'; readonly fault: Fault };

const GO: Confirmation = { kind: 'go', carry: {} };
const CONFIRM = 'confirm';

export async function askFirst(context: CallContext, call: ConfirmableCall): Promise<Confirmation> {
  const { principal, deps, roundTrip } = context;
  if (!asksFirst(principal.confirm, call.tool)) return GO;
  const purpose = confirmationPurpose(call.tool.name, call.args, call.connection);
  if (call.confirmToken !== undefined) return checkToken(context, purpose, call.confirmToken);
  const given = (Object(roundTrip?.state) as Confirmed).confirmed;
  if (given?.purpose === purpose && given.until > deps.clock()) return { kind: 'go', carry: { confirmed: given } };
  const message = confirmationQuestion(call.tool);
  if (roundTrip?.canAskByForm !== true) {
    return {
      kind: 'answer',
      value: {
        status: 'confirmation_required',
        message,
        confirm_token: await deps.states.seal(principal.tenant, purpose, {}),
        expires_at: new Date(deps.clock() + STATE_TTL_MS).toISOString(),
        next: 'Ask the user. If they agree, call again with the same arguments and confirm_token.',
      },
    };
  }
  const reply = inputResponse(roundTrip.responses, CONFIRM);
  const asked = (Object(roundTrip.state) as { asked?: unknown }).asked === purpose;
  if (reply.kind === 'missing' || !asked) {
    const form = inputRequired.elicit({ message, requestedSchema: { type: 'object', properties: {} } });
    return { kind: 'ask', request: await roundTrip.ask({ [CONFIRM]: form }, { asked: purpose }) };
  }
  if (reply.kind === 'elicit' && reply.action === 'accept')
    return { kind: 'go', carry: { confirmed: { purpose, until: deps.clock() + STATE_TTL_MS } } };
  return { kind: 'answer', value: { status: 'declined', message: 'The user did not confirm. Nothing was done.' } };
}

async function checkToken({ deps, principal }: CallContext, purpose: string, token: string): Promise<Confirmation> {
  const opened = await deps.states.open(principal.tenant, purpose, token);
  if (opened !== undefined) return GO;
  return {
    kind: 'refuse',
    fault: fault('invalid_input', 'This confirm_token is not good for this call, or is too old.', {
      next: 'Call without confirm_token to get a new one, and ask the user again.',
    }),
  };
}
