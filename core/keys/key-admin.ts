/**
 * What operators do with keys. A key is usable only once everything that is needed to revoke it is stored, and it
 * is shown once. There are no transactions: the order of writes carries the invariants.
 */
import type { Page, PageAsk } from '../page.ts';
import type { ConfirmPolicy } from './confirm-policy.ts';
import { randomInt } from 'node:crypto';
import type { AdminFault } from '../tenant/admin-fault.ts';
import {
  displayKey,
  hashKey,
  mintKey,
  mintKeyId,
  type ApiKeyRecord,
  type KeyLimits,
  type KeyRecord,
  type KeyType,
} from './api-key.ts';
import {
  DEFAULT_POLICY,
  noSuchClient,
  settlePolicy,
  type ClientStore,
  type PolicyCopies,
} from '../tenant/client-admin.ts';
import type { OperatorKeyRecord } from './api-key.ts';
import type { ClientPolicy } from '../tenant/client.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Clock } from '../time.ts';

/** A key as it is stored, with the hash that finds it. The hash never leaves this layer. */
export interface StoredKey<Key extends KeyRecord = KeyRecord> {
  readonly hash: string;
  readonly record: Key;
  /** Seconds it was made for; a rotated key is made for as long again. */
  readonly lifetime?: number | undefined;
  /** `2026-11-22`; kept for API keys only. */
  readonly lastUsed?: string | undefined;
  /** Provider calls of this month that count against its limit; undefined where nothing is counted. */
  readonly usedThisMonth?: number | undefined;
}

export interface KeyAdminStore extends PolicyCopies {
  /** Stores what is needed to revoke the key, then the key itself. */
  add(key: StoredKey): Promise<void>;
  /** By public id; undefined also when the key itself was never stored. */
  findApiKey(keyId: string): Promise<StoredKey<ApiKeyRecord> | undefined>;
  findOperatorKey(keyId: string): Promise<StoredKey<OperatorKeyRecord> | undefined>;
  /** Oldest first. */
  /** By id. */
  apiKeys(clientId: string, ask: PageAsk): Promise<Page<StoredKey<ApiKeyRecord>>>;
  operatorKeys(ask: PageAsk): Promise<Page<StoredKey<OperatorKeyRecord>>>;
  /** The status the key had until now; undefined when there is no such key. */
  revoke(hash: string): Promise<KeyRecord['status'] | undefined>;
  /** The key as it is then; undefined when it is not active any more. */
  change(key: StoredKey<ApiKeyRecord>, change: KeyChange): Promise<ApiKeyRecord | undefined>;
  /** False when the key is not active any more. */
  expire(hash: string, at: string): Promise<boolean>;
  setPolicy(hash: string, policy: ClientPolicy): Promise<void>;
}

export interface NewApiKey {
  readonly clientId: string;
  readonly type: KeyType;
  readonly orgs?: readonly string[] | undefined;
  readonly name?: string | undefined;
  /** Seconds. */
  readonly lifetime?: number | undefined;
  readonly requireUser?: boolean | undefined;
  readonly limits: KeyLimits;
  readonly confirm?: ConfirmPolicy | undefined;
}

/** Only what is named changes; null takes a field back: no name, no limit, no end. */
export interface KeyChange {
  readonly name?: string | null | undefined;
  readonly rpm?: number | null | undefined;
  readonly monthly?: number | null | undefined;
  /** Seconds from now. */
  readonly lifetime?: number | null | undefined;
  /** What `lifetime` comes to, in ISO 8601. */
  readonly expiresAt?: string | undefined;
  readonly confirm?: ConfirmPolicy | undefined;
}

export interface NewOperatorKey {
  readonly scope: OperatorKeyRecord['scope'];
  readonly name?: string | undefined;
  /** Seconds. */
  readonly lifetime?: number | undefined;
}

/** A key just made: the only time its plain text exists. */
export interface IssuedKey<Key extends KeyRecord> {
  readonly key: string;
  readonly record: Key;
}

export interface KeyAdminDeps {
  readonly keys: KeyAdminStore;
  readonly clients: ClientStore;
  readonly clock: Clock;
  readonly random?: (below: number) => number;
}

export type KeyAdmin = ReturnType<typeof createKeyAdmin>;

export function createKeyAdmin({ keys, clients, clock, random = randomInt }: KeyAdminDeps) {
  const isoIn = (seconds: number): string => new Date(clock() + seconds * 1000).toISOString();

  /** The parts every new key has. */
  function mint(prefix: 'k_' | 'op_', lifetime: number | undefined) {
    const key = mintKey(random);
    const stored = {
      keyId: mintKeyId(prefix, random),
      status: 'active',
      display: displayKey(key),
      createdAt: isoIn(0),
      expiresAt: lifetime === undefined ? undefined : isoIn(lifetime),
    } as const;
    return { key, hash: hashKey(key), stored };
  }

  /** Stores the key with the policy of this moment, then makes sure that it still is the policy. */
  async function issue(wanted: NewApiKey): Promise<Result<IssuedKey<ApiKeyRecord>, AdminFault>> {
    const { lifetime, ...kept } = wanted;
    const { clientId } = kept;
    const policy = (await clients.find(clientId))?.policy ?? DEFAULT_POLICY;
    const { key, hash, stored } = mint('k_', lifetime);
    const record: ApiKeyRecord = { ...stored, ...kept, kind: 'api', policy };
    await keys.add({ hash, record, lifetime });
    const settled = await settlePolicy(clients, clientId, (newer) => keys.setPolicy(hash, newer), policy);
    if (settled.ok) return ok({ key, record: { ...record, policy: settled.value.policy } });
    await keys.revoke(hash);
    return settled;
  }

  return {
    /** Makes the client too when it is unknown. */
    async createKey(wanted: NewApiKey) {
      const madeClient = await clients.add({ id: wanted.clientId, createdAt: isoIn(0), policy: DEFAULT_POLICY });
      const issued = await issue(wanted);
      return issued.ok ? ok({ ...issued.value, madeClient }) : issued;
    },

    findKey: (keyId: string) => keys.findApiKey(keyId),
    listKeys: (clientId: string, ask: PageAsk) => keys.apiKeys(clientId, ask),

    /** Idempotent: a revoked key stays revoked. */
    async revokeKey(found: StoredKey<ApiKeyRecord>): Promise<Result<StoredKey<ApiKeyRecord>, AdminFault>> {
      if ((await keys.revoke(found.hash)) === undefined) return fail(noSuchKey());
      return ok({ ...found, record: { ...found.record, status: 'revoked' } });
    },

    /**
     * A new key of the same client, type, organizations, demands, limits, name and length of life. The old one ends at once,
     * or `graceSeconds` from now when that is sooner than its own end.
     */
    async rotateKey(old: StoredKey<ApiKeyRecord>, graceSeconds?: number) {
      if (old.record.status !== 'active') return fail(revokedAlready('rotated'));
      const { clientId, type, orgs, requireUser, name, limits, confirm } = old.record;
      const kept = { clientId, type, orgs, requireUser, name, limits, confirm };
      const issued = await issue({ ...kept, lifetime: old.lifetime });
      if (!issued.ok) return issued;
      const ended = await end(old, graceSeconds);
      if (ended !== undefined) return ok({ ...issued.value, replaced: ended });
      // Someone revoked the old key meanwhile: a revoked key must not live on in a new one.
      await keys.revoke(hashKey(issued.value.key));
      return fail(revokedAlready('rotated'));
    },

    /** A key that has expired works again when its end is moved; a revoked one stays as it is. */
    async changeKey(
      found: StoredKey<ApiKeyRecord>,
      change: KeyChange,
    ): Promise<Result<StoredKey<ApiKeyRecord>, AdminFault>> {
      if ((await clients.find(found.record.clientId)) === undefined) return fail(noSuchClient());
      const { lifetime } = change;
      const ends = typeof lifetime === 'number' ? { expiresAt: isoIn(lifetime) } : {};
      const changed = await keys.change(found, { ...change, ...ends });
      if (changed === undefined) return fail(revokedAlready('changed'));
      // It may have another policy than when the key last worked, and may be gone by now.
      const { clientId, policy } = changed;
      const settled = await settlePolicy(clients, clientId, (newer) => keys.setPolicy(found.hash, newer), policy);
      if (settled.ok) return ok({ ...found, record: { ...changed, policy: settled.value.policy } });
      if (settled.fault.code === 'not_found') await keys.revoke(found.hash);
      return settled;
    },

    async createOperator({ scope, name, lifetime }: NewOperatorKey): Promise<IssuedKey<OperatorKeyRecord>> {
      const { key, hash, stored } = mint('op_', lifetime);
      const record: OperatorKeyRecord = { ...stored, kind: 'operator', scope, name };
      await keys.add({ hash, record, lifetime });
      return { key, record };
    },

    listOperators: (ask: PageAsk) => keys.operatorKeys(ask),

    async revokeOperator(keyId: string): Promise<Result<StoredKey<OperatorKeyRecord>, AdminFault>> {
      const found = await keys.findOperatorKey(keyId);
      if (found === undefined || (await keys.revoke(found.hash)) === undefined) return fail(noSuchKey());
      return ok({ ...found, record: { ...found.record, status: 'revoked' } });
    },
  };

  /** The old key as it is after rotation; undefined when it was not active any more. */
  async function end(old: StoredKey<ApiKeyRecord>, grace?: number): Promise<ApiKeyRecord | undefined> {
    if (grace === undefined)
      return (await keys.revoke(old.hash)) === 'active' ? { ...old.record, status: 'revoked' } : undefined;
    const { expiresAt } = old.record;
    const graceEnd = isoIn(grace);
    const at = expiresAt !== undefined && Date.parse(expiresAt) < Date.parse(graceEnd) ? expiresAt : graceEnd;
    return (await keys.expire(old.hash, at)) ? { ...old.record, expiresAt: at } : undefined;
  }
}

export function noSuchKey(): AdminFault {
  return {
    code: 'not_found',
    message: 'There is no key with this id.',
    next: 'See the ids with `npm run -s allmcp -- keys list`, or `operators list`.',
  };
}

function revokedAlready(what: 'changed' | 'rotated'): AdminFault {
  return {
    code: 'conflict',
    message: `This key is revoked: it cannot be ${what}.`,
    next: 'Create a new one with `npm run -s allmcp -- keys create`; it sees the same connections.',
  };
}
