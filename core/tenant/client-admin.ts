/**
 * What operators do with clients. A client's policy is copied into each of its keys, so that a request needs one
 * read; whoever writes copies reads the record again afterwards and goes on until the two agree, so the last copy
 * written is always the last policy set, whatever ran at the same time.
 */
import type { AdminFault } from './admin-fault.ts';
import { ClientPolicy, type ClientRecord } from './client.ts';
import type { Page, PageAsk } from '../page.ts';
import { fail, ok, type Result } from '../result.ts';
import type { TenantId } from './tenant.ts';

/** Only what is set changes. */
export type PolicyChange = { readonly [Field in keyof ClientPolicy]?: ClientPolicy[Field] | undefined };

/** Clients and what belongs to them, strongly consistent. */
export interface ClientStore {
  find(clientId: string): Promise<ClientRecord | undefined>;
  /** By id. */
  page(ask: PageAsk): Promise<Page<ClientRecord>>;
  /** Their ids, in pages, each with its own position. */
  directory(ask: PageAsk): Promise<Page<{ readonly id: string; readonly position: string }>>;
  /** False when the client exists already; it then stays as it is. */
  add(client: ClientRecord): Promise<boolean>;
  /** False when there is no such client. */
  changePolicy(clientId: string, change: PolicyChange): Promise<boolean>;
  /** Its record and its settings, and those of its organizations. Whoever calls it has seen that nothing else is there. */
  remove(clientId: string): Promise<void>;
  /** Those who have, or have had, a connected account; in no order. */
  users(clientId: string): Promise<readonly TenantId[]>;
}

/** The copies of a policy that lie in a client's keys. */
export interface PolicyCopies {
  /** Rewrites the copy in every key of the client that is stored at this moment. */
  rewrite(clientId: string, policy: ClientPolicy): Promise<void>;
}

export const DEFAULT_POLICY: ClientPolicy = ClientPolicy.parse({});

/** Rounds of rewriting before giving up: each further one means that someone set the policy meanwhile. */
const MAX_ROUNDS = 8;

export async function createClient(
  clients: ClientStore,
  client: ClientRecord,
): Promise<Result<ClientRecord, AdminFault>> {
  if (await clients.add(client)) return ok(client);
  return fail({
    code: 'conflict',
    message: 'This client exists already.',
    next: 'Use it as it is, or change it with `npm run -s allmcp -- clients settings`.',
  });
}

export async function changePolicy(
  clients: ClientStore,
  copies: PolicyCopies,
  clientId: string,
  change: PolicyChange,
): Promise<Result<ClientRecord, AdminFault>> {
  if (!(await clients.changePolicy(clientId, change))) return fail(noSuchClient());
  return settlePolicy(clients, clientId, (policy) => copies.rewrite(clientId, policy));
}

/**
 * Writes copies of the client's policy until the record, read after the write, still says the same.
 * `written` is the policy the copies already hold, when they hold one.
 */
export async function settlePolicy(
  clients: ClientStore,
  clientId: string,
  write: (policy: ClientPolicy) => Promise<void>,
  written?: ClientPolicy,
): Promise<Result<ClientRecord, AdminFault>> {
  let copied = written;
  for (let round = 0; round <= MAX_ROUNDS; round += 1) {
    const client = await clients.find(clientId);
    if (client === undefined) return fail(noSuchClient());
    if (copied !== undefined && samePolicy(copied, client.policy)) return ok(client);
    await write(client.policy);
    copied = client.policy;
  }
  return fail({
    code: 'conflict',
    message: 'The policy of this client is being changed by someone else at the same time.',
    next: 'Read the client again, then set the policy again.',
  });
}

export function noSuchClient(): AdminFault {
  return {
    code: 'not_found',
    message: 'There is no such client.',
    next: 'List them with `npm run -s allmcp -- clients list`, or create this one with `clients create`.',
  };
}

/** Both sides come out of the same schema, so their fields are in the same order. */
function samePolicy(a: ClientPolicy, b: ClientPolicy): boolean {
  return JSON.stringify(ClientPolicy.parse(a)) === JSON.stringify(ClientPolicy.parse(b));
}
