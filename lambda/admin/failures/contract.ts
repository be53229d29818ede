/** Failed calls of the last seven days in the admin API: what failed, whose call it was, and where it broke off. */
import * as z from 'zod';
import { pagedQuery, pagedResponse } from '../resource/paging.ts';
import { ClientId, endpoint, Instant, OrgId, defaults, UserId } from '../resource/endpoint.ts';

export const FailureRow = z.object({
  reference: z.string().describe('Names this failure in the log, and to the agent'),
  at: Instant,
  client: z.string(),
  org: z.string().nullable(),
  user: z.string().nullable(),
  tenant: z.string().describe('The mark of this user in the logs'),
  key_id: z.string(),
  tenant_key_id: z.string().nullable(),
  tool: z.string(),
  provider: z.string().nullable(),
  code: z.string().describe('What the agent was told'),
  cause: z
    .object({
      host: z.string().describe("The provider's; for an outage of our own `store`, `key service` or `sign-in service`"),
      status: z.number().nullable().describe('Of the last response over HTTP'),
      vendor_code: z.string().nullable().describe("The vendor's own code, never a text"),
      broke: z.string().nullable().describe('How the connection ended, where no response came'),
    })
    .nullable()
    .describe('null: nothing was sent'),
});

export const FAILURE_ENDPOINTS = {
  listFailures: endpoint({
    ...defaults,
    method: 'GET',
    path: '/failures',
    summary: 'Failed calls of the last seven days, newest first: of one client, or the one that a reference names',
    query: z
      .strictObject({
        client: ClientId.optional(),
        org: OrgId.optional(),
        user: UserId.optional(),
        reference: z
          .string()
          .regex(/^[\w-]{1,64}$/, 'a reference has letters, digits, - and _')
          .optional(),
        ...pagedQuery,
      })
      .refine(({ client, reference }) => client !== undefined || reference !== undefined, {
        path: ['client'],
        message: 'name a client, or a reference',
      }),
    response: z.object({ failures: z.array(FailureRow), ...pagedResponse }),
  }),
} as const;
