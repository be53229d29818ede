/**
 * `connect_provider`: connects at once with credentials the provider accepts; without any it answers with a link, or
 * asks the person to open it where the client can. Nothing secret is asked for in the conversation then.
 */
import * as z from 'zod';
import { isFormAuth, type FormAuth } from '../../../core/provider/auth.ts';
import { MAX_FIELD_LENGTH } from '../../../core/provider/fields.ts';
import type { CatalogProvider } from '../../../core/catalog/catalog.ts';
import { toPublicFault, fault } from '../../../core/fault.ts';
import { connectWithFields } from '../../../core/connect/connect.ts';
import { connectHint, runHint } from '../../../core/catalog/connect-hint.ts';
import {
  CONNECTION_NAME_RULE,
  DEFAULT_CONNECTION,
  isConnectionName,
  type Connection,
} from '../../../core/vault/connection.ts';
import { findProvider } from '../../../core/catalog/find.ts';
import { toConnectLinkJson } from '../../../core/connect/issue-link.ts';
import { fail, ok } from '../../../core/result.ts';
import { Secret } from '../../../core/vault/secret.ts';
import type { Credential } from '../../../core/vault/vault.ts';
import {
  replyTo,
  askToConnect,
  issueLinkTo,
  lastAttempt,
  mayAsk,
  questionOf,
  type UsableLink,
  type WantedConnection,
} from '../ask/connect-question.ts';
import type { ToolOutcome } from '../request/outcome.ts';
import type { CallContext, McpDeps } from '../request/call-context.ts';
import { defineSystemTool, providerKey, boundedText } from './system-tool.ts';

const secret = boundedText(MAX_FIELD_LENGTH);
const Input = z.strictObject({
  provider_key: providerKey,
  api_key: secret.optional().describe('key, token or webhook URL'),
  extra_fields: z.record(boundedText(60), secret).optional().describe('the fields connect_hint names'),
  login: secret.optional(),
  password: secret.optional(),
  connection: boundedText(200).optional().describe('name for a further account'),
});

export const connectProvider = defineSystemTool({
  name: 'connect_provider',
  title: 'Connect an account',
  description:
    'Connects an account: by a link for the user, or at once with values that the user gave; see connect_hint.',
  input: Input,
  readOnly: false,
  openWorld: true,
  async run(context, args) {
    const found = findProvider(context.deps.catalog, args.provider_key);
    if (!found.ok) return found;
    const name = args.connection ?? DEFAULT_CONNECTION;
    if (!isConnectionName(name)) return fail(fault('invalid_input', `connection is ${CONNECTION_NAME_RULE}.`));
    const given = credentialOf(args);
    return given === undefined
      ? connectByLink(context, found.value, name)
      : connectWith(context, found.value, name, given);
  },
});

async function connectWith(
  { deps, principal, signal, log }: CallContext,
  listed: CatalogProvider,
  name: string,
  given: Credential,
): Promise<ToolOutcome> {
  const hint = connectHint(listed, principal.policy, name);
  if (principal.policy.inline_credentials === 'refuse')
    return fail(
      fault('invalid_input', 'Credentials are not taken in tool arguments here. Nothing was stored.', {
        next: `Call ${hint}`,
      }),
    );
  const provider = await deps.loadProvider(listed.key);
  const auth = provider.auth.filter(isFormAuth).find((auth) => accepts(auth, given));
  if (auth === undefined)
    return fail(fault('invalid_input', `${provider.name} takes other fields than these.`, { next: `Call ${hint}` }));
  const fields = new Secret(given);
  const request = { tenant: principal.tenant, provider, auth, fields, name, signal };
  const connected = await connectWithFields({ ...deps, log }, request);
  return connected.ok ? ok(connectedTo(deps, listed, connected.value)) : fail(toPublicFault(connected.fault));
}

async function connectByLink(context: CallContext, provider: CatalogProvider, name: string): Promise<ToolOutcome> {
  const question = questionOf(context);
  if (question === undefined) return offerLink(context, provider, name, { asks: mayAsk(context) });
  const reply = await replyTo(context, question, provider, {});
  switch (reply.kind) {
    case 'connected':
      return ok(connectedTo(context.deps, provider, reply.connection));
    case 'ask':
      return reply.request;
    case 'declined':
      return ok({
        status: 'declined',
        provider_key: provider.key,
        message: 'The user did not open the link. Nothing was connected.',
      });
    case 'unasked':
      return offerLink(context, provider, name, { asks: false, link: reply.link });
    case 'open':
      return reply.link === undefined
        ? offerLink(context, provider, name, { asks: false })
        : ok(
            actionRequired(
              context.deps,
              { provider, connection: name },
              reply.link,
              'The account has not been connected yet.',
            ),
          );
  }
}

interface Offer {
  /** Whether the person is asked by the client, or the link is given as a result. */
  readonly asks: boolean;
  /** One that was made before and can still be used. */
  readonly link?: UsableLink | undefined;
}

async function offerLink(
  context: CallContext,
  provider: CatalogProvider,
  name: string,
  { asks, link: known }: Offer,
): Promise<ToolOutcome> {
  const { deps, principal } = context;
  const [before, attempt] = await Promise.all([
    deps.connections.get(principal.tenant, provider.key, name),
    lastAttempt(context, { provider, connection: name }),
  ]);
  const wanted = { provider, connection: name, version: before?.version };
  const link = known === undefined ? await issueLinkTo(context, wanted) : ok(known);
  if (!link.ok) return link;
  if (asks) return askToConnect(context, wanted, link.value, {});
  const failed = attempt?.fault === undefined ? {} : { last_attempt: { ...attempt.fault } };
  return ok({
    ...actionRequired(deps, wanted, link.value, attempt?.said ?? alreadyThere(provider, before)),
    ...failed,
  });
}

function connectedTo({ catalog }: Pick<McpDeps, 'catalog'>, listed: CatalogProvider, connection: Connection) {
  const { provider, name, accountName: account } = connection;
  const next = runHint(catalog, listed, name);
  return { status: 'connected', provider_key: provider, connection: name, account, next };
}

function alreadyThere({ name }: CatalogProvider, before: Connection | undefined): string {
  if (before === undefined) return '';
  const { name: connection, status } = before;
  return status === 'active'
    ? `${name} is connected already as "${connection}"; this connects it again. For a further account give another connection.`
    : `${name} is connected as "${connection}" but needs reconnecting; this does it.`;
}

function actionRequired(
  { catalog }: Pick<McpDeps, 'catalog'>,
  { provider, connection: name }: WantedConnection & { readonly provider: CatalogProvider },
  link: UsableLink,
  first: string,
) {
  const shown = toConnectLinkJson(link);
  const message =
    `Ask the user to open the link and to type the code ${shown.code} on the page. Never ask for a password, key ` +
    'or token in this conversation. The link works once and for ten minutes; when the user is done, list_connections ' +
    `shows the account. ${runHint(catalog, provider, name)} If the link has ended, make this call again.`;
  return {
    status: 'action_required',
    provider_key: provider.key,
    ...shown,
    message: first === '' ? message : `${first} ${message}`,
  };
}

/** The fields in one object, or undefined when none was given. */
function credentialOf({ api_key, extra_fields, login, password }: z.infer<typeof Input>): Credential | undefined {
  const own = Object.entries({ api_key, login, password });
  const given = [...Object.entries(extra_fields ?? {}), ...own].flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value.trim()]],
  );
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** The way of signing in that takes one of these fields; `connectWithFields` then says which one is wrong. */
function accepts(auth: FormAuth, given: Credential): boolean {
  return auth.fields.some(({ key }) => Object.hasOwn(given, key));
}
