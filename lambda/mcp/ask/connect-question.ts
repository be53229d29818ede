/**
 * Asking the person to connect an account in the middle of a call, by an address that the client opens (MCP
 * 2026-07-28, elicitation by URL). The link and its code travel in the sealed state, so that the same ones are shown
 * until they end. A client's yes means that the person opens the address, not that they are done: only the stored
 * connection says that.
 */
import {
  inputRequired,
  inputResponse,
  type InputRequests,
  type InputRequiredResult,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Connection } from '../../../core/vault/connection.ts';
import { attemptOf, type ConsentAttempt } from '../../../core/consent/note.ts';
import type { CatalogProvider } from '../../../core/catalog/catalog.ts';
import { issueLinkFor, missingApp, missingAppFault, ownerOf } from '../../../core/connect/issue-link.ts';
import { hashOfLink, LINK_TTL_MS, type IssuedConnectLink } from '../../../core/connect/link.ts';
import type { Fault } from '../../../core/fault.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { CallContext } from '../request/call-context.ts';

/** Which account is asked for. */
export interface WantedConnection {
  readonly provider: Pick<CatalogProvider, 'key' | 'name' | 'auth'>;
  readonly connection: string;
  /** The credential stored under that name when the question was asked first; undefined for none. */
  readonly version?: string | undefined;
}

const Question = z.object({
  provider: z.string(),
  connection: z.string(),
  version: z.string().optional(),
  url: z.string(),
  code: z.string(),
  expiresAt: z.int(),
  /** Rounds of this call so far, with this link or another. */
  rounds: z.int(),
  /** Nothing was asked in the last round: the person is at the provider. */
  waiting: z.boolean().optional(),
});
export type Question = z.infer<typeof Question>;

/** What a person needs of a link. */
export type UsableLink = Pick<IssuedConnectLink, 'url' | 'code' | 'expiresAt'>;

export type ConnectReply =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'declined' }
  /** The client could not show the question after all. The link that it was given, while it can be used. */
  | { readonly kind: 'unasked'; readonly link: UsableLink | undefined }
  /** The same link again. */
  | { readonly kind: 'ask'; readonly request: InputRequiredResult }
  /** Asked often enough, or the link has been used. The link, while it can still be; and how the attempt went. */
  | {
      readonly kind: 'open';
      readonly link: UsableLink | undefined;
      readonly attempt?: ConsentAttempt | undefined;
    };

const KEY = 'connect';
/** Clients give up after ten rounds; a call may have asked for a confirmation before. */
const MOST_ROUNDS = 5;
/** A client may say yes as soon as it has opened the address: some time for the person, within the call's own. */
const POLLS = 5;
const POLL_EVERY_MS = 2_000;
/** So that somebody who needed all of the link's time still gets an answer. */
const STATE_MS = LINK_TTL_MS + 600_000;

/** The question that this call asked in the round before, if it was one for a connection. */
export function questionOf({ roundTrip }: CallContext): Question | undefined {
  const { connect } = Object(roundTrip?.state) as { connect?: unknown };
  const parsed = Question.safeParse(connect);
  return parsed.success ? parsed.data : undefined;
}

/** How often this call has asked to connect, also where another question has come since. */
export function roundsOf(context: CallContext): number {
  const { rounds } = Object(context.roundTrip?.state) as { rounds?: number };
  return questionOf(context)?.rounds ?? rounds ?? 0;
}

/** True when this client can be asked and has not been asked too often in this call. */
export function mayAsk(context: CallContext): boolean {
  return context.roundTrip?.canAskByUrl === true && roundsOf(context) < MOST_ROUNDS;
}

/** No link where it would lead to a page that can only say that there is no OAuth app; the fault is for the administrator. */
export async function issueLinkTo(
  { deps, principal, publicUrl }: CallContext,
  wanted: WantedConnection,
): Promise<Result<IssuedConnectLink, Fault>> {
  const owner = ownerOf(principal);
  const missing = await missingApp(deps, owner, wanted.provider);
  if (missing !== undefined) return fail(missingAppFault(wanted.provider.name, missing));
  return ok(await issueLinkFor(deps, owner, wanted, publicUrl));
}

/**
 * Asks with a link that was just made.
 * @param carry what the next round needs to know besides.
 */
export async function askToConnect(
  context: CallContext,
  { provider, connection, version }: WantedConnection,
  { url, code, expiresAt }: UsableLink,
  carry: object,
): Promise<InputRequiredResult> {
  const rounds = roundsOf(context) + 1;
  return ask(context, provider, { provider: provider.key, connection, version, url, code, expiresAt, rounds }, carry);
}

/** What has become of a question. */
export async function replyTo(
  context: CallContext,
  question: Question,
  provider: WantedConnection['provider'],
  carry: object,
): Promise<ConnectReply> {
  const reply = await settle(context, question, provider, carry);
  context.log.info('asked to connect', { provider: provider.key, outcome: reply.kind });
  return reply;
}

async function settle(
  context: CallContext,
  question: Question,
  provider: WantedConnection['provider'],
  carry: object,
): Promise<ConnectReply> {
  const action = actionOf(context);
  const mayBeDone = action === 'accept' || question.waiting === true;
  const connection = await connectedSince(context, question, mayBeDone ? POLLS : 1);
  if (connection !== undefined) return { kind: 'connected', connection };
  if (action === 'decline') return { kind: 'declined' };
  const attempt = await lastAttempt(context, { provider, connection: question.connection });
  // A link works once: the person has been to the provider with this one.
  const isUsed = attempt?.link === hashOfLink(question.url);
  const link = isUsed || question.expiresAt <= context.deps.clock() ? undefined : question;
  // Clients without a person answer this by themselves, so it is no No.
  if (action === 'cancel') return { kind: 'unasked', link };
  const again = { ...question, rounds: question.rounds + 1 };
  if (isUsed)
    return attempt.fault === undefined && mayAsk(context)
      ? { kind: 'ask', request: await goOn(context, {}, { ...again, waiting: true }, carry) }
      : { kind: 'open', link: undefined, attempt };
  if (link === undefined || !mayAsk(context)) return { kind: 'open', link };
  return { kind: 'ask', request: await ask(context, provider, again, carry) };
}

/** What the client answered to the question; undefined when it answered nothing that says so. */
function actionOf({ roundTrip }: CallContext): 'accept' | 'decline' | 'cancel' | undefined {
  const response = inputResponse(roundTrip?.responses, KEY);
  return response.kind === 'elicit' ? response.action : undefined;
}

/** How the last consent for an account went, while there is something to tell. */
export async function lastAttempt(
  { deps, principal }: CallContext,
  { provider, connection }: { readonly provider: Pick<CatalogProvider, 'key' | 'name'>; readonly connection: string },
): Promise<(ConsentAttempt & { readonly link?: string | undefined }) | undefined> {
  const note = await deps.notes.find(principal.tenant, provider.key, connection);
  return note === undefined ? undefined : { ...attemptOf(note, provider.name), link: note.linkHash };
}

/** The connection, when it is a newer one than the question was about and works. */
async function connectedSince(
  { deps, principal, signal, onWait }: CallContext,
  { provider, connection, version }: Question,
  polls: number,
): Promise<Connection | undefined> {
  for (let poll = 1; ; poll += 1) {
    const found = await deps.connections.get(principal.tenant, provider, connection);
    if (found?.status === 'active' && found.version !== version) return found;
    if (poll >= polls || signal.aborted) return undefined;
    onWait?.('Waiting for the account to be connected');
    await deps.sleep(POLL_EVERY_MS, signal);
  }
}

function ask(
  context: CallContext,
  { name }: WantedConnection['provider'],
  question: Question,
  carry: object,
): Promise<InputRequiredResult> {
  const message = `Connect ${name}: open the page and type the code ${question.code} there. Then come back and go on.`;
  return goOn(context, { [KEY]: inputRequired.elicitUrl({ message, url: question.url }) }, question, carry);
}

/** Without a request the client comes back by itself, and nobody is asked anything. */
async function goOn(
  { roundTrip }: CallContext,
  requests: InputRequests,
  question: Question,
  carry: object,
): Promise<InputRequiredResult> {
  if (roundTrip === undefined) throw new TypeError('this method cannot ask');
  return roundTrip.ask(requests, { ...carry, connect: question }, STATE_MS);
}
