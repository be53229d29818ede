/**
 * From what a request carries to who it is. The one place that reads keys and tenancy parameters; everything
 * after it takes a Principal. Takes plain data and a KeyStore; no clock, no environment.
 */
import { DEFAULT_CONFIRM } from './confirm.ts';
import { hashKey, isWellFormedKey, type ApiKeyRecord, type KeyRecord, type KeyStore } from './api-key.ts';
import type { Principal, TenantPrincipal } from './principal.ts';
import { fail, ok, type Result } from './result.ts';
import { encodeId, idProblem, tenantId } from './tenant.ts';

export interface Credentials {
  /** Every value of the `X-API-Key` header. */
  readonly apiKeys: readonly string[];
  /** Every value of the `Authorization` header. */
  readonly authorizations: readonly string[];
  /** Decoded query parameters, each with every value it was sent with. */
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** `mcp`: a tenant's endpoint; `admin`: an operator's. */
  readonly audience: 'mcp' | 'admin';
}

/** `unauthorized` never says why: unknown, malformed, revoked and expired keys look the same from outside. */
export type Denial = { readonly kind: 'unauthorized' } | { readonly kind: 'forbidden'; readonly reason: string };

const UNAUTHORIZED = fail<Denial>({ kind: 'unauthorized' });

export async function authenticate(
  credentials: Credentials,
  keys: KeyStore,
  now: number,
): Promise<Result<Principal, Denial>> {
  const key = presentedKey(credentials);
  if (key === undefined || !isWellFormedKey(key)) return UNAUTHORIZED;
  const record = await keys.find(hashKey(key));
  if (record === undefined || !isUsable(record, now)) return UNAUTHORIZED;
  if (record.kind === 'operator') {
    if (credentials.audience !== 'admin')
      return forbidden('This is an operator key. Use an API key on this address; operator keys are for /admin/v1.');
    const clientId = record.scope === 'all' ? undefined : record.scope.clientId;
    return ok({ kind: 'operator', keyId: record.keyId, clientId });
  }
  if (credentials.audience !== 'mcp') return forbidden('This is an API key. /admin/v1 takes an operator key.');
  return tenantOf(record, credentials.query);
}

/** The one key of the request; two different ones are none. Other schemes of `Authorization` are not keys. */
function presentedKey({ apiKeys, authorizations }: Credentials): string | undefined {
  const bearers = authorizations.flatMap((value) => /^bearer +(\S+) *$/i.exec(value)?.[1] ?? []);
  const presented = new Set([...apiKeys.map((value) => value.trim()), ...bearers]);
  const [only] = presented;
  return presented.size === 1 ? only : undefined;
}

function isUsable(record: KeyRecord, now: number): boolean {
  if (record.status !== 'active') return false;
  return record.expiresAt === undefined || Date.parse(record.expiresAt) > now;
}

function tenantOf(record: ApiKeyRecord, query: Credentials['query']): Result<Principal, Denial> {
  const org = parameter('org_id', query);
  const user = parameter('user_id', query);
  const problem = org.problem ?? user.problem;
  if (problem !== undefined) return ok({ kind: 'rejected', problem });

  const reason = scopeProblem(record, org.value, user.value);
  if (reason !== undefined) return forbidden(reason);

  const solo = user.value === undefined;
  return ok<TenantPrincipal>({
    kind: 'tenant',
    keyId: record.keyId,
    keyType: record.type,
    clientId: record.clientId,
    org: solo ? undefined : org.value,
    user: user.value,
    tenant: tenantId({ client: record.clientId, org: org.value, user: user.value }),
    limits: record.limits,
    policy: record.policy,
    confirm: record.confirm ?? DEFAULT_CONFIRM,
  });
}

interface Parameter {
  readonly value?: string;
  readonly problem?: string;
}

function parameter(name: 'org_id' | 'user_id', query: Credentials['query']): Parameter {
  const values = Object.hasOwn(query, name) ? (query[name] ?? []) : [];
  const [value] = values;
  if (value === undefined) return {};
  if (values.length > 1) return { problem: `The parameter ${name} is given more than once. Send it once.` };
  const problem = idProblem(value);
  return problem === undefined
    ? { value }
    : { problem: `The parameter ${name} ${problem}. Send an id of 1-200 characters, or leave it out.` };
}

/** Why a key may not be used this way, in words that hold nothing of the request. */
function scopeProblem(record: ApiKeyRecord, org: string | undefined, user: string | undefined): string | undefined {
  if (org !== undefined && record.type !== 'platform')
    return `This is a ${record.type} key: it cannot be used with org_id. Leave org_id out, or use a platform key.`;
  if (user !== undefined && record.type === 'solo')
    return 'This is a solo key: it cannot be used with user_id. Leave user_id out, or use a client or platform key.';
  if (record.orgs === undefined) return undefined;
  const pinned = new Set(record.orgs.map(encodeId));
  if (org === undefined || user === undefined)
    return 'This platform key is pinned to certain organizations: send org_id and user_id.';
  return pinned.has(encodeId(org))
    ? undefined
    : 'This platform key is pinned to other organizations: this org_id is not one of them. Send an org_id of this key, or ask your administrator for a key of this organization.';
}

function forbidden(reason: string): Result<Principal, Denial> {
  return fail({ kind: 'forbidden', reason });
}
