/**
 * From what a request carries to who it is. The one place that reads keys and tenancy parameters; everything
 * after it takes a Principal.
 */
import { DEFAULT_CONFIRM } from './confirm-policy.ts';
import { hashKey, isAhead, isWellFormedKey, keyStatusAt } from './api-key.ts';
import type { ApiKeyRecord, KeyRecord, KeyStore, OperatorKeyRecord, TenantKeyRecord } from './api-key.ts';
import type { Principal, TenantPrincipal } from './principal.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Query } from './parameter-names.ts';
import { readTenancyParameters, scopeProblem, type TenancyParameters } from './tenancy-parameters.ts';
import { tenantId, tenantLevel } from '../tenant/tenant.ts';
import type { EpochMs } from '../time.ts';

export interface Credentials {
  /** Every value of the `X-API-Key` header. */
  readonly apiKeys: readonly string[];
  /** Every value of the `Authorization` header. */
  readonly authorizations: readonly string[];
  /** Decoded query parameters, each with every value it was sent with. */
  readonly query: Query;
  /** Names of parameters that the address takes besides those that name the tenant; none when left out. */
  readonly also?: readonly string[] | undefined;
  /** `mcp`: a tenant's endpoint; `keys`: where tenant keys are made; `admin`: an operator's. */
  readonly audience: 'mcp' | 'keys' | 'admin';
}

/** Why no key opened anything. `parent_ended`: the key that a tenant key was made with is gone, revoked or expired. */
export type KeyProblem = 'no_key' | 'two_keys' | 'malformed' | 'unknown' | 'revoked' | 'expired' | 'parent_ended';

/** The key that was presented, as far as it is known; for the log. */
export interface PresentedKey {
  readonly keyId?: string | undefined;
  readonly tenantKeyId?: string | undefined;
  readonly clientId?: string | undefined;
}

/**
 * `unauthorized` tells the caller nothing: unknown, malformed, revoked and expired keys look the same from outside. `why`
 * and the key are for the log. The reason of `forbidden` is told.
 */
export type Denial = PresentedKey &
  (
    | { readonly kind: 'unauthorized'; readonly why: KeyProblem }
    | { readonly kind: 'forbidden'; readonly why: 'wrong_scope'; readonly reason: string }
  );

type Decision = Result<Principal, Denial>;

export async function authenticate(credentials: Credentials, keys: KeyStore, now: EpochMs): Promise<Decision> {
  const [key, ...others] = presentedKeys(credentials);
  if (key === undefined) return unauthorized('no_key');
  if (others.length > 0) return unauthorized('two_keys');
  if (!isWellFormedKey(key)) return unauthorized('malformed');
  const hash = hashKey(key);
  const record = await keys.find(hash);
  if (record === undefined) return withTenantKey(hash, credentials, keys, now);
  const status = keyStatusAt(record, now);
  if (status !== 'active') return unauthorized(status, named(record));
  return record.kind === 'operator' ? withOperatorKey(record, credentials) : withApiKey(record, hash, credentials);
}

/**
 * The different keys of the request; more than one is as good as none. An empty header is no header, and other schemes of
 * `Authorization` are not keys.
 */
function presentedKeys({ apiKeys, authorizations }: Credentials): readonly string[] {
  const bearers = authorizations.flatMap((value) => /^bearer +(\S+) *$/i.exec(value)?.[1] ?? []);
  const named = apiKeys.map((value) => value.trim()).filter((value) => value !== '');
  return [...new Set([...named, ...bearers])];
}

function withOperatorKey(record: OperatorKeyRecord, { audience }: Credentials): Decision {
  if (audience !== 'admin')
    return forbidden(
      named(record),
      'This is an operator key. Use an API key on this address; operator keys are for /admin/v1.',
    );
  const clientId = record.scope === 'all' ? undefined : record.scope.clientId;
  return ok({ kind: 'operator', keyId: record.keyId, clientId });
}

function withApiKey(record: ApiKeyRecord, hash: string, { audience, query, also }: Credentials): Decision {
  const presented = named(record);
  if (audience === 'admin') return forbidden(presented, 'This is an API key. /admin/v1 takes an operator key.');
  if (audience === 'keys' && record.type === 'solo')
    return forbidden(
      presented,
      'This is a solo key: it serves one tenant already, so no tenant key can be made with it. Use a client or platform key.',
    );
  const asked = readTenancyParameters(query, also);
  if (asked.problem !== undefined) return ok({ kind: 'rejected', problem: asked.problem, ...presented });
  const reason = scopeProblem(record, asked.org, asked.user);
  if (reason !== undefined) return forbidden(presented, reason);
  const tenant = principalFor(record, asked);
  if (audience === 'mcp') return ok(tenant);
  const { keyId, clientId, org, user } = tenant;
  return ok({ kind: 'issuer', keyId, keyHash: hash, clientId, org, user, expiresAt: record.expiresAt });
}

/**
 * A tenant key is worth what its parent is worth now: the parent is read on every request, so revoking it ends all its
 * tenant keys at once, and nothing that was copied can be out of date.
 */
async function withTenantKey(hash: string, credentials: Credentials, keys: KeyStore, now: EpochMs): Promise<Decision> {
  const tenantKey = await keys.findTenantKey(hash);
  // Compared here, because DynamoDB deletes rows late.
  if (tenantKey === undefined) return unauthorized('unknown');
  const presented = { keyId: tenantKey.parentId, tenantKeyId: tenantKey.keyId, clientId: tenantKey.clientId };
  if (!isAhead(tenantKey.expiresAt, now)) return unauthorized('expired', presented);
  const parent = await keys.find(tenantKey.parentHash);
  if (parent === undefined || keyStatusAt(parent, now) !== 'active' || !covers(parent, tenantKey))
    return unauthorized('parent_ended', presented);
  if (credentials.audience === 'admin')
    return forbidden(presented, 'This is a tenant key. /admin/v1 takes an operator key.');
  if (credentials.audience === 'keys')
    return forbidden(
      presented,
      'This is a tenant key: it cannot make tenant keys. Use the client or platform key that it was made with.',
    );
  const asked = readTenancyParameters(credentials.query, credentials.also);
  if (asked.problem !== undefined) return ok({ kind: 'rejected', problem: asked.problem, ...presented });
  const other = differing(asked, tenantKey);
  if (other !== undefined)
    return forbidden(
      presented,
      `This is a tenant key: it serves one tenant, and this ${other} is not that of its tenant. Leave ${other} out, or use a key of the other tenant.`,
    );
  return ok({ ...principalFor(parent, tenantKey), tenantKeyId: tenantKey.keyId });
}

/** The row alone proves nothing: the parent it names must be one that could have made it. */
function covers(parent: KeyRecord, tenantKey: TenantKeyRecord): parent is ApiKeyRecord {
  return (
    parent.kind === 'api' &&
    parent.type !== 'solo' &&
    parent.keyId === tenantKey.parentId &&
    parent.clientId === tenantKey.clientId &&
    scopeProblem(parent, tenantKey.org, tenantKey.user) === undefined
  );
}

/** The parameter that names another tenant; one that is not sent names none. */
function differing(asked: TenancyParameters, tenantKey: TenantKeyRecord): 'org_id' | 'user_id' | undefined {
  if (asked.org !== undefined && asked.org !== tenantKey.org) return 'org_id';
  return asked.user !== undefined && asked.user !== tenantKey.user ? 'user_id' : undefined;
}

function principalFor(record: ApiKeyRecord, { org, user }: Pick<TenancyParameters, 'org' | 'user'>): TenantPrincipal {
  const parts = tenantLevel({ client: record.clientId, org, user });
  return {
    kind: 'tenant',
    keyId: record.keyId,
    keyType: record.type,
    clientId: parts.client,
    org: parts.org,
    user: parts.user,
    tenant: tenantId(parts),
    limits: record.limits,
    policy: record.policy,
    confirm: record.confirm ?? DEFAULT_CONFIRM,
  };
}

function named(record: KeyRecord): PresentedKey {
  const { keyId } = record;
  if (record.kind === 'api') return { keyId, clientId: record.clientId };
  return record.scope === 'all' ? { keyId } : { keyId, clientId: record.scope.clientId };
}

function unauthorized(why: KeyProblem, presented: PresentedKey = {}): Decision {
  return fail({ ...presented, kind: 'unauthorized', why });
}

function forbidden(presented: PresentedKey, reason: string): Decision {
  return fail({ ...presented, kind: 'forbidden', why: 'wrong_scope', reason });
}
