/**
 * KMS as far as the stores use it, behind the real client: a data key opens under the key and the context it was made
 * with, and under no other. `calls` tells what was asked for.
 */
import { randomBytes } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { contextBytes, type EncryptionContext } from '../../core/vault/envelope.ts';

export interface KmsCall {
  readonly operation: string;
  readonly context: EncryptionContext;
}

interface Asked {
  readonly KeyId: string;
  readonly CiphertextBlob?: Uint8Array;
  readonly EncryptionContext: EncryptionContext;
}

export type FakeKms = KMSClient & { readonly calls: readonly KmsCall[] };

export function fakeKms(): FakeKms {
  const wrapped = new Map<string, { plaintext: Buffer; under: string }>();
  const calls: KmsCall[] = [];
  const client = new KMSClient({ region: 'eu-central-1' });
  const send = async (command: { readonly input: Asked }) => {
    const { KeyId, CiphertextBlob, EncryptionContext } = command.input;
    const operation = command.constructor.name.replace(/Command$/, '');
    calls.push({ operation, context: EncryptionContext });
    const under = JSON.stringify([KeyId, contextBytes(EncryptionContext).toString()]);
    if (operation === 'GenerateDataKey') {
      const [plaintext, blob] = [randomBytes(32), randomBytes(48)];
      wrapped.set(blob.toString('hex'), { plaintext: Buffer.from(plaintext), under });
      return { Plaintext: plaintext, CiphertextBlob: blob };
    }
    const found = wrapped.get(Buffer.from(CiphertextBlob ?? []).toString('hex'));
    if (operation !== 'Decrypt' || found?.under !== under) throw new Error('InvalidCiphertextException');
    return { Plaintext: Buffer.from(found.plaintext) };
  };
  return Object.assign(client, { send, calls }) as unknown as FakeKms;
}
