/** Clients in the admin API: they are made, listed, and have a policy. */
import * as z from 'zod';
import { ClientPolicy } from '../../../core/tenant/client.ts';
import type { PolicyChange } from '../../../core/tenant/client-admin.ts';
import { ClientId, endpoint, Instant, defaults } from '../resource/endpoint.ts';
import { pagedQuery, pagedResponse } from '../resource/paging.ts';

/** A change of policy: each field may be left out, and then stays as it is. */
const PolicyFields = z.strictObject({
  inline_credentials: ClientPolicy.shape.inline_credentials.unwrap().optional(),
} satisfies { readonly [Field in keyof Required<PolicyChange>]: z.ZodType });

export const ClientRow = z.object({ id: z.string(), created_at: Instant, policy: ClientPolicy });

export const CLIENT_ENDPOINTS = {
  listClients: endpoint({
    ...defaults,
    method: 'GET',
    path: '/clients',
    summary: 'The clients this operator key manages, by id',
    query: z.strictObject(pagedQuery),
    response: z.object({ clients: z.array(ClientRow), ...pagedResponse }),
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
  deleteClient: endpoint({
    ...defaults,
    method: 'DELETE',
    path: '/clients/{id}',
    summary: 'Delete a client that has no working key, account, OAuth app or webhook; its settings go with it',
    scope: 'all',
    params: z.strictObject({ id: ClientId }),
    response: z.object({ id: z.string(), status: z.literal('deleted') }),
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
} as const;
