/** Second step of a call: the account it is for, or what is missing. Data only: the words are the edge's. */
import type { Fault } from '../fault.ts';
import type { TenantId } from '../tenant/tenant.ts';
import { DEFAULT_CONNECTION, isConnectionName, type Connection, type ConnectionStore } from '../vault/connection.ts';
import { fail, ok, type Result } from '../result.ts';

/** What a person would have to connect. */
export interface MissingConnection {
  readonly connection: string;
  /** Of the stored credential that is dead; undefined when there is none at all. */
  readonly version: string | undefined;
}

/** Why a call has no account to run with. It has not run then: nothing was sent, or it was refused. */
export type Lack =
  /** Nothing is connected. `missing` is undefined when no account can have the name that was asked for. */
  | { readonly code: 'not_connected'; readonly missing: MissingConnection | undefined }
  /** The stored credential is dead. `refusal` is set when this very call found that out. */
  | { readonly code: 'reconnect_required'; readonly missing: MissingConnection; readonly refusal?: Fault }
  /** There are accounts, but none of the name that was asked for. */
  | { readonly code: 'invalid_input'; readonly missing: undefined; readonly names: readonly string[] };

/** @param wanted the account's name; the first account when left out. */
export async function findAccount(
  connections: Pick<ConnectionStore, 'list' | 'get' | 'first'>,
  tenant: TenantId,
  provider: string,
  wanted: string | undefined,
): Promise<Result<Connection, Lack>> {
  const connection = await stored(connections, tenant, provider, wanted);
  if (connection !== undefined) return connection.status === 'active' ? ok(connection) : fail(dead(connection));
  const names = wanted === undefined ? [] : (await connections.list(tenant, provider)).map(({ name }) => name);
  if (names.length === 0) return fail(notConnected(wanted ?? DEFAULT_CONNECTION));
  return fail({ code: 'invalid_input', missing: undefined, names });
}

/** One read, of one row. */
async function stored(
  connections: Pick<ConnectionStore, 'get' | 'first'>,
  tenant: TenantId,
  provider: string,
  wanted: string | undefined,
): Promise<Connection | undefined> {
  if (wanted === undefined) return connections.first(tenant, provider);
  // A name that no account can have may hold anything: it never becomes part of a key.
  return isConnectionName(wanted) ? connections.get(tenant, provider, wanted) : undefined;
}

/** What a failed run lacked, by its code; undefined when another account would not have helped. */
export function lackOf(failure: Fault, used: Connection): Lack | undefined {
  // Removed while the call was waiting for its credential.
  if (failure.code === 'not_connected') return notConnected(used.name);
  return failure.code === 'reconnect_required' ? { ...dead(used), refusal: failure } : undefined;
}

export function isLack(failure: Fault | Lack): failure is Lack {
  return 'missing' in failure;
}

function notConnected(name: string): Lack {
  return {
    code: 'not_connected',
    missing: isConnectionName(name) ? { connection: name, version: undefined } : undefined,
  };
}

function dead({ name, version }: Connection) {
  return { code: 'reconnect_required', missing: { connection: name, version } } as const;
}
