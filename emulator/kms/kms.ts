/**
 * KMS for one account: symmetric keys that encrypt up to 4096 bytes under an encryption context. The key id is in the
 * blob, and key id and context are authenticated, so a wrong context cannot be told from a damaged blob, as in AWS.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Policy } from '../iam/document.ts';
import { kmsRequest } from './kms-request.ts';
import { authorize, type Roles } from '../iam/authorize.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { AwsSession } from '../iam/credentials.ts';

export interface KmsKey {
  readonly id: string;
  readonly arn: string;
  readonly policy: Policy;
  readonly aliases: readonly string[];
}

/** Key material by key id; 32 bytes each. */
export type KeyMaterial = ReadonlyMap<string, Uint8Array>;

type EncryptionContext = Readonly<Record<string, string>>;
type Input = Readonly<Record<string, unknown>>;

const MAX_PLAINTEXT = 4096;
const VERSION = 1;
const ID_BYTES = 36;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function createKms(deps: {
  readonly keys: readonly KmsKey[];
  readonly material: KeyMaterial;
  readonly roles: Roles;
  readonly account: string;
}) {
  function find(keyId: unknown): KmsKey {
    const key = deps.keys.find(
      ({ id, arn, aliases }) => keyId === id || keyId === arn || (typeof keyId === 'string' && aliases.includes(keyId)),
    );
    if (key === undefined) throw new AwsError('NotFoundException', `Key '${String(keyId)}' does not exist`);
    return key;
  }

  function check(session: AwsSession, operation: string, key: KmsKey, context: EncryptionContext): void {
    authorize(session, deps.roles, kmsRequest(operation, key.arn, deps.account, context), key.policy);
  }

  function materialOf(key: KmsKey): Uint8Array {
    const material = deps.material.get(key.id);
    if (material === undefined) throw new AwsError('KMSInvalidStateException', `${key.arn} has no key material`);
    return material;
  }

  function newDataKey(session: AwsSession, operation: string, input: Input) {
    const key = find(input['KeyId']);
    const context = encryptionContext(input);
    check(session, operation, key, context);
    const plaintext = randomBytes(dataKeyBytes(input));
    return { key, plaintext, blob: encrypt(key, materialOf(key), context, plaintext) };
  }

  const operations: Readonly<Record<string, (session: AwsSession, input: Input) => object>> = {
    GenerateDataKey(session, input) {
      const { key, plaintext, blob } = newDataKey(session, 'GenerateDataKey', input);
      return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), CiphertextBlob: blob.toString('base64') };
    },
    GenerateDataKeyWithoutPlaintext(session, input) {
      const { key, blob } = newDataKey(session, 'GenerateDataKeyWithoutPlaintext', input);
      return { KeyId: key.arn, CiphertextBlob: blob.toString('base64') };
    },
    Encrypt(session, input) {
      const key = find(input['KeyId']);
      const context = encryptionContext(input);
      check(session, 'Encrypt', key, context);
      const plaintext = bytes(input['Plaintext'], 'Plaintext');
      if (plaintext.length === 0 || plaintext.length > MAX_PLAINTEXT)
        throw new AwsError('ValidationException', `Plaintext must be 1 to ${MAX_PLAINTEXT} bytes`);
      const blob = encrypt(key, materialOf(key), context, plaintext);
      return { KeyId: key.arn, CiphertextBlob: blob.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    Decrypt(session, input) {
      const blob = bytes(input['CiphertextBlob'], 'CiphertextBlob');
      const named = input['KeyId'] === undefined ? undefined : find(input['KeyId']);
      const key = deps.keys.find(({ id }) => id === keyIdOf(blob));
      if (key === undefined) throw invalidCiphertext();
      const context = encryptionContext(input);
      check(session, 'Decrypt', key, context);
      if (named !== undefined && named !== key)
        throw new AwsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify a CMK that can perform this operation.',
        );
      const plaintext = decrypt(materialOf(key), context, blob);
      return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    DescribeKey(session, input) {
      const key = find(input['KeyId']);
      check(session, 'DescribeKey', key, {});
      return {
        KeyMetadata: {
          KeyId: key.id,
          Arn: key.arn,
          AWSAccountId: deps.account,
          Enabled: true,
          KeyState: 'Enabled',
          KeyUsage: 'ENCRYPT_DECRYPT',
          KeySpec: 'SYMMETRIC_DEFAULT',
          KeyManager: 'CUSTOMER',
          Origin: 'AWS_KMS',
        },
      };
    },
  };

  /** Answers one call with the JSON body of the KMS API. */
  return (session: AwsSession, operation: string, input: Input): object => {
    const run = operations[operation];
    if (run === undefined)
      throw new AwsError('UnknownOperationException', `kms:${operation} is not served on the laptop`);
    return run(session, input);
  };
}

function encrypt(key: KmsKey, material: Uint8Array, context: EncryptionContext, plaintext: Uint8Array): Buffer {
  const head = Buffer.concat([Buffer.from([VERSION]), Buffer.from(key.id, 'latin1')]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', material, iv).setAAD(Buffer.concat([head, canonical(context)]));
  return Buffer.concat([head, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(material: Uint8Array, context: EncryptionContext, blob: Buffer): Buffer {
  const head = blob.subarray(0, 1 + ID_BYTES);
  const iv = blob.subarray(head.length, head.length + IV_BYTES);
  const tag = blob.subarray(blob.length - TAG_BYTES);
  if (blob.length < head.length + IV_BYTES + TAG_BYTES) throw invalidCiphertext();
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.concat([head, canonical(context)]))
    .setAuthTag(tag);
  try {
    const body = blob.subarray(head.length + IV_BYTES, blob.length - TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

/** Pairs in code-unit order, lengths first, so that no two contexts have the same bytes. */
function canonical(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1))), 'utf8');
}

function keyIdOf(blob: Buffer): string | undefined {
  return blob[0] === VERSION ? blob.subarray(1, 1 + ID_BYTES).toString('latin1') : undefined;
}

const invalidCiphertext = () => new AwsError('InvalidCiphertextException', '');

function encryptionContext(input: Input): EncryptionContext {
  const context = input['EncryptionContext'];
  if (context === undefined || context === null) return {};
  const pairs = typeof context === 'object' ? Object.entries(context) : undefined;
  if (pairs === undefined || !pairs.every(([, value]) => typeof value === 'string'))
    throw new AwsError('ValidationException', 'EncryptionContext must be a map of strings');
  return Object.fromEntries(pairs) as EncryptionContext;
}

function dataKeyBytes(input: Input): number {
  if (typeof input['NumberOfBytes'] === 'number') {
    const count = input['NumberOfBytes'];
    if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  } else if (input['KeySpec'] === 'AES_256') return 32;
  else if (input['KeySpec'] === 'AES_128') return 16;
  throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
}

function bytes(value: unknown, field: string): Buffer {
  if (typeof value !== 'string') throw new AwsError('ValidationException', `${field} must not be null`);
  return Buffer.from(value, 'base64');
}
