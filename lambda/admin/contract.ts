/**
 * The admin API: every endpoint with what it takes and what it gives, as zod. The router, the OpenAPI page, the
 * CLI and the dashboard are all made from this one table. An answer is passed through its schema before it
 * leaves, so a field that is not named here (a hash, for one) cannot.
 */
import { CONFIRM_POLICIES } from '../../core/keys/confirm-policy.ts';
import * as z from 'zod';
import { ClientPolicy } from '../../core/tenant/client.ts';
import type { PolicyChange } from '../../core/tenant/client-admin.ts';
import { DURATION_FORMS, parseDuration } from '../../core/duration.ts';
import { APP_ENDPOINTS } from './oauth-apps/contract.ts';
import { CONNECTION_ENDPOINTS } from './connections/contract.ts';
import { EVENT_ENDPOINTS } from './events/contract.ts';
import { SETTINGS_ENDPOINTS } from './settings/contract.ts';
import { ClientId, endpoint, Instant, opaqueId, defaults } from './resource/endpoint.ts';

/** Longest request body, in bytes: a picture of 64 KB, and what goes with it. */
export const MAX_ADMIN_BODY_BYTES = 128 * 1024;

const MAX_NAME = 100;
const MAX_ORGS = 100;
const MAX_RPM = 1_000_000;
const MAX_MONTHLY = 1_000_000_000;

const KeyId = z.string().describe('The public id of a key, as lists show it');
const Name = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(/^\P{Cc}*$/u, 'a name may not contain control characters')
  .describe('What people call this key');
const Seconds = z
  .union([z.number(), z.string()])
  .transform((value, context) => {
    const seconds = parseDuration(value);
    if (seconds !== undefined) return seconds;
    context.addIssue({ code: 'custom', message: `expected ${DURATION_FORMS}` });
    return z.NEVER;
  })
  .describe(DURATION_FORMS);
const KeyType = z.enum(['solo', 'client', 'platform']);

/** A change of policy: each field may be left out, and then stays as it is. */
const PolicyFields = z.strictObject({
  inline_credentials: ClientPolicy.shape.inline_credentials.unwrap().optional(),
} satisfies { readonly [Field in keyof Required<PolicyChange>]: z.ZodType });

export const ClientRow = z.object({ id: z.string(), created_at: Instant, policy: ClientPolicy });

const KeyFields = {
  id: KeyId,
  display: z.string().describe('The first characters, to recognise a key by'),
  client: z.string(),
  type: KeyType,
  status: z.enum(['active', 'revoked', 'expired']),
  name: z.string().nullable(),
  orgs: z.array(z.string()).nullable().describe('The organizations it is pinned to; null: any'),
  expires_at: Instant.nullable(),
  rpm: z.number().nullable().describe('Requests a minute; null: no limit'),
  monthly: z.number().nullable().describe('Provider calls a month; null: no limit'),
  confirm: z.enum(CONFIRM_POLICIES).describe('Which calls ask the person first'),
  created_at: Instant,
};
export const KeyRow = z.object({ ...KeyFields, last_used: z.iso.date().nullable().describe('The day (UTC)') });
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

export const IssueRow = z.object({
  id: z.string(),
  at: z.string(),
  client: z.string(),
  org: z.string().nullable(),
  user: z.string().nullable(),
  key_id: z.string(),
  summary: z.string(),
  description: z.string(),
  references: z.array(z.string()).describe('Reference ids of the failures it is about'),
});

export const ErrorBody = z.object({
  error: z.object({
    code: z.enum([
      'invalid_input',
      'forbidden',
      'not_found',
      'method_not_allowed',
      'conflict',
      'too_large',
      'unsupported_media_type',
      'internal',
    ]),
    message: z.string(),
    next: z.string().describe('What to do now'),
    reference: z.string().optional().describe('Names this failure in the log'),
  }),
});
export type AdminErrorCode = z.infer<typeof ErrorBody>['error']['code'];

const ofClient = z.strictObject({ client: ClientId.optional() });
const byId = z.strictObject({ id: KeyId });

export const CONTRACT = {
  listClients: endpoint({
    ...defaults,
    method: 'GET',
    path: '/clients',
    summary: 'The clients this operator key manages, oldest first',
    response: z.object({ clients: z.array(ClientRow) }),
  }),
  createClient: endpoint({
    ...defaults,
    method: 'POST',
    path: '/clients',
    summary: 'Create a client',
    status: 201,
    body: z.strictObject({ id: ClientId, policy: PolicyFields.optional() }),
    response: ClientRow,
  }),
  getClient: endpoint({
    ...defaults,
    method: 'GET',
    path: '/clients/{id}',
    summary: 'One client',
    params: z.strictObject({ id: ClientId }),
    response: ClientRow,
  }),
  changeClient: endpoint({
    ...defaults,
    method: 'PATCH',
    path: '/clients/{id}',
    summary: "Change a client's policy; it holds for all its keys from the next request on",
    params: z.strictObject({ id: ClientId }),
    body: z.strictObject({ policy: PolicyFields }),
    response: ClientRow,
  }),
  listKeys: endpoint({
    ...defaults,
    method: 'GET',
    path: '/keys',
    summary: 'The keys of one client, or of every client this operator key manages',
    query: ofClient,
    response: z.object({ keys: z.array(KeyRow) }),
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
        name: Name.optional(),
        expires_in: Seconds.optional(),
        rpm: z.int().positive().max(MAX_RPM).optional(),
        monthly: z.int().positive().max(MAX_MONTHLY).optional(),
        confirm: z.enum(CONFIRM_POLICIES).optional(),
      })
      .refine(({ type, org }) => org === undefined || type === 'platform', {
        path: ['org'],
        message: 'only a platform key can be pinned to organizations',
      }),
    response: NewKeyRow.extend({ client_created: z.boolean() }),
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
    summary: 'The operator keys',
    scope: 'all',
    response: z.object({ operators: z.array(OperatorRow) }),
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
  listIssues: endpoint({
    ...defaults,
    method: 'GET',
    path: '/issues',
    summary: 'What agents reported, newest first',
    query: ofClient,
    response: z.object({ issues: z.array(IssueRow) }),
  }),
  ...APP_ENDPOINTS,
  ...SETTINGS_ENDPOINTS,
  ...CONNECTION_ENDPOINTS,
  ...EVENT_ENDPOINTS,
  describeApi: endpoint({
    ...defaults,
    method: 'GET',
    path: '/openapi.json',
    summary: 'This page',
    response: z.looseObject({ openapi: z.string() }),
  }),
} as const;

export type Contract = typeof CONTRACT;
export type Operation = keyof Contract;
