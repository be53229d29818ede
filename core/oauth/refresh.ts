/**
 * The life of an access token after consent. Renewal is done when it is needed and never on a schedule, by one caller
 * at a time in all environments: a lease on the connection's row. What the provider gives is stored before it is used.
 * Invariants: a refresh token is never sent twice by us unless the first may not have arrived; a failure never deletes a
 * stored token; a dead one is believed only after reading the row again.
 */
import { isRenewable, type RenewableAuth } from '../provider/auth.ts';
import { type Fault, fault } from '../fault.ts';
import { isAccessRefused, isDead } from '../provider-error-classes.ts';
import type { Connection, ConnectionStore } from '../vault/connection.ts';
import type { Transport } from '../egress/egress.ts';
import { renewedCredential } from './renew.ts';
import type { OAuthApps } from './app.ts';
import { patience, revokeAtProvider } from './revoke.ts';
import { isDue, isExpired, previousPair } from './tokens.ts';
import type { UnstoredRenewals } from './unstored-renewals.ts';
import type { Provider } from '../provider/provider.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Secret } from '../vault/secret.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Credential, Vault } from '../vault/vault.ts';
import type { Clock } from '../time.ts';

export interface RefreshDeps {
  readonly connections: ConnectionStore;
  readonly vault: Vault;
  /** Without it no OAuth app is known here, and `oauth2` tokens cannot be renewed. */
  readonly oauthApps?: OAuthApps | undefined;
  readonly transport: Transport;
  /** Of this environment. */
  readonly unstored: UnstoredRenewals;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface CredentialUse {
  readonly tenant: TenantId;
  readonly provider: Provider;
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

/** A connection and the credential to use for it now. */
export interface Usable {
  readonly connection: Connection;
  readonly credential: Secret<Credential>;
}

export const RENEWAL_LEASE_MS = 20_000;
/** A renewal takes a vendor some hundred milliseconds; asking sooner only loads the table. */
const FIRST_POLL_MS = 200;
const LONGEST_POLL_MS = 1_000;
const STORE_ATTEMPTS = 5;
/** The caller waits for it, and gets nothing out of it. */
const GIVE_UP_MS = 5_000;

/**
 * Runs a call with a credential that should be good, and once more with a renewed one when the provider says that the
 * access token has expired. `used` is the connection as of the last run: a verdict on its credential is about that version.
 */
export async function withCredential<T>(
  deps: RefreshDeps,
  account: CredentialUse,
  run: (usable: Usable) => Promise<Result<T, Fault>>,
): Promise<{ readonly result: Result<T, Fault>; readonly used: Connection }> {
  const { provider, connection } = account;
  const credential = await deps.vault.open(account.tenant, connection);
  const auth = provider.auth.find(({ id }) => id === connection.auth);
  let used: Usable = { connection, credential };
  if (!isRenewable(auth)) return { result: await run(used), used: connection };

  const now = deps.clock();
  if (isDue(credential.reveal(), auth, now)) {
    const stillGood = isExpired(credential.reveal(), now) ? undefined : used;
    const renewed = await renew(deps, account, auth, stillGood);
    // A token that has not ended yet serves when the provider cannot give another one just now.
    if (renewed.ok) used = renewed.value;
    else if (stillGood === undefined || isDead(renewed.fault)) return { result: renewed, used: connection };
  }

  const first = await run(used);
  if (!isRefused(first)) return { result: first, used: used.connection };
  const previous = previousPair(used.credential, deps.clock());
  if (previous !== undefined) {
    const second = await run({ ...used, credential: previous });
    if (!isRefused(second)) return { result: second, used: used.connection };
  }
  const renewed = await renew(deps, { ...account, connection: used.connection }, auth, undefined);
  if (!renewed.ok) return { result: renewed, used: used.connection };
  return { result: await run(renewed.value), used: renewed.value.connection };
}

function isRefused(result: Result<unknown, Fault>): boolean {
  return !result.ok && isAccessRefused(result.fault);
}

/**
 * A newer credential than the one given: renewed here, or by someone else meanwhile.
 * @param stillGood what to go on with instead of waiting for someone else's renewal.
 */
async function renew(
  deps: RefreshDeps,
  account: CredentialUse,
  auth: RenewableAuth,
  stillGood: Usable | undefined,
): Promise<Result<Usable, Fault>> {
  const { tenant, provider, connection, signal } = account;
  const holder = deps.newId();
  let current = connection;
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 2, LONGEST_POLL_MS)) {
    if (signal.aborted) return fail(fault('timeout', `${provider.name} did not renew the sign-in in time.`));
    const now = deps.clock();
    if ((current.leaseUntil ?? 0) <= now) {
      const leased = await deps.connections.lease(tenant, connection, { holder, now, until: now + RENEWAL_LEASE_MS });
      if (leased !== undefined) return renewHoldingLease(deps, account, auth, leased, holder);
    }
    const found = await readIfNewer(deps, account);
    if (!found.ok || 'credential' in found.value) return found as Result<Usable, Fault>;
    current = found.value;
    if (stillGood !== undefined) return ok(stillGood);
    if ((current.leaseUntil ?? 0) > deps.clock()) await deps.sleep(wait, signal);
  }
}

/** The stored credential when it is newer than the account's; else the row as it is. A fault when it is dead or gone. */
async function readIfNewer(
  deps: RefreshDeps,
  { tenant, provider, connection }: CredentialUse,
): Promise<Result<Usable | Connection, Fault>> {
  const current = await deps.connections.get(tenant, connection.provider, connection.name);
  if (current === undefined)
    return fail(fault('not_connected', `This ${provider.name} account has been disconnected meanwhile.`));
  if (current.status !== 'active') return fail(reconnect(provider));
  if (current.version === connection.version) return ok(current);
  return ok({ connection: current, credential: await deps.vault.open(tenant, current) });
}

async function renewHoldingLease(
  deps: RefreshDeps,
  account: CredentialUse,
  auth: RenewableAuth,
  leased: Connection,
  holder: string,
): Promise<Result<Usable, Fault>> {
  const { tenant, provider } = account;
  let isStored = false;
  try {
    const unstored = deps.unstored.find(tenant, leased);
    if (unstored !== undefined) {
      const credential = await deps.vault.open(tenant, unstored);
      const stored = await storeRenewed(deps, account, leased, { connection: unstored, credential });
      isStored = stored.ok;
      return stored;
    }
    const credential = await deps.vault.open(tenant, leased);
    // Before the provider is asked: once it has answered, nothing but the write may be able to fail.
    const seal = await deps.vault.sealer(tenant, leased.provider, leased.name);
    const renewed = await renewedCredential(deps, { tenant, provider, auth, facts: leased.facts, credential });
    if (renewed.ok) {
      const envelope = seal(renewed.value.reveal());
      const connection = { ...leased, version: deps.newId(), envelope, leaseUntil: undefined };
      const stored = await storeRenewed(deps, account, leased, { connection, credential: renewed.value });
      isStored = stored.ok;
      return stored;
    }
    if (!isDead(renewed.fault)) return renewed;
    // Someone may have won in between: what is stored now decides, not what was refused.
    const found = await readIfNewer(deps, account);
    if (!found.ok || 'credential' in found.value) return found as Result<Usable, Fault>;
    await deps.connections.needsReconnecting(tenant, leased.provider, leased.name, leased.version);
    return renewed;
  } finally {
    // A lease that cannot be given back lapses by itself; that must not hide how the renewal ended.
    if (!isStored) await deps.connections.release(tenant, leased, holder).catch(() => undefined);
  }
}

/** Stores, then gives out. The only copy of a single-use token is in memory here, so a failing store is tried again. */
async function storeRenewed(
  deps: RefreshDeps,
  account: CredentialUse,
  leased: Connection,
  renewed: Usable,
): Promise<Result<Usable, Fault>> {
  const { tenant } = account;
  const patient = new AbortController().signal;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const isStored = await deps.connections.storeRenewed(tenant, renewed.connection, leased.version);
      deps.unstored.forget(tenant, leased);
      if (isStored) return ok(renewed);
      break;
    } catch (error) {
      deps.unstored.keep(tenant, renewed.connection, leased.version);
      if (attempt === STORE_ATTEMPTS) throw error;
      await deps.sleep(FIRST_POLL_MS * 2 ** attempt, patient);
    }
  }
  // Refused: another version is there. It may be our own, whose answer was lost on the way back.
  const found = await readIfNewer(deps, account);
  if (!found.ok && found.fault.code === 'not_connected') await revokeUnstorable(deps, account, renewed);
  if (!found.ok || 'credential' in found.value) return found as Result<Usable, Fault>;
  throw new Error('a renewed credential was refused although the version it replaces is stored');
}

/** Whoever disconnected could revoke only what was stored then: this pair is known here alone, and nobody may use it. */
async function revokeUnstorable(
  deps: RefreshDeps,
  { tenant, provider }: CredentialUse,
  { connection, credential }: Usable,
): Promise<void> {
  await patience(GIVE_UP_MS)(revokeAtProvider(deps, tenant, provider, connection, credential));
}

function reconnect(provider: Provider): Fault {
  return fault('reconnect_required', `${provider.name} no longer accepts the stored credential.`, {
    cause: 'reconnect_required',
  });
}
