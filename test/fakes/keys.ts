/** The Keys table in memory: client, platform and operator keys on one side, tenant keys on the other. */
import { hashKey, mintKey, type ApiKeyRecord, type KeyRecord, type KeyStore } from '../../core/keys/api-key.ts';
import type { TenantKeyRecord } from '../../core/keys/api-key.ts';
import type { TenantKeyWriter } from '../../core/keys/tenant-key.ts';

export interface FakeKeys extends KeyStore, TenantKeyWriter {
  readonly tenantKeys: Map<string, TenantKeyRecord>;
  /** Stores the record and answers the key that finds it. */
  hold(record: KeyRecord): string;
  /** Stores another record under a key. */
  replace(key: string, record: KeyRecord): void;
}

export function fakeKeys(): FakeKeys {
  const rows = new Map<string, KeyRecord>();
  const tenantKeys = new Map<string, TenantKeyRecord>();
  return {
    tenantKeys,
    find: async (hash) => rows.get(hash),
    findTenantKey: async (hash) => tenantKeys.get(hash),
    async add(hash, record) {
      tenantKeys.set(hash, record);
    },
    hold(record) {
      const key = mintKey();
      rows.set(hashKey(key), record);
      return key;
    },
    replace: (key, record) => void rows.set(hashKey(key), record),
  };
}

export function apiKeyRecord(more: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    kind: 'api',
    keyId: 'k_1',
    clientId: 'acme',
    type: 'platform',
    status: 'active',
    display: 'allmcp_abcd…',
    createdAt: '2026-01-01T00:00:00.000Z',
    limits: {},
    policy: { inline_credentials: 'accept' },
    ...more,
  };
}
