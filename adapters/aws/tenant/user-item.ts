/** A user who has, or has had, an account, as an item of the client: set by whoever stores one, read by operators. */
import * as z from 'zod';
import { tenantId, tenantParts, type TenantId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';

const UserItem = z.object({
  client: z.string(),
  org: z.string().optional(),
  user: z.string().optional(),
});

/** What an update sets. */
export function toUserItem(tenant: TenantId): Item {
  const { client, org, user } = tenantParts(tenant);
  return toItem({ client, org, user });
}

export function fromUserItem(item: Readonly<Item>): TenantId {
  return tenantId(UserItem.parse(fromItem(item)));
}
