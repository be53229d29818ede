/**
 * What IAM is asked for a KMS call, with the condition keys of
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html.
 */
import { requestContext, type ContextValue } from '../iam/context.ts';
import type { AccessRequest } from '../iam/evaluate.ts';

/** A call without an encryption context has neither the per-pair keys nor `EncryptionContextKeys`. */
export function kmsRequest(
  operation: string,
  keyArn: string,
  account: string,
  encryptionContext: Readonly<Record<string, string>>,
): AccessRequest {
  const pairs = Object.entries(encryptionContext).map(([key, value]): [string, ContextValue] => [
    `kms:EncryptionContext:${key}`,
    value,
  ]);
  return {
    action: `kms:${operation}`,
    resource: keyArn,
    context: requestContext({
      ...Object.fromEntries(pairs),
      'kms:EncryptionContextKeys': Object.keys(encryptionContext),
      'kms:CallerAccount': account,
      'kms:EncryptionAlgorithm': operation === 'DescribeKey' ? undefined : 'SYMMETRIC_DEFAULT',
      'kms:KeySpec': 'SYMMETRIC_DEFAULT',
      'kms:KeyUsage': 'ENCRYPT_DECRYPT',
    }),
  };
}
