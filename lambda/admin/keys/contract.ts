/** API keys of clients and keys of operators in the admin API. A key is shown once, where it is made. */
import * as z from 'zod';
import { CONFIRM_POLICIES } from '../../../core/keys/confirm-policy.ts';
import { isPlainName, PLAIN_NAME_RULE } from '../../../core/plain-name.ts';
import { DURATION_FORMS, parseDuration } from '../../../core/duration.ts';
import { ClientId, endpoint, Instant, ofClient, opaqueId, defaults } from '../resource/endpoint.ts';
import { pagedQuery, pagedResponse } from '../resource/paging.ts';

const MAX_NAME = 100;
const MAX_ORGS = 100;
const MAX_RPM = 1_000_000;
const MAX_MONTHLY = 1_000_000_000;

const KeyId = z.string().describe('The public id of a key, as lists show it');
const Name = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .refine(isPlainName, `a name ${PLAIN_NAME_RULE}`)
  .describe('What people call this key');
const Seconds = z
  .string()
  .transform((value, context) => {
    const seconds = parseDuration(value);
    if (seconds !== undefined) return seconds;
    context.addIssue({ code: 'custom', message: `expected ${DURATION_FORMS}` });
    return z.NEVER;
  })
  .describe(DURATION_FORMS);
const Rpm = z.int().positive().max(MAX_RPM);
const Monthly = z.int().positive().max(MAX_MONTHLY);
const KeyType = z.enum(['solo', 'client', 'platform']);

const KeyFields = {
  id: KeyId,
  display: z.string().describe('The first characters, to recognise a key by'),
  client: z.string(),
  type: KeyType,
  status: z.enum(['active', 'revoked', 'expired']),
  name: z.string().nullable(),
  orgs: z.array(z.string()).nullable().describe('The organizations it is pinned to; null: any'),
  require_user: z.boolean().describe('Whether a request without user_id is refused'),
  expires_at: Instant.nullable(),
  rpm: z.number().nullable().describe('Messages a minute; null: no limit'),
  monthly: z.number().nullable().describe('Provider calls a month; null: no limit'),
  confirm: z.enum(CONFIRM_POLICIES).describe('Which calls ask the person first'),
  created_at: Instant,
};
export const KeyRow = z.object({
  ...KeyFields,
  last_used: z.iso.date().nullable().describe('The day (UTC)'),
  used: z.number().nullable().describe('Provider calls this month (UTC); null: none is counted without a limit'),
  left: z.number().nullable().describe('Provider calls that are left of this month; null: no limit'),
});
export const NewKeyRow = z.object({ ...KeyFields, key: z.string().describe('Shown once and stored nowhere') });

export const OperatorRow = z.object({
  id: KeyId,
  display: z.string(),
  scope: z.enum(['all', 'client']),
  client: z.string().nullable(),
  status: z.enum(['active', 'revoked', 'expired']),
  name: z.string().nullable(),
  expires_at: Instant.nullable(),
  created_at: Instant,
});

const byId = z.strictObject({ id: KeyId });

export const KEY_ENDPOINTS = {
  listKeys: endpoint({
    ...defaults,
    method: 'GET',
    path: '/keys',
    summary: 'The keys of one client, or of every client this operator key manages, by id',
    query: ofClient.extend(pagedQuery),
    response: z.object({ keys: z.array(KeyRow), ...pagedResponse }),
  }),
  createKey: endpoint({
    ...defaults,
    method: 'POST',
    path: '/keys',
    summary: 'Create a key; an unknown client is created with it',
    status: 201,
    body: z
      .strictObject({
        client: ClientId,
        type: KeyType,
        org: z.array(opaqueId('an organization id')).min(1).max(MAX_ORGS).optional(),
        require_user: z.boolean().optional().describe('Refuse requests without user_id'),
        name: Name.optional(),
        expires_in: Seconds.optional(),
        rpm: Rpm.optional(),
        monthly: Monthly.optional(),
        confirm: z.enum(CONFIRM_POLICIES).optional(),
      })
      .refine(({ type, org }) => org === undefined || type === 'platform', {
        path: ['org'],
        message: 'only a platform key can be pinned to organizations',
      })
      .refine(({ type, require_user: required }) => required !== true || type !== 'solo', {
        path: ['require_user'],
        message: 'a solo key serves one user and takes no user_id',
      }),
    response: NewKeyRow.extend({ client_created: z.boolean() }),
  }),
  changeKey: endpoint({
    ...defaults,
    method: 'PATCH',
    path: '/keys/{id}',
    summary: 'Change some of a key, from its next request on: what is not named stays, null takes a field back',
    params: byId,
    query: ofClient,
    body: z
      .strictObject({
        name: Name.nullable().optional(),
        expires_in: Seconds.nullable().optional().describe(`From now; null: never. ${DURATION_FORMS}`),
        rpm: Rpm.nullable().optional(),
        monthly: Monthly.nullable().optional(),
        confirm: z.enum(CONFIRM_POLICIES).optional(),
      })
      .refine(
        (change) => Object.values(change).some((value) => value !== undefined),
        'name at least one field to change',
      ),
    response: KeyRow,
  }),
  revokeKey: endpoint({
    ...defaults,
    method: 'POST',
    path: '/keys/{id}/revoke',
    summary: 'Revoke a key; its next request fails',
    params: byId,
    query: ofClient,
    response: KeyRow,
  }),
  rotateKey: endpoint({
    ...defaults,
    method: 'POST',
    path: '/keys/{id}/rotate',
    summary: 'Replace a key by a new one of the same client, type, organizations, limits, name and length of life',
    status: 201,
    params: byId,
    query: ofClient,
    body: z.strictObject({ grace: Seconds.optional().describe(`How long the old key still works: ${DURATION_FORMS}`) }),
    response: NewKeyRow.extend({ replaces: KeyRow }),
  }),
  listOperators: endpoint({
    ...defaults,
    method: 'GET',
    path: '/operators',
    summary: 'The operator keys, by id',
    scope: 'all',
    query: z.strictObject(pagedQuery),
    response: z.object({ operators: z.array(OperatorRow), ...pagedResponse }),
  }),
  createOperator: endpoint({
    ...defaults,
    method: 'POST',
    path: '/operators',
    summary: 'Create an operator key for one client, or for all',
    scope: 'all',
    status: 201,
    body: z.strictObject({
      client: ClientId.optional().describe('Left out: every client'),
      name: Name.optional(),
      expires_in: Seconds.optional(),
    }),
    response: OperatorRow.extend({ operator_key: z.string().describe('Shown once and stored nowhere') }),
  }),
  revokeOperator: endpoint({
    ...defaults,
    method: 'POST',
    path: '/operators/{id}/revoke',
    summary: 'Revoke an operator key; its next request fails',
    scope: 'all',
    params: byId,
    response: OperatorRow,
  }),
} as const;
