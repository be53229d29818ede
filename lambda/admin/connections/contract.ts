/** Connect links, connections and usage of one tenant in the admin API, and the catalogue. Nothing of a credential. */
import * as z from 'zod';
import { PROVIDER_LEVELS } from '../../../core/provider/provider.ts';
import { ConnectionName, endpoint, Instant, ofTenant, defaults, ProviderKey } from '../resource/endpoint.ts';
import { pagedQuery, pagedResponse } from '../resource/paging.ts';

export const ConnectLinkRow = z.object({
  url: z.string().describe('For the person who connects; works once'),
  code: z.string().describe('What the page asks for; hand it over apart from the address'),
  expires_at: Instant,
});

export const ConnectionRow = z.object({
  provider_key: z.string(),
  connection: z.string(),
  account: z.string().describe("Whose account it is, in the provider's words"),
  status: z.enum(['active', 'needs_reconnecting']),
  connected_at: Instant,
  last_used_at: z.string().nullable(),
});

export const UsageRow = z.object({
  month: z.string().describe('UTC, as 2026-11'),
  provider_key: z.string(),
  connection: z.string(),
  calls: z.number(),
  failures: z.number(),
  last_used_at: z.string(),
});

export const ProviderRow = z.object({
  key: z.string(),
  name: z.string(),
  source: z.literal('own'),
  verified: z.boolean(),
  level: z
    .enum(PROVIDER_LEVELS)
    .describe("What its tests were written from: the vendor's specification, its pages, or less"),
  auth: z.array(z.object({ id: z.string(), kind: z.string(), label: z.string() })),
  categories: z.array(z.object({ key: z.string(), title: z.string(), core: z.boolean() })),
  tools: z.array(
    z.object({ name: z.string(), category: z.string(), access: z.enum(['read', 'write', 'destructive']) }),
  ),
});

export const CONNECTION_ENDPOINTS = {
  createConnectLink: endpoint({
    ...defaults,
    method: 'POST',
    path: '/connect-links',
    summary: 'An address and a code with which one person connects one account, once, within ten minutes',
    status: 201,
    body: z.strictObject({
      ...ofTenant,
      provider: ProviderKey,
      connection: ConnectionName.optional(),
      return_url: z.string().max(2_000).optional().describe('Where the person goes afterwards; among its return_urls'),
    }),
    response: ConnectLinkRow,
  }),
  listConnections: endpoint({
    ...defaults,
    method: 'GET',
    path: '/connections',
    summary: 'The connected accounts of one user, without anything of a credential',
    query: z.strictObject({ ...ofTenant, ...pagedQuery }),
    response: z.object({ connections: z.array(ConnectionRow), ...pagedResponse }),
  }),
  removeConnection: endpoint({
    ...defaults,
    method: 'DELETE',
    path: '/connections',
    summary: 'Delete a connection with its credential. The provider is not told: nothing here can open the token',
    query: z
      .strictObject({ ...ofTenant, provider: ProviderKey, connection: ConnectionName.optional() })
      .refine(({ org, user }) => org === undefined || user !== undefined, {
        path: ['user'],
        message: 'name the user of this organization; nothing is removed for an organization alone',
      }),
    response: z.object({
      status: z.literal('disconnected'),
      provider_key: z.string(),
      connection: z.string(),
      revoked_at_provider: z.literal(false),
    }),
  }),
  showUsage: endpoint({
    ...defaults,
    method: 'GET',
    path: '/usage',
    summary: 'Provider calls of one user by month and account, newest month first',
    query: z.strictObject({
      ...ofTenant,
      month: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'give a month like 2026-11')
        .optional(),
    }),
    response: z.object({ usage: z.array(UsageRow) }),
  }),
  listProviders: endpoint({
    ...defaults,
    method: 'GET',
    path: '/providers',
    summary: 'The catalogue: providers with their ways of signing in, categories and tools',
    response: z.object({ providers: z.array(ProviderRow) }),
  }),
} as const;
