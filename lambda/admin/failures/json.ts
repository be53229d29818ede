/** A failed call as the admin API shows it: snake_case, `null` for what is not set. */
import type * as z from 'zod';
import { tenantMark } from '../../../core/log.ts';
import type { Failure } from '../../../core/meter/failure.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import type { FailureRow } from './contract.ts';

export function toFailureJson(client: string, failure: Failure): z.input<typeof FailureRow> {
  const { reference, at, org, user, keyId, tenantKeyId, tool, provider, code, cause } = failure;
  return {
    reference,
    at,
    client,
    org: org ?? null,
    user: user ?? null,
    tenant: tenantMark(tenantId({ client, org, user })),
    key_id: keyId,
    tenant_key_id: tenantKeyId ?? null,
    tool,
    provider: provider ?? null,
    code,
    cause:
      cause === undefined
        ? null
        : {
            host: cause.host,
            status: cause.status ?? null,
            vendor_code: cause.vendorCode ?? null,
            broke: cause.broke ?? null,
          },
  };
}
