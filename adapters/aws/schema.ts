/**
 * Key formats and attribute names of the two tables (docs/storage.md, tested against this file). The policies in
 * `lib/` are written with the same prefixes: a change here is a change of contract.
 */
import type { TenantId } from '../../core/tenant/tenant.ts';
import { encodedOwner, type AppOwner, type EncodedOwner } from '../../core/vault/app-owner.ts';
import { encodeId, tenantTags } from '../../core/tenant/tenant.ts';

/** First characters of the partitions in the Keys table: who may write tenant keys reaches no other key. */
export const KEY_PARTITIONS = { key: 'KEY#', tenantKey: 'TKEY#' } as const;

/** First characters of the partitions in the Tenants table; each has its own policy statement. */
export const PARTITIONS = {
  tenant: 'T#',
  client: 'C#',
  shared: 'U#',
  directory: 'D#',
  /** What waits for a browser: found by the hash of a secret in an address, gone after ten minutes. */
  pending: 'S#',
  /** What the connect pages need to know of a client: settings, OAuth apps. */
  app: 'A#',
  /** Events of a client that have not been delivered. */
  outbox: 'Q#',
} as const;

/**
 * The keys of every row, by whose it is. Only these build a pk or an sk.
 */
export const itemKeys = {
  /** Keys table: one row per key, found by hash only. */
  key: (hash: string) => ({ pk: `${KEY_PARTITIONS.key}${hash}` }),
  tenantKey: (hash: string) => ({ pk: `${KEY_PARTITIONS.tenantKey}${hash}` }),

  /** A tenant's own partition: `T#client#org#user`. TenantRole reaches this and no other. */
  tenant: {
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
    /** How many reports the tenant has filed on a day. */
    reports: (tenant: TenantId, day: string) => ({ pk: tenant, sk: `REPORTS#${day}` }),
    failures: (tenant: TenantId) => ({ pk: tenant, prefix: 'FAIL#' }),
    /** A result too long for one answer, in parts that sort in order. */
    result: (tenant: TenantId, id: string, part: number) => ({
      pk: tenant,
      sk: `RESULT#${id}#${String(part).padStart(3, '0')}`,
    }),
    results: (tenant: TenantId, id: string) => ({ pk: tenant, prefix: `RESULT#${id}#` }),
    /** How the last consent for an account went, until it is connected. */
    consent: (tenant: TenantId, provider: string, connection: string) => ({
      pk: tenant,
      sk: `CONSENT#${provider}#${connection}`,
    }),
    /** A connect link; the truth about it, in the partition of the tenant it was made for. */
    connectLink: (tenant: TenantId, hash: string) => ({ pk: tenant, sk: `TICKET#${hash}` }),
  },

  /**
   * Counters and reports that all tenants of a client write and none reads: TenantRole may only `UpdateItem` here,
   * and only ask for what it just updated.
   */
  shared: {
    keyMinute: (tenant: TenantId, keyId: string, minute: string) => ({
      pk: sharedPartition(tenant, `KEY#${keyId}`),
      sk: `MIN#${minute}`,
    }),
    keyMonth: (tenant: TenantId, keyId: string, month: string) => ({
      pk: sharedPartition(tenant, `KEY#${keyId}`),
      sk: `MONTH#${month}`,
    }),
    /** What one tenant key has used of the month of the key it was made with. */
    tenantKeyMonth: (tenant: TenantId, keyId: string, month: string, tenantKeyId: string) => ({
      pk: sharedPartition(tenant, `KEY#${keyId}`),
      sk: `MONTH#${month}#${tenantKeyId}`,
    }),
    keyLastUsed: (tenant: TenantId, keyId: string) => ({ pk: sharedPartition(tenant, `KEY#${keyId}`), sk: 'LAST' }),
    rateLimit: (tenant: TenantId, scopeHash: string) => ({
      pk: sharedPartition(tenant, `PACE#${scopeHash}`),
      sk: 'PACE',
    }),
    /** How long one tenant's calls wait for this scope. */
    rateLimitQueue: (tenant: TenantId, scopeHash: string, tenantHash: string) => ({
      pk: sharedPartition(tenant, `PACE#${scopeHash}`),
      sk: `QUEUE#${tenantHash}`,
    }),
    issue: (tenant: TenantId, at: string, id: string) => ({
      pk: sharedPartition(tenant, 'ISSUES'),
      sk: `ISSUE#${at}#${id}`,
    }),
    /** Who of a client has, or has had, an account: so that these can be found without a Scan. */
    user: (tenant: TenantId) => ({
      pk: sharedPartition(tenant, 'USERS'),
      sk: `USER#${tenantTags(tenant).org}#${tenantTags(tenant).user}`,
    }),
    /** A failed call for the client's operators: among all by time, and by its reference. */
    failure: (tenant: TenantId, at: string, reference: string) => ({
      pk: sharedPartition(tenant, 'FAILURES'),
      sk: `FAIL#${at}#${reference}`,
    }),
    failureReference: (tenant: TenantId, reference: string) => ({
      pk: sharedPartition(tenant, `REF#${reference}`),
      sk: 'FAILURE',
    }),
  },

  /** Found by a hash of what a browser brings. */
  pending: {
    /** Whose connect link a secret opens. It grants nothing: the tenant's own partition has the link, or there is none. */
    connectLinkOwner: (hash: string) => ({ pk: `${PARTITIONS.pending}TICKET#${hash}`, sk: 'OWNER' }),
    grant: (hash: string) => ({ pk: `${PARTITIONS.pending}GRANT#${hash}`, sk: 'GRANT' }),
  },

  /** Settings and OAuth apps of a client and its organizations, and those of the whole platform. */
  app: {
    settings: (owner: AppOwner) => ({ pk: appPartition(owner), sk: `SETTINGS#${encodeId(owner.org)}` }),
    /** Of the client itself and of every organization that has any. */
    allSettings: (client: string) => ({ pk: appPartition({ client }), prefix: 'SETTINGS#' }),
    oauthApp: (owner: AppOwner, provider: string) => itemKeys.app.oauthAppOf(encodedOwner(owner), provider),
    /** The same for an owner that is known from a tenant's tags, whose ids may have been hashed. */
    oauthAppOf: ({ client, org }: EncodedOwner, provider: string) => ({
      pk: `${PARTITIONS.app}${client}`,
      sk: `OAPP#${org}#${provider}`,
    }),
    oauthApps: (owner: Pick<AppOwner, 'client'>) => ({ pk: appPartition(owner), prefix: 'OAPP#' }),
    /** Where the events of a client go, with the secret that signs them. */
    webhook: (client: string) => ({ pk: appPartition({ client }), sk: 'WEBHOOK' }),
  },

  /** Events that wait, in the partition of their client (by its encoded id); they sort by time. */
  outbox: {
    event: (client: string, at: string, id: string) => ({
      pk: `${PARTITIONS.outbox}${client}`,
      sk: `EVENT#${at}#${id}`,
    }),
    events: (client: string) => ({ pk: `${PARTITIONS.outbox}${client}`, prefix: 'EVENT#' }),
  },

  /** Rows that only the admin function touches. */
  client: {
    /** Existence of a client, so that clients can be listed without a Scan. */
    directory: (client: string) => ({ pk: `${PARTITIONS.directory}CLIENTS`, sk: `CLIENT#${encodeId(client)}` }),
    directories: () => ({ pk: `${PARTITIONS.directory}CLIENTS`, prefix: 'CLIENT#' }),
    record: (client: string) => ({ pk: `${PARTITIONS.client}${encodeId(client)}`, sk: 'CLIENT' }),
    keyRef: (client: string, keyId: string) => ({
      pk: `${PARTITIONS.client}${encodeId(client)}`,
      sk: `KEYREF#${keyId}`,
    }),
    /** Whose key an id names, so that a key can be revoked by its id alone. */
    keyOwner: (keyId: string) => ({ pk: `${PARTITIONS.directory}KEY#${keyId}`, sk: 'OWNER' }),
    keyRefs: (client: string) => ({ pk: `${PARTITIONS.client}${encodeId(client)}`, prefix: 'KEYREF#' }),
    /** Operator keys belong to no client. */
    operatorRef: (keyId: string) => ({ pk: `${PARTITIONS.directory}OPERATORS`, sk: `KEYREF#${keyId}` }),
    /** Clients that want events, so that deliveries can be found without a Scan. */
    eventDirectory: (client: string) => ({ pk: `${PARTITIONS.directory}EVENTS`, sk: `CLIENT#${encodeId(client)}` }),
    eventDirectories: () => ({ pk: `${PARTITIONS.directory}EVENTS`, prefix: 'CLIENT#' }),
    operatorRefs: () => ({ pk: `${PARTITIONS.directory}OPERATORS`, prefix: 'KEYREF#' }),
    keyMonth: (client: string, keyId: string, month: string) => ({
      pk: `${PARTITIONS.shared}${encodeId(client)}#KEY#${keyId}`,
      sk: `MONTH#${month}`,
    }),
    keyLastUsed: (client: string, keyId: string) => ({
      pk: `${PARTITIONS.shared}${encodeId(client)}#KEY#${keyId}`,
      sk: 'LAST',
    }),
    users: (client: string) => ({ pk: `${PARTITIONS.shared}${encodeId(client)}#USERS`, prefix: 'USER#' }),
    failures: (client: string) => ({ pk: `${PARTITIONS.shared}${encodeId(client)}#FAILURES`, prefix: 'FAIL#' }),
    failureReference: (client: string, reference: string) => ({
      pk: `${PARTITIONS.shared}${encodeId(client)}#REF#${reference}`,
      sk: 'FAILURE',
    }),
    issue: (client: string, at: string, id: string) => ({
      pk: `${PARTITIONS.shared}${encodeId(client)}#ISSUES`,
      sk: `ISSUE#${at}#${id}`,
    }),
    issues: (client: string) => ({ pk: `${PARTITIONS.shared}${encodeId(client)}#ISSUES`, prefix: 'ISSUE#' }),
  },
} as const;

function appPartition({ client }: Pick<AppOwner, 'client'>): string {
  return `${PARTITIONS.app}${encodedOwner({ client }).client}`;
}

function sharedPartition(tenant: TenantId, what: string): string {
  return `${PARTITIONS.shared}${tenantTags(tenant).client}#${what}`;
}

/** STS session tag keys that name a tenant; the policies compare `aws:PrincipalTag/<key>`. */
export const SESSION_TAGS = { client: 'allmcp:client', org: 'allmcp:org', user: 'allmcp:user' } as const;
