/**
 * `org_id` and `user_id` of a request, and whether a key may be used with them. The words of a refusal hold nothing of
 * the request, and no character that API Gateway could not paste between quotes.
 */
import type { ApiKeyRecord } from './api-key.ts';
import { parameterProblem, type Query } from './parameter-names.ts';
import { encodeId, idProblem } from '../tenant/tenant.ts';

export interface TenancyParameters {
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  /** Why the parameters make no sense; then neither is set. */
  readonly problem?: string | undefined;
}

const TENANCY = ['org_id', 'user_id'];

/** @param also names that the address takes besides these two. */
export function readTenancyParameters(query: Query, also: readonly string[] = []): TenancyParameters {
  const wrongNames = parameterProblem(query, [...TENANCY, ...also]);
  if (wrongNames !== undefined) return { problem: wrongNames };
  const org = parameter('org_id', query);
  const user = parameter('user_id', query);
  const problem = org.problem ?? user.problem;
  return problem === undefined ? { org: org.value, user: user.value } : { problem };
}

interface Parameter {
  readonly value?: string;
  readonly problem?: string;
}

function parameter(name: 'org_id' | 'user_id', query: Query): Parameter {
  const values = Object.hasOwn(query, name) ? (query[name] ?? []) : [];
  const [value] = values;
  if (value === undefined) return {};
  if (values.length > 1) return { problem: `The parameter ${name} is given more than once. Send it once.` };
  const problem = idProblem(value);
  return problem === undefined
    ? { value }
    : { problem: `The parameter ${name} ${problem}. Send an id of 1-200 characters, or leave it out.` };
}

/** Why a key may not be used for this tenant. */
export function scopeProblem(
  record: Pick<ApiKeyRecord, 'type' | 'orgs' | 'requireUser'>,
  org: string | undefined,
  user: string | undefined,
): string | undefined {
  if (org !== undefined && record.type !== 'platform')
    return `This is a ${record.type} key: it cannot be used with org_id. Leave org_id out, or use a platform key.`;
  if (user !== undefined && record.type === 'solo')
    return 'This is a solo key: it cannot be used with user_id. Leave user_id out, or use a client or platform key.';
  if (record.requireUser === true && user === undefined)
    return `This ${record.type} key serves no request without user_id. Send the user_id of the person it is for.`;
  if (record.orgs === undefined) return undefined;
  const pinned = new Set(record.orgs.map(encodeId));
  if (org === undefined || user === undefined)
    return 'This platform key is pinned to certain organizations: send org_id and user_id.';
  return pinned.has(encodeId(org))
    ? undefined
    : 'This platform key is pinned to other organizations: this org_id is not one of them. Send an org_id of this key, or ask your administrator for a key of this organization.';
}
