/**
 * What an operation is made of, and the questions that come before it: may this operator manage the client or the
 * platform, and is there such a client. Every operation that names one asks.
 */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import { noSuchClient, type ClientStore, type PolicyCopies } from '../../../core/tenant/client-admin.ts';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import type { KeyAdmin } from '../../../core/keys/key-admin.ts';
import type { OAuthAppStore } from '../../../core/oauth/app-admin.ts';
import type { Outbox } from '../../../core/event/outbox.ts';
import type { OperatorPrincipal } from '../../../core/keys/principal.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import type { Page, PageAsk } from '../../../core/page.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { SettingsStore } from '../../../core/tenant/settings-admin.ts';
import type { ConnectLinkWriter } from '../../../core/connect/link.ts';
import type { FailureReader } from '../../../core/meter/failure.ts';
import type { IssueStore } from '../../../core/tenant/issue.ts';
import type { UsageStore } from '../../../core/meter/usage.ts';
import type { WebhookStore } from '../../../core/event/webhook-admin.ts';
import type { Endpoint, Given, ResponseBody } from './endpoint.ts';
import { pageOverClients, pageReply, plainPage } from './paging.ts';
import type { Clock } from '../../../core/time.ts';
import type { PublicUrl } from '../../../core/public-url.ts';

export interface AdminDeps {
  readonly keys: KeyAdmin;
  readonly clients: ClientStore;
  readonly issues: IssueStore;
  readonly copies: PolicyCopies;
  readonly apps: OAuthAppStore;
  readonly settings: SettingsStore;
  readonly webhooks: WebhookStore;
  /** These reach one tenant at a time, with a session that opens no credential. */
  readonly links: ConnectLinkWriter;
  readonly outbox: Outbox;
  readonly connections: Pick<ConnectionStore, 'list' | 'remove'>;
  readonly failures: FailureReader;
  readonly usage: Pick<UsageStore, 'read'>;
  readonly providers: Providers;
  readonly clock: Clock;
}

/** The providers that ship, each loaded when it is asked for. */
export interface Providers {
  readonly keys: readonly string[];
  load(key: string): Promise<Provider>;
}

/** What a request brings besides its input. */
export interface AdminContext {
  readonly operator: OperatorPrincipal;
  readonly publicUrl: PublicUrl;
}

export type Run<E extends Endpoint> = (
  given: Given<E>,
  context: AdminContext,
) => Promise<Result<ResponseBody<E>, AdminFault>>;

/** One for each endpoint of a table, by its name. */
export type Operations<Endpoints extends Readonly<Record<string, Endpoint>>> = {
  readonly [Name in keyof Endpoints]: Run<Endpoints[Name]>;
};

/** Why this operator may not manage the client, or undefined. */
export function mayManage(operator: OperatorPrincipal, clientId: string) {
  if (operator.clientId === undefined || operator.clientId === clientId) return undefined;
  return fail<AdminFault>({
    code: 'forbidden',
    message: 'This operator key manages one client only, and this is another one.',
    next: 'Use an operator key of that client, or one of every client.',
  });
}

/** Why this operator may not change what every client shares, or undefined. */
export function mayManagePlatform(operator: OperatorPrincipal) {
  if (operator.clientId === undefined) return undefined;
  return fail<AdminFault>({
    code: 'forbidden',
    message: 'This operator key manages one client only, and this belongs to the whole platform.',
    next: 'Name your client, or use an operator key of every client.',
  });
}

/** The client, when it is there and this operator manages it. */
export async function ownClient(
  clients: Pick<ClientStore, 'find'>,
  operator: OperatorPrincipal,
  clientId: string,
): Promise<Result<string, AdminFault>> {
  const refused = mayManage(operator, clientId);
  if (refused !== undefined) return refused;
  return (await clients.find(clientId)) === undefined ? fail(noSuchClient()) : ok(clientId);
}

/** A page of a list of the named client, or of every client that the operator manages. */
export async function pageOfCovered<Field extends string, Row>(
  field: Field,
  {
    clients,
    operator,
    query,
  }: {
    readonly clients: Pick<ClientStore, 'directory'>;
    readonly operator: OperatorPrincipal;
    readonly query: {
      readonly client?: string | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    };
  },
  read: (client: string, ask: PageAsk) => Promise<Page<Row>>,
): ReturnType<typeof pageReply<Field, Row>> {
  const only = query.client ?? operator.clientId;
  const refused = only === undefined ? undefined : mayManage(operator, only);
  if (refused !== undefined) return refused;
  return pageReply(field, query, (start) =>
    only === undefined ? pageOverClients(clients, start, read) : plainPage(start, (ask) => read(only, ask)),
  );
}

/** Clients that are asked at the same time for something of which only the id is known. */
const AT_ONCE = 25;

/** What the named client has, or else whichever client has it: an id does not say whose it is. */
export async function inAnyClient<Found>(
  clients: Pick<ClientStore, 'directory'>,
  only: string | undefined,
  ask: (client: string) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  if (only !== undefined) return ask(only);
  let after: string | undefined;
  do {
    const { rows, next } = await clients.directory({ limit: AT_ONCE, after });
    const asked = await Promise.all(rows.map(({ id }) => ask(id)));
    const found = asked.find((one) => one !== undefined);
    if (found !== undefined) return found;
    after = next;
  } while (after !== undefined);
  return undefined;
}

export function mapped<In, Out>(result: Result<In, AdminFault>, map: (value: In) => Out): Result<Out, AdminFault> {
  return result.ok ? ok(map(result.value)) : result;
}
