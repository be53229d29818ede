/**
 * The format of a key and what is stored of it. A key is 154 random bits, so a plain SHA-256 is the right hash:
 * nothing can be guessed from it, and a lookup by hash takes the same time whatever the secret is.
 */
import { createHash, randomInt } from 'node:crypto';
import type { ClientPolicy } from '../tenant/client.ts';
import type { ConfirmPolicy } from './confirm-policy.ts';
import type { EpochMs } from '../time.ts';

const PREFIX = 'allmcp_';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const RANDOM_LENGTH = 26;
const CHECKSUM_LENGTH = 6;
const ID_LENGTH = 12;
const SHAPE = new RegExp(`^${PREFIX}[A-Za-z0-9]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);

export type KeyType = 'solo' | 'client' | 'platform';

export interface KeyLimits {
  /** Messages per calendar minute, over all environments. */
  readonly rpm?: number | undefined;
  /** Calls per calendar month (UTC) that are sent to a provider. */
  readonly monthly?: number | undefined;
}

interface StoredKey {
  readonly keyId: string;
  readonly status: 'active' | 'revoked';
  /** `allmcp_Ab3d…`: enough to recognise a key in a list, too little to guess it. */
  readonly display: string;
  readonly name?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; the key is refused from this instant on. */
  readonly expiresAt?: string | undefined;
}

/** A key for `/mcp`: it belongs to one client, and its type says which tenancy parameters it may be used with. */
export interface ApiKeyRecord extends StoredKey {
  readonly kind: 'api';
  readonly clientId: string;
  readonly type: KeyType;
  /** When set, the only organizations this platform key serves. */
  readonly orgs?: readonly string[] | undefined;
  /** When true, it serves no request without `user_id`: the default user is out of its reach. */
  readonly requireUser?: boolean | undefined;
  readonly limits: KeyLimits;
  /** A copy of the client's policy, so that a request needs one read; rewritten whenever the policy changes. */
  readonly policy: ClientPolicy;
  /** Which calls ask the person first; `destructive` when it was never set. */
  readonly confirm?: ConfirmPolicy | undefined;
}

/** A key for `/admin/v1`: it manages every client, or one. It opens no credential and cannot call `/mcp`. */
export interface OperatorKeyRecord extends StoredKey {
  readonly kind: 'operator';
  readonly scope: 'all' | { readonly clientId: string };
}

export type KeyRecord = ApiKeyRecord | OperatorKeyRecord;

/**
 * What a key is worth at this moment: only an active one lets anybody in.
 */
export function keyStatusAt(
  { status, expiresAt }: Pick<KeyRecord, 'status' | 'expiresAt'>,
  now: EpochMs,
): 'active' | 'revoked' | 'expired' {
  if (status !== 'active') return 'revoked';
  return expiresAt === undefined || isAhead(expiresAt, now) ? 'active' : 'expired';
}

/** @param instant ISO 8601; one that cannot be read is past. */
export function isAhead(instant: string, now: EpochMs): boolean {
  return Date.parse(instant) > now;
}

/**
 * A short-lived key that serves one tenant, for browsers and agents. It decides nothing by itself: limits, policy and
 * whether it works at all are those of the key it was made with, at the moment of each request.
 */
export interface TenantKeyRecord {
  readonly keyId: string;
  readonly display: string;
  /** SHA-256 of the client or platform key it was made with. */
  readonly parentHash: string;
  readonly parentId: string;
  readonly clientId: string;
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; the key is refused from this instant on. */
  readonly expiresAt: string;
}

/** Finds a key by hash, strongly consistent and uncached: a revoked key fails on its next request. */
export interface KeyStore {
  find(keyHash: string): Promise<KeyRecord | undefined>;
  /** Tenant keys lie apart from the others, so that who may make these can make no other. */
  findTenantKey(keyHash: string): Promise<TenantKeyRecord | undefined>;
}

/** Makes a key. The plain text is returned once and stored nowhere. */
export function mintKey(random: (below: number) => number = randomInt): string {
  let body = '';
  for (let i = 0; i < RANDOM_LENGTH; i += 1) body += ALPHABET[random(ALPHABET.length)];
  return PREFIX + body + checksum(PREFIX + body);
}

/** A public name for a key: it stands in lists and logs and opens nothing. */
export function mintKeyId(prefix: 'k_' | 'op_' | 'tk_', random: (below: number) => number = randomInt): string {
  let id: string = prefix;
  for (let i = 0; i < ID_LENGTH; i += 1) id += ALPHABET[random(ALPHABET.length)];
  return id;
}

/** True when the text could be a key: right shape, right checksum. A mistyped key is refused without a lookup. */
export function isWellFormedKey(text: string): boolean {
  return SHAPE.test(text) && text.endsWith(checksum(text.slice(0, -CHECKSUM_LENGTH)));
}

/** Lower-case hex SHA-256 of the whole key. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export function displayKey(key: string): string {
  return `${key.slice(0, PREFIX.length + 4)}…`;
}

function checksum(text: string): string {
  let value = createHash('sha256').update(text).digest().readBigUInt64BE();
  let out = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i += 1) {
    out += ALPHABET[Number(value % 62n)];
    value /= 62n;
  }
  return out;
}
