/**
 * A provider tool as a client calls it, by its own name or through `call_tool`: confirm first, then run. A call that
 * lacks its account has not run, so it goes on by itself once the person has connected it, where the client can ask.
 */
import type { CatalogProvider, CatalogTool } from '../core/catalog.ts';
import { callTool, providerOf, type MissingAccount, type ReferencedFault } from '../core/call-tool.ts';
import { fault } from '../core/classify.ts';
import { connectHint } from '../core/connect-hint.ts';
import type { Fault } from '../core/errors.ts';
import { shown } from '../core/invitation.ts';
import { fail, ok } from '../core/result.ts';
import type { IssuedTicket } from '../core/ticket.ts';
import { confirm, type Confirmed } from './confirmation.ts';
import {
  answerTo,
  askToConnect,
  inviteTo,
  mayAsk,
  questionOf,
  type Question,
  type Wanted,
} from './connect-question.ts';
import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';

/** The arguments that are ours and not the tool's. */
export interface CallChoices {
  readonly connection?: string | undefined;
  readonly confirm_token?: string | undefined;
}

export async function callProviderTool(
  session: Session,
  tool: CatalogTool,
  args: unknown,
  choices: CallChoices,
): Promise<Outcome> {
  // Clients fill in optional fields with "".
  const connection = choices.connection === '' ? undefined : choices.connection;
  const confirmToken = choices.confirm_token === '' ? undefined : choices.confirm_token;
  const confirmation = await confirm(session, { tool, args, connection, confirmToken });
  switch (confirmation.kind) {
    case 'ask':
      return confirmation.request;
    case 'answer':
      return ok(confirmation.value);
    case 'refuse':
      return fail(confirmation.fault);
    case 'go':
      return callWithAccount(session, { tool, args, connection }, confirmation.carry);
  }
}

async function callWithAccount(
  session: Session,
  request: Parameters<typeof callTool>[2],
  carry: Confirmed,
): Promise<Outcome> {
  const provider = providerOf(session.deps.catalog, request.tool);
  const question = questionOf(session);
  if (question !== undefined && question.provider === provider.key) {
    const waiting = await stillWaiting(session, question, provider, carry);
    if (waiting !== undefined) return waiting;
  }
  const called = await callTool(session.deps, session, request);
  if (called.ok || called.fault.missing === undefined) return called;
  return lacksAccount(session, provider, called.fault, called.fault.missing, carry);
}

/** Undefined when the account is there, so that the call can run. */
async function stillWaiting(
  session: Session,
  question: Question,
  provider: CatalogProvider,
  carry: Confirmed,
): Promise<Outcome | undefined> {
  const answer = await answerTo(session, question, provider, carry);
  if (answer.kind === 'connected') return undefined;
  if (answer.kind === 'ask') return answer.request;
  const code = question.version === undefined ? 'not_connected' : 'reconnect_required';
  const hint = connectHint(provider, session.principal.policy, question.connection);
  if (answer.kind === 'declined')
    return fail(
      fault(code, `The user did not connect ${provider.name}. Nothing was done.`, {
        next: `Ask the user whether to go on without it, or connect it: ${hint}`,
      }),
    );
  const because = answer.attempt === undefined ? '' : ` ${answer.attempt.said}`;
  const failure = fault(code, `${provider.name} has not been connected yet. Nothing was done.${because}`, {
    next: `Connect it: ${hint}`,
  });
  const ticket = answer.ticket ?? (await linkTo(session, { ...question, provider }));
  return fail(ticket === undefined ? failure : withLink(failure, ticket, hint));
}

async function lacksAccount(
  session: Session,
  provider: CatalogProvider,
  failure: ReferencedFault,
  missing: MissingAccount,
  carry: Confirmed,
): Promise<Outcome> {
  const canAsk = mayAsk(session);
  // Where nothing was ever connected the hint may be a call without a link, so none is made that nobody asked for.
  if (!canAsk && failure.code === 'not_connected') return fail(failure);
  const wanted = { provider, ...missing };
  const ticket = await linkTo(session, wanted);
  if (ticket === undefined) return fail(failure);
  if (canAsk) return askToConnect(session, wanted, ticket, carry);
  return fail(withLink(failure, ticket, connectHint(provider, session.principal.policy, missing.connection)));
}

/** Undefined when no link can be made: what the call failed by matters more. */
function linkTo(session: Session, wanted: Wanted): Promise<IssuedTicket | undefined> {
  return inviteTo(session, wanted).catch((error: unknown) => {
    session.log.warn('no link to connect', { provider: wanted.provider.key, error });
    return undefined;
  });
}

function withLink<F extends Fault>(
  failure: F,
  ticket: Pick<IssuedTicket, 'url' | 'code' | 'expiresAt'>,
  hint: string,
): F {
  const next = `Ask the user to open connect.url and to type connect.code there, then call again. Or: ${hint}`;
  return { ...failure, next, connect: shown(ticket) };
}

/** Takes our own arguments out of a tool's. */
export function splitChoices(args: unknown): { readonly own: CallChoices; readonly rest: Record<string, unknown> } {
  const { connection, confirm_token, ...rest } = Object(args ?? {}) as Record<string, unknown>;
  return { own: { connection: textOf(connection), confirm_token: textOf(confirm_token) }, rest };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
