/** Data keys from KMS, asked for with the tenant's own session: KMS compares the context with the session's tags. */
import { DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import type { DataKeys } from '../core/vault.ts';
import type { TenantSessions } from './tenant-session.ts';

export function createDataKeys(sessions: TenantSessions, keyArn: string): DataKeys {
  return {
    async generate(tenant, context) {
      const { kms } = await sessions(tenant);
      const { Plaintext, CiphertextBlob } = await kms.send(
        new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: { ...context } }),
      );
      if (Plaintext === undefined || CiphertextBlob === undefined) throw new Error('KMS gave no data key');
      return { plaintext: Plaintext, encrypted: CiphertextBlob };
    },
    async decrypt(tenant, context, encrypted) {
      const { kms } = await sessions(tenant);
      const { Plaintext } = await kms.send(
        // The key is named so that a blob of another key is refused instead of followed.
        new DecryptCommand({ KeyId: keyArn, CiphertextBlob: encrypted, EncryptionContext: { ...context } }),
      );
      if (Plaintext === undefined) throw new Error('KMS gave no plain text');
      return Plaintext;
    },
  };
}
