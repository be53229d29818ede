/** KMS as the real SDK sees it: contexts, ciphertexts, the policies of key and role. */
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from '@jest/globals';
import { KEY, role, setUpAws } from '../set-up.ts';

const { client, issue } = await setUpAws();

describe('KMS', () => {
  const tenant = () => client(issue(role('Tenant'), { c: 'acme' })).kms;
  const EncryptionContext = { c: 'acme', what: 'x' };

  it('opens a data key under the context it was made with, in any order', async () => {
    const made = await tenant().send(
      new GenerateDataKeyCommand({ KeyId: KEY.arn, KeySpec: 'AES_256', EncryptionContext }),
    );
    expect(made.Plaintext).toHaveLength(32);
    const opened = await tenant().send(
      new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext: { what: 'x', c: 'acme' } }),
    );
    expect(opened.Plaintext).toEqual(made.Plaintext);
    expect(opened.KeyId).toBe(KEY.arn);
  });

  it('answers InvalidCiphertext for another context, a damaged blob and a cut one', async () => {
    const { CiphertextBlob = new Uint8Array() } = await tenant().send(
      new EncryptCommand({ KeyId: 'alias/test', Plaintext: Buffer.from('secret'), EncryptionContext }),
    );
    const damaged = Buffer.from(CiphertextBlob);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    const invalid = { name: 'InvalidCiphertextException' };
    const decrypt = (blob: Uint8Array, context: Record<string, string>) =>
      tenant().send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: context }));
    await expect(decrypt(CiphertextBlob, { c: 'acme', what: 'y' })).rejects.toMatchObject(invalid);
    await expect(decrypt(damaged, EncryptionContext)).rejects.toMatchObject(invalid);
    await expect(decrypt(CiphertextBlob.slice(0, 40), EncryptionContext)).rejects.toMatchObject(invalid);
    await expect(decrypt(Buffer.from('garbage'), EncryptionContext)).rejects.toMatchObject(invalid);
  });

  it('applies the key policy: an explicit deny reaches a role with every KMS permission', async () => {
    const { CiphertextBlob } = await tenant().send(
      new GenerateDataKeyCommand({ KeyId: KEY.id, KeySpec: 'AES_256', EncryptionContext }),
    );
    const { kms } = client(issue(role('Function')));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: KEY.id }));
    expect(KeyMetadata?.Arn).toBe(KEY.arn);
  });

  it('applies the session tags to the encryption context', async () => {
    const { kms } = client(issue(role('Tenant'), { c: 'other' }));
    await expect(
      kms.send(new GenerateDataKeyCommand({ KeyId: KEY.arn, KeySpec: 'AES_256', EncryptionContext })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
