/**
 * A provider tool as a client calls it, by its own name or through `call_tool`: confirm first, then run. A call that
 * lacks its account has not run, so it goes on by itself once the person has connected it, where the client can ask.
 */
import type { CatalogProvider, CatalogTool } from '../../../core/catalog/catalog.ts';
import { callTool, providerOf, type MissingConnection, type ReferencedFault } from '../../../core/call/call-tool.ts';
import { fault } from '../../../core/provider/classify.ts';
import { connectHint } from '../../../core/catalog/connect-hint.ts';
import type { Fault } from '../../../core/errors.ts';
import { toConnectLinkJson } from '../../../core/connect/issue-link.ts';
import { fail, ok } from '../../../core/result.ts';
import type { IssuedConnectLink } from '../../../core/connect/link.ts';
import { askFirst, type Confirmed } from '../ask/confirm.ts';
import {
  replyTo,
  askToConnect,
  issueLinkTo,
  mayAsk,
  questionOf,
  type Question,
  type WantedConnection,
} from '../ask/connect-question.ts';
import type { ToolOutcome } from '../request/outcome.ts';
import type { CallContext } from '../request/call-context.ts';

/** The arguments that are ours and not the tool's. */
export interface CallChoices {
  readonly connection?: string | undefined;
  readonly confirm_token?: string | undefined;
}

export async function callProviderTool(
  context: CallContext,
  tool: CatalogTool,
  args: unknown,
  choices: CallChoices,
): Promise<ToolOutcome> {
  // Clients fill in optional fields with "".
  const connection = choices.connection === '' ? undefined : choices.connection;
  const confirmToken = choices.confirm_token === '' ? undefined : choices.confirm_token;
  const confirmation = await askFirst(context, { tool, args, connection, confirmToken });
  switch (confirmation.kind) {
    case 'ask':
      return confirmation.request;
    case 'answer':
      return ok(confirmation.value);
    case 'refuse':
      return fail(confirmation.fault);
    case 'go':
      return callWithAccount(context, { tool, args, connection }, confirmation.carry);
  }
}

async function callWithAccount(
  context: CallContext,
  request: Parameters<typeof callTool>[2],
  carry: Confirmed,
): Promise<ToolOutcome> {
  const provider = providerOf(context.deps.catalog, request.tool);
  const question = questionOf(context);
  if (question !== undefined && question.provider === provider.key) {
    const waiting = await stillWaiting(context, question, provider, carry);
    if (waiting !== undefined) return waiting;
  }
  const called = await callTool(context.deps, context, request);
  if (called.ok || called.fault.missing === undefined) return called;
  return lacksAccount(context, provider, called.fault, called.fault.missing, carry);
}

/** Undefined when the account is there, so that the call can run. */
async function stillWaiting(
  context: CallContext,
  question: Question,
  provider: CatalogProvider,
  carry: Confirmed,
): Promise<ToolOutcome | undefined> {
  const reply = await replyTo(context, question, provider, carry);
  if (reply.kind === 'connected') return undefined;
  if (reply.kind === 'ask') return reply.request;
  const code = question.version === undefined ? 'not_connected' : 'reconnect_required';
  const hint = connectHint(provider, context.principal.policy, question.connection);
  if (reply.kind === 'declined')
    return fail(
      fault(code, `The user did not connect ${provider.name}. Nothing was done.`, {
        next: `Ask the user whether to go on without it, or connect it: ${hint}`,
      }),
    );
  const because = reply.attempt === undefined ? '' : ` ${reply.attempt.said}`;
  const failure = fault(code, `${provider.name} has not been connected yet. Nothing was done.${because}`, {
    next: `Connect it: ${hint}`,
  });
  const link = reply.link ?? (await linkTo(context, { ...question, provider }));
  return fail(link === undefined ? failure : withLink(failure, link, hint));
}

async function lacksAccount(
  context: CallContext,
  provider: CatalogProvider,
  failure: ReferencedFault,
  missing: MissingConnection,
  carry: Confirmed,
): Promise<ToolOutcome> {
  const canAsk = mayAsk(context);
  // Where nothing was ever connected the hint may be a call without a link, so none is made that nobody asked for.
  if (!canAsk && failure.code === 'not_connected') return fail(failure);
  const wanted = { provider, ...missing };
  const link = await linkTo(context, wanted);
  if (link === undefined) return fail(failure);
  if (canAsk) return askToConnect(context, wanted, link, carry);
  return fail(withLink(failure, link, connectHint(provider, context.principal.policy, missing.connection)));
}

/** Undefined when no link can be made: what the call failed by matters more. */
function linkTo(context: CallContext, wanted: WantedConnection): Promise<IssuedConnectLink | undefined> {
  return issueLinkTo(context, wanted).catch((error: unknown) => {
    context.log.warn('no link to connect', { provider: wanted.provider.key, error });
    return undefined;
  });
}

function withLink<F extends Fault>(
  failure: F,
  link: Pick<IssuedConnectLink, 'url' | 'code' | 'expiresAt'>,
  hint: string,
): F {
  const next = `Ask the user to open connect.url and to type connect.code there, then call again. Or: ${hint}`;
  return { ...failure, next, connect: toConnectLinkJson(link) };
}

/** Takes our own arguments out of a tool's. */
export function splitChoices(args: unknown): { readonly own: CallChoices; readonly rest: Record<string, unknown> } {
  const { connection, confirm_token, ...rest } = Object(args ?? {}) as Record<string, unknown>;
  return { own: { connection: textOf(connection), confirm_token: textOf(confirm_token) }, rest };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
