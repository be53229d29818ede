/** What an endpoint of the admin API is, and the fields that several of them take. */
import * as z from 'zod';
import { isConnectionName } from '../../../core/vault/connection.ts';
import { idProblem } from '../../../core/tenant/tenant.ts';

export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/admin/v1`; `{name}` is one segment. */
  readonly path: string;
  readonly summary: string;
  /** `all`: only operators of every client. */
  readonly scope: 'all' | 'client';
  readonly status: 200 | 201;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly response: Reply;
}

/** What the operation behind an endpoint is given, parsed. */
export interface Given<E extends Endpoint> {
  readonly params: z.output<E['params']>;
  readonly query: z.output<E['query']>;
  readonly body: z.output<E['body']>;
}
export type ResponseBody<E extends Endpoint> = z.input<E['response']>;

export function endpoint<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  given: Endpoint<P, Q, B, A>,
): Endpoint<P, Q, B, A> {
  return given;
}

const none = z.strictObject({});
/** What most endpoints are: open to operators of one client, without parameters. */
export const defaults = { scope: 'client', status: 200, params: none, query: none, body: none } as const;

export function opaqueId(what: string) {
  return z
    .string()
    .superRefine((id, context) => {
      const problem = idProblem(id);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `${what} ${problem}` });
    })
    .meta({ minLength: 1, maxLength: 200 });
}

export const ClientId = opaqueId('a client id').describe(
  'Opaque, 1-200 characters, any Unicode but control characters',
);
export const OrgId = opaqueId('an organization id');
export const UserId = opaqueId('a user id');
export const Instant = z.iso.datetime();

/** Looked up in the catalogue: a wrong one is answered with the nearest that there are. */
export const ProviderKey = z
  .string()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'a provider key may not contain control characters')
  .describe('As `GET /providers` names it');

export const ConnectionName = z
  .string()
  .refine(isConnectionName, 'a connection name has 1-40 of a-z, 0-9, - and _, and begins with a letter or digit')
  .describe('What the user calls this account');

/** Whose accounts: as the endpoint's `org_id` and `user_id`, so an organization without a user is the default user. */
export const ofTenant = { client: ClientId, org: OrgId.optional(), user: UserId.optional() };

/** Of one client, or of every client the operator manages. */
export const ofClient = z.strictObject({ client: ClientId.optional() });
