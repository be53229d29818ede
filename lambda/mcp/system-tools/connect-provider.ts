/**
 * `connect_provider`: connects at once with credentials the provider accepts; without any it answers with a link, or
 * asks the person to open it where the client can. Nothing secret is asked for in the conversation then.
 */
import * as z from 'zod';
import { isFieldWay, type FieldWay } from '../../core/auth.ts';
import type { CatalogProvider } from '../../core/catalog.ts';
import { fault, plain } from '../../core/classify.ts';
import { connectWithFields } from '../../core/connect.ts';
import { connectHint } from '../../core/connect-hint.ts';
import { DEFAULT_CONNECTION, isConnectionName, type Connection } from '../../core/connection.ts';
import { findProvider } from '../../core/find-provider.ts';
import { shown } from '../../core/invitation.ts';
import { fail, ok } from '../../core/result.ts';
import { Secret } from '../../core/secret.ts';
import type { IssuedTicket } from '../../core/ticket.ts';
import { usableWays } from '../../core/usable-ways.ts';
import type { Credential } from '../../core/vault.ts';
import { answerTo, askToConnect, inviteTo, lastAttempt, mayAsk, questionOf, type Wanted } from '../connect-question.ts';
import type { Outcome } from '../outcome.ts';
import type { Session } from '../session.ts';
import { defineSystemTool, providerKey, text } from './system-tool.ts';

const secret = text(4_000, 0);
const Input = z.strictObject({
  provider_key: providerKey,
  api_key: secret.optional().describe('key, token or webhook URL'),
  extra_fields: z.record(text(60), secret).optional().describe('the fields connect_hint names'),
  login: secret.optional(),
  password: secret.optional(),
  connection: text(200, 0).optional().describe('name for a further account'),
});

export const connectProvider = defineSystemTool({
  name: 'connect_provider',
  title: 'Connect an account',
  description:
    "Connects an account: the call in connect_hint, with the user's values; without values, by a link for the user.",
  input: Input,
  readOnly: false,
  openWorld: true,
  async run(session, args) {
    const found = findProvider(session.deps, args.provider_key);
    if (!found.ok) return found;
    // Clients fill in optional fields with "".
    const name = args.connection === undefined || args.connection === '' ? DEFAULT_CONNECTION : args.connection;
    if (!isConnectionName(name))
      return fail(fault('invalid_input', 'connection is a name of up to 40 characters: a-z, 0-9, _ and -.'));
    const given = credentialOf(args);
    return given === undefined
      ? connectByLink(session, found.value, name)
      : connectWith(session, found.value, name, given);
  },
});

async function connectWith(
  { deps, principal, signal }: Session,
  listed: CatalogProvider,
  name: string,
  given: Credential,
): Promise<Outcome> {
  const hint = connectHint(listed, principal.policy, name);
  if (principal.policy.inline_credentials === 'refuse')
    return fail(
      fault('invalid_input', 'Credentials are not taken in tool arguments here. Nothing was stored.', {
        next: `Call ${hint}`,
      }),
    );
  const provider = await deps.loadProvider(listed.key);
  const way = provider.auth.filter(isFieldWay).find((auth) => accepts(auth, given));
  if (way === undefined)
    return fail(fault('invalid_input', `${provider.name} takes other fields than these.`, { next: `Call ${hint}` }));
  const fields = new Secret(given);
  const connected = await connectWithFields(deps, { tenant: principal.tenant, provider, way, fields, name, signal });
  if (!connected.ok) return fail(plain(connected.fault));
  // An older consent that failed is no news any more.
  await deps.notes.clear(principal.tenant, provider.key, name);
  return ok(connectedTo(connected.value));
}

async function connectByLink(session: Session, provider: CatalogProvider, name: string): Promise<Outcome> {
  const question = questionOf(session);
  if (question === undefined) return newLink(session, provider, name, mayAsk(session));
  const answer = await answerTo(session, question, provider, {});
  switch (answer.kind) {
    case 'connected':
      return ok(connectedTo(answer.connection));
    case 'ask':
      return answer.request;
    case 'declined':
      return ok({
        status: 'declined',
        provider_key: provider.key,
        message: 'The user did not open the link. Nothing was connected.',
      });
    case 'open':
      return answer.ticket === undefined
        ? newLink(session, provider, name, false)
        : ok(actionRequired(provider, answer.ticket, 'The account has not been connected yet.'));
  }
}

/** @param asks whether the person is asked by the client, or the link is given as a result. */
async function newLink(session: Session, provider: CatalogProvider, name: string, asks: boolean): Promise<Outcome> {
  const { deps, principal } = session;
  const [before, attempt] = await Promise.all([
    deps.connections.get(principal.tenant, provider.key, name),
    lastAttempt(session, { provider, connection: name }),
  ]);
  const wanted: Wanted = { provider, connection: name, version: before?.version };
  const ticket = await inviteTo(session, wanted);
  if (asks) return askToConnect(session, wanted, ticket, {});
  const first = (await withoutApp(session, provider)) ?? attempt?.said ?? alreadyThere(provider, before);
  const failed = attempt?.fault === undefined ? {} : { last_attempt: { ...attempt.fault } };
  return ok({ ...actionRequired(provider, ticket, first), ...failed });
}

function connectedTo({ provider, name, account }: Connection) {
  return { status: 'connected', provider_key: provider, connection: name, account };
}

/** Said at once, so that nobody is sent to a page that can only say the same. */
async function withoutApp({ deps, principal }: Session, provider: CatalogProvider): Promise<string | undefined> {
  const { tenant, clientId: client, org } = principal;
  const policy = async () => (await deps.settings.find({ client, org })).client.org_app;
  const ways = await usableWays({ apps: deps.oauthApps, policy }, tenant, provider);
  return ways.length > 0
    ? undefined
    : `No OAuth app is set up here for ${provider.name}: the operators of this endpoint have to add one before the link can be used.`;
}

function alreadyThere({ name }: CatalogProvider, before: Connection | undefined): string {
  if (before === undefined) return '';
  const { name: connection, status } = before;
  return status === 'active'
    ? `${name} is connected already as "${connection}"; this connects it again. For a further account give another connection.`
    : `${name} is connected as "${connection}" but needs reconnecting; this does it.`;
}

function actionRequired(
  provider: CatalogProvider,
  ticket: Pick<IssuedTicket, 'url' | 'code' | 'expiresAt'>,
  first: string,
) {
  const invitation = shown(ticket);
  const message =
    `Ask the user to open the link and to type the code ${invitation.code} on the page. Never ask for a password, key ` +
    'or token in this conversation. The link works once and for ten minutes; when the user is done, go on, and ' +
    'list_connections shows the account. If the link has ended, make this call again.';
  return {
    status: 'action_required',
    provider_key: provider.key,
    ...invitation,
    message: first === '' ? message : `${first} ${message}`,
  };
}

/** The fields in one object, or undefined when none was given. */
function credentialOf({ api_key, extra_fields, login, password }: z.infer<typeof Input>): Credential | undefined {
  const given = Object.entries({ ...extra_fields, api_key, login, password }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return given.length === 0 ? undefined : Object.fromEntries(given.map(([key, value]) => [key, value.trim()]));
}

/** The way of signing in that takes one of these fields; `connectWithFields` then says which one is wrong. */
function accepts(auth: FieldWay, given: Credential): boolean {
  return auth.fields.some(({ key }) => Object.hasOwn(given, key));
}
