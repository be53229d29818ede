/**
 * Key formats and attribute names of the two tables (docs/storage.md, tested against this file). The policies in
 * `lib/` are written with the same prefixes: a change here is a change of contract. No I/O.
 */
import type { TenantId } from '../core/tenant.ts';
import { encodeId, tenantTags } from '../core/tenant.ts';

/** Keys table: one row per key, found by hash only. */
export const keyRow = (hash: string) => ({ pk: `KEY#${hash}` });

/** First characters of the partitions in the Tenants table; each has its own policy statement. */
export const PARTITIONS = { tenant: 'T#', client: 'C#', shared: 'U#', directory: 'D#' } as const;

/** A tenant's own partition: `T#client#org#user`. TenantRole reaches this and no other. */
export const tenantRow = {
  connection: (tenant: TenantId, provider: string, name: string) => ({ pk: tenant, sk: `CONN#${provider}#${name}` }),
  connections: (tenant: TenantId, provider?: string) => ({
    pk: tenant,
    prefix: provider === undefined ? 'CONN#' : `CONN#${provider}#`,
  }),
  usage: (tenant: TenantId, month: string, provider: string, connection: string) => ({
    pk: tenant,
    sk: `USE#${month}#${provider}#${connection}`,
  }),
  usages: (tenant: TenantId, month?: string) => ({
    pk: tenant,
    prefix: month === undefined ? 'USE#' : `USE#${month}#`,
  }),
  failure: (tenant: TenantId, at: string, reference: string) => ({ pk: tenant, sk: `FAIL#${at}#${reference}` }),
  failures: (tenant: TenantId) => ({ pk: tenant, prefix: 'FAIL#' }),
  /** A result too long for one answer, in parts that sort in order. */
  result: (tenant: TenantId, id: string, part: number) => ({
    pk: tenant,
    sk: `RESULT#${id}#${String(part).padStart(3, '0')}`,
  }),
  results: (tenant: TenantId, id: string) => ({ pk: tenant, prefix: `RESULT#${id}#` }),
} as const;

/**
 * Counters and reports that all tenants of a client write and none reads: TenantRole may only `UpdateItem` here,
 * and only ask for what it just updated.
 */
export const sharedRow = {
  keyMinute: (tenant: TenantId, keyId: string, minute: string) => ({
    pk: shared(tenant, `KEY#${keyId}`),
    sk: `MIN#${minute}`,
  }),
  keyMonth: (tenant: TenantId, keyId: string, month: string) => ({
    pk: shared(tenant, `KEY#${keyId}`),
    sk: `MONTH#${month}`,
  }),
  keyLastUsed: (tenant: TenantId, keyId: string) => ({ pk: shared(tenant, `KEY#${keyId}`), sk: 'LAST' }),
  pace: (tenant: TenantId, scopeHash: string) => ({ pk: shared(tenant, `PACE#${scopeHash}`), sk: 'PACE' }),
  issue: (tenant: TenantId, at: string, id: string) => ({ pk: shared(tenant, 'ISSUES'), sk: `ISSUE#${at}#${id}` }),
} as const;

function shared(tenant: TenantId, what: string): string {
  return `${PARTITIONS.shared}${tenantTags(tenant).client}#${what}`;
}

/** Rows that only the admin function touches. */
export const clientRow = {
  /** Existence of a client, so that clients can be listed without a Scan. */
  directory: (client: string) => ({ pk: `${PARTITIONS.directory}CLIENTS`, sk: `CLIENT#${encodeId(client)}` }),
  directories: () => ({ pk: `${PARTITIONS.directory}CLIENTS`, prefix: 'CLIENT#' }),
  record: (client: string) => ({ pk: `${PARTITIONS.client}${encodeId(client)}`, sk: 'CLIENT' }),
  keyRef: (client: string, keyId: string) => ({ pk: `${PARTITIONS.client}${encodeId(client)}`, sk: `KEYREF#${keyId}` }),
  /** Whose key an id names, so that a key can be revoked by its id alone. */
  keyOwner: (keyId: string) => ({ pk: `${PARTITIONS.directory}KEY#${keyId}`, sk: 'OWNER' }),
  keyRefs: (client: string) => ({ pk: `${PARTITIONS.client}${encodeId(client)}`, prefix: 'KEYREF#' }),
  /** Operator keys belong to no client. */
  operatorRef: (keyId: string) => ({ pk: `${PARTITIONS.directory}OPERATORS`, sk: `KEYREF#${keyId}` }),
  operatorRefs: () => ({ pk: `${PARTITIONS.directory}OPERATORS`, prefix: 'KEYREF#' }),
  keyLastUsed: (client: string, keyId: string) => ({
    pk: `${PARTITIONS.shared}${encodeId(client)}#KEY#${keyId}`,
    sk: 'LAST',
  }),
  issues: (client: string) => ({ pk: `${PARTITIONS.shared}${encodeId(client)}#ISSUES`, prefix: 'ISSUE#' }),
} as const;

/** STS session tag keys that name a tenant; the policies compare `aws:PrincipalTag/<key>`. */
export const SESSION_TAGS = { client: 'allmcp:client', org: 'allmcp:org', user: 'allmcp:user' } as const;
