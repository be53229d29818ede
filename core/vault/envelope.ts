/**
 * The envelope around a stored credential: a fresh data key per credential, AES-256-GCM, and the encryption
 * context as additional authenticated data, so that an envelope moved to another row does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { tenantTags, type TenantId } from '../tenant/tenant.ts';

/** What KMS and the cipher both bind the credential to. Logged by CloudTrail in clear: ids only. */
export interface EncryptionContext {
  readonly client: string;
  readonly org: string;
  readonly user: string;
  readonly provider: string;
  readonly connection: string;
}

export interface Envelope {
  readonly v: 1;
  /** The data key, encrypted by KMS under the context. */
  readonly edk: Uint8Array;
  readonly iv: Uint8Array;
  readonly ct: Uint8Array;
  readonly tag: Uint8Array;
}

/** Data keys of the tenant's own session: KMS refuses any context but the tenant's. */
export interface DataKeys {
  generate(
    tenant: TenantId,
    context: EncryptionContext,
  ): Promise<{ readonly plaintext: Uint8Array; readonly encrypted: Uint8Array }>;
  decrypt(tenant: TenantId, context: EncryptionContext, encrypted: Uint8Array): Promise<Uint8Array>;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function encryptionContext(tenant: TenantId, provider: string, connection: string): EncryptionContext {
  return { ...tenantTags(tenant), provider, connection };
}

/** Canonical bytes of a context: sorted keys, and the envelope's version with it. */
export function contextBytes(context: EncryptionContext): Buffer {
  const sorted = Object.entries({ ...context, v: '1' }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(sorted), 'utf8');
}

/** Encrypts and then wipes the data key. `iv` is for test vectors only; it must never repeat under one key. */
export function sealEnvelopeBytes(
  dataKey: { readonly plaintext: Uint8Array; readonly encrypted: Uint8Array },
  context: EncryptionContext,
  plaintext: Uint8Array,
  iv: Uint8Array = randomBytes(IV_BYTES),
): Envelope {
  try {
    const cipher = createCipheriv(ALGORITHM, dataKey.plaintext, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(contextBytes(context));
    const ct = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return { v: 1, edk: dataKey.encrypted, iv, ct, tag: cipher.getAuthTag() };
  } finally {
    dataKey.plaintext.fill(0);
  }
}

/** Decrypts and then wipes the data key. Throws when the envelope, the key or the context do not belong together. */
export function openEnvelopeBytes(dataKey: Uint8Array, context: EncryptionContext, envelope: Envelope): Buffer {
  try {
    const decipher = createDecipheriv(ALGORITHM, dataKey, envelope.iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(contextBytes(context));
    decipher.setAuthTag(envelope.tag);
    return Buffer.concat([decipher.update(envelope.ct), decipher.final()]);
  } finally {
    dataKey.fill(0);
  }
}

export function sealEnvelope(
  dataKey: Parameters<typeof sealEnvelopeBytes>[0],
  context: EncryptionContext,
  plaintext: string,
  iv?: Uint8Array,
): Envelope {
  return sealEnvelopeBytes(dataKey, context, Buffer.from(plaintext, 'utf8'), iv);
}

export function openEnvelope(dataKey: Uint8Array, context: EncryptionContext, envelope: Envelope): string {
  return openEnvelopeBytes(dataKey, context, envelope).toString('utf8');
}
