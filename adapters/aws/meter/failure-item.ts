/** A failed call as an item of its tenant's partition, and as what a session sets in the rows that operators read. */
import * as z from 'zod';
import type { Failure, FailureNote } from '../../../core/meter/failure.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const FailureItem = z.object({ reference: z.string(), tool: z.string(), code: z.string(), at: z.string() });

const OperatorsItem = FailureItem.extend({
  key_id: z.string(),
  tenant_key_id: z.string().optional(),
  provider: z.string().optional(),
  org: z.string().optional(),
  user: z.string().optional(),
  cause: z
    .object({
      host: z.string(),
      status: z.number().optional(),
      vendor_code: z.string().optional(),
      broke: z.string().optional(),
    })
    .optional(),
});

/** The whole item, its primary key included. `ttl` is in seconds since 1970. */
export function toFailureItem(tenant: TenantId, { reference, tool, code, at }: FailureNote, ttl: number): Item {
  return toItem({ ...itemKeys.tenant.failure(tenant, at, reference), reference, tool, code, at, ttl });
}

export function fromFailureItem(item: Readonly<Item>): FailureNote {
  return FailureItem.parse(fromItem(item));
}

/** What an update sets: sessions of tenants may update such a row, and neither put nor read one. */
export function toOperatorsItem(failure: Failure, ttl: number): Item {
  const { reference, tool, provider, code, at, keyId, tenantKeyId, org, user, cause } = failure;
  return toItem({
    reference,
    tool,
    provider,
    code,
    at,
    key_id: keyId,
    tenant_key_id: tenantKeyId,
    org,
    user,
    cause: cause && {
      host: cause.host,
      status: cause.status,
      vendor_code: cause.vendorCode,
      broke: cause.broke,
    },
    ttl,
  });
}

export function fromOperatorsItem(item: Readonly<Item>): Failure {
  const { key_id: keyId, tenant_key_id: tenantKeyId, cause, ...rest } = OperatorsItem.parse(fromItem(item));
  if (cause === undefined) return { ...rest, keyId, tenantKeyId };
  const { vendor_code: vendorCode, ...where } = cause;
  return { ...rest, keyId, tenantKeyId, cause: { ...where, vendorCode } };
}
