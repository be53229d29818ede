/** A failed call as an item of its tenant's partition. */
import * as z from 'zod';
import type { FailureNote } from '../../../core/meter/usage.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const FailureItem = z.object({ reference: z.string(), tool: z.string(), code: z.string(), at: z.string() });

/** The whole item, its primary key included. `ttl` is in seconds since 1970. */
export function toFailureItem(tenant: TenantId, { reference, tool, code, at }: FailureNote, ttl: number): Item {
  return toItem({ ...itemKeys.tenant.failure(tenant, at, reference), reference, tool, code, at, ttl });
}

export function fromFailureItem(item: Readonly<Item>): FailureNote {
  return FailureItem.parse(fromItem(item));
}
