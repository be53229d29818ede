/**
 * Making a tenant key, and how long one may live. It is made for the tenant that the authorizer has decided, never for
 * one that the body names; only its hash is stored, and it ends no later than the key it was made with.
 */
import { displayKey, hashKey, mintKey, mintKeyId, type TenantKeyRecord } from './api-key.ts';
import type { IssuerPrincipal } from './principal.ts';
import type { Clock } from '../time.ts';

/** Seconds. */
export const TENANT_KEY_LIFE = { min: 60, max: 86_400 } as const;

export interface TenantKeyWriter {
  /** Fails when the hash is there already. */
  add(hash: string, record: TenantKeyRecord): Promise<void>;
}

export interface TenantKeyDeps {
  readonly keys: TenantKeyWriter;
  readonly clock: Clock;
  readonly random?: (below: number) => number;
}

/** The only time the plain text exists. */
export interface IssuedTenantKey {
  readonly key: string;
  readonly record: TenantKeyRecord;
}

export async function issueTenantKey(
  { keys, clock, random }: TenantKeyDeps,
  issuer: IssuerPrincipal,
  seconds: number,
): Promise<IssuedTenantKey> {
  const now = clock();
  const wanted = now + seconds * 1000;
  const ends = issuer.expiresAt === undefined ? wanted : Math.min(wanted, Date.parse(issuer.expiresAt));
  const key = mintKey(random);
  const { keyHash: parentHash, keyId: parentId, clientId, org, user } = issuer;
  const record: TenantKeyRecord = {
    keyId: mintKeyId('tk_', random),
    display: displayKey(key),
    parentHash,
    parentId,
    clientId,
    org,
    user,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(ends).toISOString(),
  };
  await keys.add(hashKey(key), record);
  return { key, record };
}
