/**
 * Last step of a call: how it ends, in words. Where an account is missing the person is asked to connect it if the client
 * can ask; else the failure says how. Nothing else says how to connect what a call lacked.
 */
import { isLack, type Lack, type MissingConnection } from '../../../core/call/account.ts';
import { recordCall, type Attempt, type ReferencedFault } from '../../../core/call/record.ts';
import type { CatalogProvider, CatalogTool } from '../../../core/catalog/catalog.ts';
import { connectHint } from '../../../core/catalog/connect-hint.ts';
import { providerOf } from '../../../core/catalog/registry.ts';
import { toConnectLinkJson } from '../../../core/connect/issue-link.ts';
import type { IssuedConnectLink } from '../../../core/connect/link.ts';
import { type Fault, fault } from '../../../core/fault.ts';
import type { JsonObject } from '../../../core/json.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { ClientPolicy } from '../../../core/tenant/client.ts';
import { confirmedBefore, type Confirmed } from '../ask/confirm.ts';
import {
  replyTo,
  askToConnect,
  issueLinkTo,
  mayAsk,
  questionOf,
  type ConnectReply,
  type UsableLink,
  type WantedConnection,
} from '../ask/connect-question.ts';
import type { CallContext } from '../request/call-context.ts';
import type { ToolOutcome } from '../request/outcome.ts';

/** @param carry what a question takes along, so that the person is not asked to confirm again. */
export async function respondToCall(
  context: CallContext,
  attempt: Attempt & { readonly tool: CatalogTool },
  ended: Result<JsonObject, Fault | Lack>,
  carry: Confirmed,
): Promise<ToolOutcome> {
  const { deps, principal } = context;
  if (ended.ok) return recordCall(deps, context, attempt, ended);
  const failure = ended.fault;
  if (!isLack(failure)) return recordCall(deps, context, attempt, fail(failure));
  const provider = providerOf(deps.catalog, attempt.tool);
  const said = await recordCall(deps, context, attempt, fail(lackFault(failure, provider, principal.policy)));
  const { missing } = failure;
  return said.ok || missing === undefined ? said : offerToConnect(context, provider, said.fault, missing, carry);
}

/** What a call says when it has no account to run with. */
export function lackFault(lack: Lack, provider: CatalogProvider, policy: ClientPolicy): Fault {
  const hint = connectHint(provider, policy, lack.missing?.connection);
  switch (lack.code) {
    case 'not_connected':
      return fault(lack.code, `${provider.name} is not connected for this user.`, { next: `Connect it: ${hint}` });
    case 'reconnect_required':
      return {
        ...(lack.refusal ?? fault(lack.code, `${provider.name} no longer accepts the stored credential.`)),
        next: `Ask the user to connect the account again: ${hint}`,
      };
    case 'invalid_input':
      return fault(lack.code, `There is no ${provider.name} connection of that name.`, {
        next: `Use one of: ${lack.names.join(', ')}.`,
      });
  }
}

async function offerToConnect(
  context: CallContext,
  provider: CatalogProvider,
  failure: ReferencedFault,
  missing: MissingConnection,
  carry: Confirmed,
): Promise<ToolOutcome> {
  const wanted = { provider, ...missing };
  const link = await linkTo(context, wanted);
  if (link?.ok === true && mayAsk(context)) return askToConnect(context, wanted, link.value, carry);
  return fail(withLink(context, failure, wanted, link));
}

/**
 * What has become of the question of the round before, where it was one for an account of this provider; undefined when
 * the account is there or nothing was asked, so that the call goes on.
 */
export async function respondToReply(context: CallContext, tool: CatalogTool): Promise<ToolOutcome | undefined> {
  const question = questionOf(context);
  if (question === undefined || question.provider !== tool.provider) return undefined;
  const provider = providerOf(context.deps.catalog, tool);
  const reply = await replyTo(context, question, provider, confirmedBefore(context));
  if (reply.kind === 'connected') return undefined;
  if (reply.kind === 'ask') return reply.request;
  const code = question.version === undefined ? 'not_connected' : 'reconnect_required';
  const { connection, version } = question;
  const hint = connectHint(provider, context.principal.policy, connection);
  if (reply.kind === 'declined')
    return fail(
      fault(code, `The user did not connect ${provider.name}. Nothing was done.`, {
        next: `Ask the user whether to go on without it, or connect it: ${hint}`,
      }),
    );
  const wanted = { provider, connection, version };
  const link = reply.link === undefined ? await linkTo(context, wanted) : ok(reply.link);
  return fail(withLink(context, unsettledFault(context, reply, wanted), wanted, link));
}

/** A client that could not ask is told what one is told that never can. */
function unsettledFault(
  { principal }: CallContext,
  reply: Extract<ConnectReply, { readonly kind: 'open' | 'unasked' }>,
  { provider, connection, version }: { readonly provider: CatalogProvider } & MissingConnection,
): Fault {
  const missing = { connection, version };
  const code = version === undefined ? 'not_connected' : 'reconnect_required';
  const said = lackFault({ code, missing }, provider, principal.policy);
  if (reply.kind === 'unasked') return said;
  const because = reply.attempt === undefined ? '' : ` ${reply.attempt.said}`;
  return { ...said, message: `${provider.name} has not been connected yet. Nothing was done.${because}` };
}

/** Undefined when none can be made for reasons of our own: what the call failed by matters more. */
function linkTo(context: CallContext, wanted: WantedConnection): Promise<Result<IssuedConnectLink, Fault> | undefined> {
  return issueLinkTo(context, wanted).catch((error: unknown) => {
    context.log.warn('no link to connect', { provider: wanted.provider.key, error });
    return undefined;
  });
}

/** The failure with where to connect the account; or with what the administrator has to do first. */
function withLink<F extends Fault>(
  { principal }: CallContext,
  failure: F,
  { provider, connection }: { readonly provider: CatalogProvider; readonly connection: string },
  link: Result<UsableLink, Fault> | undefined,
): F {
  if (link === undefined) return failure;
  if (!link.ok) return { ...failure, message: link.fault.message, next: link.fault.next };
  const hint = connectHint(provider, principal.policy, connection);
  const next = `Ask the user to open connect.url and to type connect.code there, then call again. Once that link has ended: ${hint}`;
  return { ...failure, next, connect: toConnectLinkJson(link.value) };
}
