/**
 * Who a request is, after authentication. It crosses from the authorizer to the functions as API Gateway's
 * authorizer context, which holds flat strings only. Nothing after this reads headers or the query.
 */
import * as z from 'zod';
import type { KeyType } from './api-key.ts';
import { ClientPolicy } from '../tenant/client.ts';
import { CONFIRM_POLICIES, type ConfirmPolicy } from './confirm-policy.ts';
import { tenantId, type TenantId } from '../tenant/tenant.ts';

export interface TenantPrincipal {
  readonly kind: 'tenant';
  /** The key whose limits count; a tenant key counts on the one it was made with. */
  readonly keyId: string;
  /** Set when the request came with a tenant key. */
  readonly tenantKeyId?: string | undefined;
  readonly keyType: KeyType;
  readonly clientId: string;
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  readonly tenant: TenantId;
  readonly limits: { readonly rpm?: number | undefined; readonly monthly?: number | undefined };
  readonly policy: ClientPolicy;
  /** Which calls of this key ask the person first. */
  readonly confirm: ConfirmPolicy;
}

export interface OperatorPrincipal {
  readonly kind: 'operator';
  readonly keyId: string;
  /** `undefined`: every client. */
  readonly clientId?: string | undefined;
}

/**
 * A key that may make tenant keys, with the one tenant its request names. It reaches the function that makes them and
 * no other, because it carries the hash of the key; no address of a tenant takes it.
 */
export interface IssuerPrincipal {
  readonly kind: 'issuer';
  readonly keyId: string;
  readonly keyHash: string;
  readonly clientId: string;
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  /** ISO 8601; nothing made with the key outlives it. */
  readonly expiresAt?: string | undefined;
}

/** A good key with parameters that make no sense: the function answers 400, because an authorizer cannot. */
export interface RejectedParameters {
  readonly kind: 'rejected';
  readonly problem: string;
  /** Which key it was; for the log. */
  readonly keyId?: string | undefined;
  readonly tenantKeyId?: string | undefined;
  readonly clientId?: string | undefined;
}

export type Principal = TenantPrincipal | OperatorPrincipal | IssuerPrincipal | RejectedParameters;

const optional = z.string().min(1).optional();
const count = z.coerce.number().int().positive().optional();

const Context = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tenant'),
    keyId: z.string().min(1),
    tenantKeyId: optional,
    keyType: z.enum(['solo', 'client', 'platform']),
    clientId: z.string().min(1),
    org: optional,
    user: optional,
    rpm: count,
    monthly: count,
    policy: z.string(),
    confirm: z.enum(CONFIRM_POLICIES),
  }),
  z.object({
    kind: z.literal('issuer'),
    keyId: z.string().min(1),
    keyHash: z.string().min(1),
    clientId: z.string().min(1),
    org: optional,
    user: optional,
    expiresAt: z.iso.datetime().optional(),
  }),
  z.object({ kind: z.literal('operator'), keyId: z.string().min(1), clientId: optional }),
  z.object({
    kind: z.literal('rejected'),
    problem: z.string(),
    keyId: optional,
    tenantKeyId: optional,
    clientId: optional,
  }),
]);

/** Flattens a principal for the authorizer's answer; absent parts are left out. */
export function toAuthorizerContext(principal: Principal): Record<string, string> {
  const flat: Record<string, string | undefined> =
    principal.kind === 'tenant'
      ? {
          kind: 'tenant',
          keyId: principal.keyId,
          tenantKeyId: principal.tenantKeyId,
          keyType: principal.keyType,
          clientId: principal.clientId,
          org: principal.org,
          user: principal.user,
          rpm: principal.limits.rpm?.toString(),
          monthly: principal.limits.monthly?.toString(),
          policy: JSON.stringify(principal.policy),
          confirm: principal.confirm,
        }
      : { ...principal };
  return Object.fromEntries(Object.entries(flat).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Reads the principal from `requestContext.authorizer`. Throws on anything the authorizer cannot have written. */
export function fromAuthorizerContext(context: unknown): Principal {
  const flat = Context.parse(context);
  if (flat.kind !== 'tenant') return flat;
  const { rpm, monthly, policy, ...rest } = flat;
  return {
    ...rest,
    tenant: tenantId({ client: flat.clientId, org: flat.org, user: flat.user }),
    limits: { rpm, monthly },
    policy: ClientPolicy.parse(JSON.parse(policy)),
  };
}
