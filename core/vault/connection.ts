/** A tenant's account at a provider: facts that may be shown, and apart from them the envelope with the credential. */
import type { Envelope } from './envelope.ts';
import type { TenantId } from '../tenant/tenant.ts';
import { plainLine } from '../text.ts';
import type { EpochMs } from '../time.ts';

export interface ConnectionFacts {
  readonly provider: string;
  /** What the tenant calls this account: `default`, or a name given to `connect_provider`. */
  readonly name: string;
  /** Which of the provider's ways of signing in made it. */
  readonly auth: string;
  /** Whose account it is, in the provider's words, as `accountLabel` makes them. */
  readonly accountName: string;
  /** Non-secret facts derived from the credential, such as the portal's host. */
  readonly facts: Readonly<Record<string, string>>;
  readonly status: 'active' | 'needs_reconnecting';
  /** ISO 8601. The oldest connection of a provider is its default. */
  readonly connectedAt: string;
  /** Changes with every stored credential, so that a cached plain text is never used for another one. */
  readonly version: string;
}

export interface Connection extends ConnectionFacts {
  readonly envelope: Envelope;
  /** Until when someone renews the credential; nobody else may start to. */
  readonly leaseUntil?: EpochMs | undefined;
  /** Calls in a row that the provider has not answered in time. */
  readonly timeouts?: number | undefined;
  /** Until when no call is sent because of them; stays after that until a call was answered. */
  readonly downUntil?: EpochMs | undefined;
}

const LONGEST_LABEL = 200;

/**
 * What a provider calls an account, as it may be stored and shown: it stands in every result, on pages and in events, and
 * whoever named the account wrote it. Undefined when nothing is left that could be shown.
 */
export function accountLabel(name: string | undefined): string | undefined {
  const label = plainLine(name ?? '', LONGEST_LABEL);
  return label === '' ? undefined : label;
}

export const DEFAULT_CONNECTION = 'default';
/** The rule of `isConnectionName`, in words for whoever names an account. */
export const CONNECTION_NAME_RULE = 'a name of up to 40 characters: a-z, 0-9, _ and -';
const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;

export function isConnectionName(name: string): boolean {
  return NAME.test(name);
}

export interface ConnectionStore {
  /** Every connection of the tenant, or those of one provider; strongly consistent, oldest first. No credential is read. */
  list(tenant: TenantId, provider?: string): Promise<readonly ConnectionFacts[]>;
  /** The oldest of a provider, which is what a call is for that names none; strongly consistent. */
  first(tenant: TenantId, provider: string): Promise<Connection | undefined>;
  /** Stores or replaces. */
  put(tenant: TenantId, connection: Connection): Promise<void>;
  /** False when there was none; with a version also when another one is stored by now, which then stays. */
  remove(tenant: TenantId, provider: string, name: string, version?: string): Promise<boolean>;
  /**
   * Marks that the credential stopped working; only while the stored version is still the one that failed. True for
   * the one call that marked it, so that it can be announced once.
   */
  needsReconnecting(tenant: TenantId, provider: string, name: string, version: string): Promise<boolean>;
  /** One connection, strongly consistent. */
  get(tenant: TenantId, provider: string, name: string): Promise<Connection | undefined>;
  /**
   * Takes the right to renew the credential of this version, and gives the row as it is then. Undefined when someone
   * else has it, when a newer credential is stored, or when the connection is dead or gone.
   */
  lease(tenant: TenantId, connection: Connection, lease: Lease): Promise<Connection | undefined>;
  /** Gives the right back, if it is still this holder's. */
  release(tenant: TenantId, connection: Connection, holder: string): Promise<void>;
  /**
   * Stores a renewed credential in place of version `replaces`, active again, and ends the lease. False when another
   * version is stored by now, or none: then that one is the truth.
   */
  storeRenewed(tenant: TenantId, connection: Connection, replaces: string): Promise<boolean>;
  /** Counts a call that was not answered in time; from `most` in a row on, no call is sent until `until`. */
  countTimeout(tenant: TenantId, connection: Connection, most: number, until: EpochMs): Promise<void>;
  /** The provider has answered: what was counted is over. */
  forgetTimeouts(tenant: TenantId, connection: Connection): Promise<void>;
  /** Whether this call may try a provider that did not answer: true for one, and the others then wait until `until`. */
  claimProbe(tenant: TenantId, connection: Connection, until: EpochMs): Promise<boolean>;
}

export interface Lease {
  readonly holder: string;
  readonly now: EpochMs;
  readonly until: EpochMs;
}
