/** One part of a kept result as an item of its tenant's partition. What opens the parts lies in the first. */
import * as z from 'zod';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import type { Envelope } from '../../../core/vault/envelope.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';
import { EnvelopeItem } from '../vault/envelope-item.ts';

const ResultItem = EnvelopeItem.partial({ edk: true, iv: true, tag: true }).extend({ ttl: z.int() });

export type ResultPart = z.infer<typeof ResultItem>;

/** The whole items, their primary keys included, of at most `partBytes` sealed bytes each. `ttl` is in seconds since 1970. */
export function toResultItems(
  tenant: TenantId,
  id: string,
  { ct, edk, iv, tag }: Envelope,
  { partBytes, ttl }: { readonly partBytes: number; readonly ttl: number },
): readonly Item[] {
  return Array.from({ length: Math.ceil(ct.length / partBytes) }, (_, part) =>
    toItem({
      ...itemKeys.tenant.result(tenant, id, part),
      ct: ct.subarray(part * partBytes, (part + 1) * partBytes),
      ttl,
      ...(part === 0 ? { edk, iv, tag } : {}),
    }),
  );
}

export function fromResultItem(item: Readonly<Item>): ResultPart {
  return ResultItem.parse(fromItem(item));
}
