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

/** `unauthorized` never says why: unknown, malformed, revoked and expired keys look the same from outside. */
export type Denial = { readonly kind: 'unauthorized' } | { readonly kind: 'forbidden'; readonly reason: string };

type Decision = Result<Principal, Denial>;

const UNAUTHORIZED = fail<Denial>({ kind: 'unauthorized' });

export async function authenticate(credentials: Credentials, keys: KeyStore, now: EpochMs): Promise<Decision> {
  const key = presentedKey(credentials);
  if (key === undefined || !isWellFormedKey(key)) return UNAUTHORIZED;
  const hash = hashKey(key);
  const record = await keys.find(hash);
  if (record === undefined) return withTenantKey(hash, credentials, keys, now);
  if (keyStatusAt(record, now) !== 'active') return UNAUTHORIZED;
  return record.kind === 'operator' ? withOperatorKey(record, credentials) : withApiKey(record, hash, credentials);
}

/**
 * The one key of the request; two different ones are none. An empty header is no header, and other schemes of
 * `Authorization` are not keys.
 */
function presentedKey({ apiKeys, authorizations }: Credentials): string | undefined {
  const bearers = authorizations.flatMap((value) => /^bearer +(\S+) *$/i.exec(value)?.[1] ?? []);
  const named = apiKeys.map((value) => value.trim()).filter((value) => value !== '');
  const presented = new Set([...named, ...bearers]);
  const [only] = presented;
  return presented.size === 1 ? only : undefined;
}

function withOperatorKey(record: OperatorKeyRecord, { audience }: Credentials): Decision {
  if (audience !== 'admin')
    return forbidden('This is an operator key. Use an API key on this address; operator keys are for /admin/v1.');
  const clientId = record.scope === 'all' ? undefined : record.scope.clientId;
  return ok({ kind: 'operator', keyId: record.keyId, clientId });
}

function withApiKey(record: ApiKeyRecord, hash: string, { audience, query, also }: Credentials): Decision {
  if (audience === 'admin') return forbidden('This is an API key. /admin/v1 takes an operator key.');
  if (audience === 'keys' && record.type === 'solo')
    return forbidden(
      'This is a solo key: it serves one tenant already, so no tenant key can be made with it. Use a client or platform key.',
    );
  const asked = readTenancyParameters(query, also);
  if (asked.problem !== undefined) return ok({ kind: 'rejected', problem: asked.problem });
  const reason = scopeProblem(record, asked.org, asked.user);
  if (reason !== undefined) return forbidden(reason);
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
  if (tenantKey === undefined || !isAhead(tenantKey.expiresAt, now)) return UNAUTHORIZED;
  const parent = await keys.find(tenantKey.parentHash);
  if (parent === undefined || keyStatusAt(parent, now) !== 'active' || !covers(parent, tenantKey)) return UNAUTHORIZED;
  if (credentials.audience === 'admin') return forbidden('This is a tenant key. /admin/v1 takes an operator key.');
  if (credentials.audience === 'keys')
    return forbidden(
      'This is a tenant key: it cannot make tenant keys. Use the client or platform key that it was made with.',
    );
  const asked = readTenancyParameters(credentials.query, credentials.also);
  if (asked.problem !== undefined) return ok({ kind: 'rejected', problem: asked.problem });
  const other = differing(asked, tenantKey);
  if (other !== undefined)
    return forbidden(
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

function forbidden(reason: string): Result<Principal, Denial> {
  return fail({ kind: 'forbidden', reason });
}
