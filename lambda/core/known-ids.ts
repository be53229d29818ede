/**
 * From a TenantId back to the ids that were sent. The encoding of most ids can be read back; of an over-long one only
 * its hash is left, so the originals of those are kept while the process lives. One that is not known is named by its
 * encoding, `=h…`, which is the same every time and which no id encodes to.
 */
import { LRUCache } from 'lru-cache';
import { decodeId, encodeId, tenantTags, type TenantId, type TenantParts } from './tenant.ts';

export interface KnownIds {
  remember(parts: TenantParts): void;
  partsOf(tenant: TenantId): TenantParts;
}

const MAX_KEPT = 1_000;

export function createKnownIds(): KnownIds {
  const originals = new LRUCache<string, string>({ max: MAX_KEPT });

  function remember(id: string | undefined): void {
    const encoded = encodeId(id);
    if (id !== undefined && decodeId(encoded) === undefined) originals.set(encoded, id);
  }
  const original = (encoded: string): string => decodeId(encoded) ?? originals.get(encoded) ?? encoded;
  const absent = encodeId(undefined);

  return {
    remember({ client, org, user }) {
      for (const id of [client, org, user]) remember(id);
    },
    partsOf(tenant) {
      const { client, org, user } = tenantTags(tenant);
      return {
        client: original(client),
        org: org === absent ? undefined : original(org),
        user: user === absent ? undefined : original(user),
      };
    },
  };
}
