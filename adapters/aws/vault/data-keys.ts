/** Data keys from KMS, asked for with a session that its tags limit: KMS compares the context with them. */
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { EncryptionContext } from '../../../core/vault/envelope.ts';
import type { DataKeys } from '../../../core/vault/envelope.ts';
import type { TenantSessions } from '../tenant-session.ts';

export function createDataKeys({
  sessions,
  keyArn,
}: {
  readonly sessions: TenantSessions;
  readonly keyArn: string;
}): DataKeys {
  return {
    async generate(tenant, context) {
      const { kms } = await sessions(tenant);
      return generateDataKey(kms, keyArn, context);
    },
    async decrypt(tenant, context, encrypted) {
      const { kms } = await sessions(tenant);
      return decryptDataKey(kms, keyArn, context, encrypted);
    },
  };
}

export async function generateDataKey(kms: KMSClient, keyArn: string, context: EncryptionContext) {
  const { Plaintext, CiphertextBlob } = await kms.send(
    new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: { ...context } }),
  );
  if (Plaintext === undefined || CiphertextBlob === undefined) throw new Error('KMS gave no data key');
  return { plaintext: Plaintext, encrypted: CiphertextBlob };
}

export async function decryptDataKey(
  kms: KMSClient,
  keyArn: string,
  context: EncryptionContext,
  encrypted: Uint8Array,
): Promise<Uint8Array> {
  const { Plaintext } = await kms.send(
    // The key is named so that a blob of another key is refused instead of followed.
    new DecryptCommand({ KeyId: keyArn, CiphertextBlob: encrypted, EncryptionContext: { ...context } }),
  );
  if (Plaintext === undefined) throw new Error('KMS gave no plain text');
  return Plaintext;
}
