/** OAuth apps in the admin API. A client secret is taken and never given: no answer has a field for it. */
import * as z from 'zod';
import { APP_LEVELS } from '../../../core/vault/app-owner.ts';
import { ClientId, endpoint, Instant, OrgId, defaults, ProviderKey } from '../resource/endpoint.ts';
import { pagedQuery, pagedResponse } from '../resource/paging.ts';

/** RFC 6749, appendix A.1 and A.2: printable ASCII. */
const printableAscii = (what: string, longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[\x20-\x7e]*$/, `${what} has printable ASCII characters only`);

const OwnerFields = { client: ClientId.optional(), org: OrgId.optional() };
const orgHasClient = ({ client, org }: { client?: string | undefined; org?: string | undefined }) =>
  org === undefined || client !== undefined;
const ORG_ALONE = { path: ['client'], message: 'an organization belongs to a client: name it too' };

/** Whose app: the organization's, the client's, or without either the platform's. */
const OneApp = z.strictObject({ ...OwnerFields, provider: ProviderKey }).refine(orgHasClient, ORG_ALONE);

const RedirectUri = z.string().describe('Register exactly this address at the vendor');

export const OAuthAppRow = z.object({
  level: z.enum(APP_LEVELS),
  client: z.string().nullable(),
  org: z.string().nullable(),
  provider: z.string(),
  client_id: z.string(),
  has_secret: z.boolean(),
  created_at: Instant.describe('When it was stored'),
});

export const APP_ENDPOINTS = {
  putOAuthApp: endpoint({
    ...defaults,
    method: 'PUT',
    path: '/oauth-apps',
    summary: 'Store the app that a vendor registered for an organization, a client or the platform, or replace it',
    body: z
      .strictObject({
        ...OneApp.shape,
        client_id: printableAscii('a client id', 500).describe('Of the app, as the vendor gave it'),
        client_secret: printableAscii('a client secret', 4_000)
          .optional()
          .describe('Sealed at once; nothing shows it again. Left out for a public app'),
      })
      .refine(orgHasClient, ORG_ALONE),
    response: OAuthAppRow.extend({
      replaces: z
        .string()
        .nullable()
        .describe('The client id that stood here before, when it was another one: its connections cannot be renewed'),
      redirect_uri: RedirectUri,
    }),
  }),
  listOAuthApps: endpoint({
    ...defaults,
    method: 'GET',
    path: '/oauth-apps',
    summary: 'The apps of a client and its organizations, or of everything this operator key manages',
    query: z
      .strictObject({ ...OwnerFields, provider: ProviderKey.optional(), ...pagedQuery })
      .refine(orgHasClient, ORG_ALONE),
    response: z.object({ oauth_apps: z.array(OAuthAppRow), redirect_uri: RedirectUri, ...pagedResponse }),
  }),
  removeOAuthApp: endpoint({
    ...defaults,
    method: 'DELETE',
    path: '/oauth-apps',
    summary: 'Remove an app: its connections work until their tokens end, and cannot be renewed',
    query: OneApp,
    response: OAuthAppRow.extend({ redirect_uri: RedirectUri }),
  }),
  testOAuthApp: endpoint({
    ...defaults,
    method: 'POST',
    path: '/oauth-apps/test',
    summary: 'Check what can be checked without a person; whether the secret is right shows with the first consent',
    body: OneApp,
    response: z.object({
      ok: z.boolean().describe('Nothing that could be checked failed'),
      app: OAuthAppRow.nullable().describe('The app that a new consent would use'),
      checks: z.array(
        z.object({
          check: z.enum(['app', 'authorize_url', 'redirect_uri', 'secret']),
          status: z.enum(['ok', 'fail', 'untested']),
          message: z.string(),
        }),
      ),
      redirect_uri: RedirectUri,
    }),
  }),
} as const;
