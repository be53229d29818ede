/** Settings of clients and organizations in the admin API: how connect pages look, and where they may lead. */
import * as z from 'zod';
import { ClientSettings } from '../../../core/tenant/settings.ts';
import { ClientSettingsChange, OrgSettingsChange } from '../../../core/tenant/settings-admin.ts';
import { ClientId, endpoint, OrgId, defaults } from '../resource/endpoint.ts';
import { pagedQuery, pagedResponse } from '../resource/paging.ts';

const BrandRow = z.object({
  name: z.string().nullable(),
  logo_url: z.string().nullable(),
  color: z.string().nullable(),
});

export const ClientSettingsRow = z.object({
  client: z.string(),
  brand: BrandRow,
  return_urls: z
    .array(z.string())
    .describe('Where a person may be sent after connecting; ending in / it means all below'),
  embedding_origins: z.array(z.string()).describe('Pages that may show the connect page in a frame'),
  org_app: ClientSettings.shape.org_app.unwrap().describe('What an organization without an OAuth app of its own does'),
});
export const OrgSettingsRow = z.object({ client: z.string(), org: z.string(), brand: BrandRow });
export const OrgRow = z.object({
  org: z.string(),
  name: z.string().nullable(),
  color: z.string().nullable(),
  oauth_apps: z.array(z.string()).describe('Providers it has an app of its own for'),
});

const oneClient = z.strictObject({ id: ClientId });
const oneOrg = z.strictObject({ id: ClientId, org: OrgId });

export const SETTINGS_ENDPOINTS = {
  getSettings: endpoint({
    ...defaults,
    method: 'GET',
    path: '/clients/{id}/settings',
    summary: 'What a client has set about connecting accounts',
    params: oneClient,
    response: ClientSettingsRow,
  }),
  changeSettings: endpoint({
    ...defaults,
    method: 'PATCH',
    path: '/clients/{id}/settings',
    summary: 'Change some of it: what is not named stays; a list is replaced as a whole; null takes a field back',
    params: oneClient,
    body: ClientSettingsChange,
    response: ClientSettingsRow,
  }),
  listOrgs: endpoint({
    ...defaults,
    method: 'GET',
    path: '/clients/{id}/orgs',
    summary: 'The organizations of a client that have settings or OAuth apps; others need none',
    params: oneClient,
    query: z.strictObject(pagedQuery),
    response: z.object({ orgs: z.array(OrgRow), ...pagedResponse }),
  }),
  getOrg: endpoint({
    ...defaults,
    method: 'GET',
    path: '/clients/{id}/orgs/{org}',
    summary: 'What an organization has set about connecting accounts',
    params: oneOrg,
    response: OrgSettingsRow,
  }),
  changeOrg: endpoint({
    ...defaults,
    method: 'PATCH',
    path: '/clients/{id}/orgs/{org}',
    summary: 'Change some of it: what is not named stays; null takes a field back',
    params: oneOrg,
    body: OrgSettingsChange,
    response: OrgSettingsRow,
  }),
} as const;
