/**
 * kommo, google_sheets, iiko and altegio: what each tool sends and what becomes of the answer, and how each signs in.
 * The answers are written by hand after the vendors' references and clients; see `verified` of each provider.
 */
import { describe, expect, it } from '@jest/globals';
import { isFormAuth, type Auth, type OAuth2Auth } from '../../core/provider/auth.ts';
import { classify } from '../../core/provider/classify.ts';
import { connectWithFields } from '../../core/connect/connect.ts';
import type { TransportResponse, OutgoingRequest, Transport } from '../../core/egress/egress.ts';
import { toInputSchema } from '../../core/provider/json-schema.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Provider } from '../../core/provider/provider.ts';
import { Secret } from '../../core/vault/secret.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import { provider as googleSheets } from '../../providers/google_sheets/provider.ts';
import { loadProvider } from '../../providers/index.ts';
import { APP } from '../fakes/oauth-provider.ts';
import { parseAndRun } from '../fakes/run-tool.ts';
import { noPace } from '../fakes/stores.ts';
import { createWorld } from '../core/oauth/rig.ts';
import type * as z from 'zod';

const U = '11111111-1111-4111-8111-111111111111';
const SHEET = '1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcde';

interface Case {
  readonly tool: string;
  readonly args: JsonObject;
  /** Method, address without https://, and the body. */
  readonly sends: readonly [string, string, unknown?];
  readonly answer: unknown;
  readonly gives: JsonObject;
}

interface Setting {
  readonly auth: string;
  readonly credential: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

const LEAD = { id: 7, name: 'Deal', price: 100, pipeline_id: 1, status_id: 2, responsible_user_id: 3, created_at: 1 };
const LEAD_SHOWN = { id: 7, name: 'Deal', price: 100, pipeline_id: 1, status_id: 2, owner_id: 3, created_at: 1 };
const PAGE = 'limit=50';

const SETTINGS: Readonly<Record<string, Setting>> = {
  kommo: {
    auth: 'oauth',
    credential: { access_token: 't' },
    facts: { host: 'acme.kommo.com' },
    headers: { authorization: 'Bearer t' },
    cases: [
      {
        tool: 'list_leads',
        args: { query: 'x', pipeline_id: 1, status_id: 2, owner_id: 3 },
        sends: [
          'GET',
          `acme.kommo.com/api/v4/leads?query=x&${PAGE}&filter[responsible_user_id]=3&filter[statuses][0][pipeline_id]=1&filter[statuses][0][status_id]=2&order[created_at]=desc`,
        ],
        answer: { _embedded: { leads: [LEAD] }, _links: { next: { href: 'x' } } },
        gives: { items: [LEAD_SHOWN], next_cursor: expect.any(String) as never },
      },
      {
        tool: 'list_leads',
        args: { pipeline_id: 1 },
        sends: ['GET', `acme.kommo.com/api/v4/leads?${PAGE}&filter[pipeline_id]=1&order[created_at]=desc`],
        answer: undefined,
        gives: { items: [] },
      },
      {
        tool: 'get_lead',
        args: { lead_id: 7 },
        sends: ['GET', 'acme.kommo.com/api/v4/leads/7?with=contacts,loss_reason'],
        answer: { ...LEAD, _embedded: { contacts: [{ id: 9 }] } },
        gives: { item: { ...LEAD_SHOWN, contacts: [{ id: 9 }] } },
      },
      {
        tool: 'create_lead',
        args: {
          name: 'Deal',
          price: 100,
          pipeline_id: 1,
          status_id: 2,
          owner_id: 3,
          contact_name: 'Ann',
          contact_phone: '+1',
          contact_email: 'a@b.c',
        },
        sends: [
          'POST',
          'acme.kommo.com/api/v4/leads/complex',
          [
            {
              name: 'Deal',
              price: 100,
              pipeline_id: 1,
              status_id: 2,
              responsible_user_id: 3,
              _embedded: {
                contacts: [
                  {
                    first_name: 'Ann',
                    custom_fields_values: [
                      { field_code: 'PHONE', values: [{ value: '+1', enum_code: 'WORK' }] },
                      { field_code: 'EMAIL', values: [{ value: 'a@b.c', enum_code: 'WORK' }] },
                    ],
                  },
                ],
              },
            },
          ],
        ],
        answer: [{ id: 7, contact_id: 9, merged: false }],
        gives: { item: { id: 7, contact_id: 9, merged: false } },
      },
      {
        tool: 'update_lead',
        args: { lead_id: 7, name: 'Deal', price: 100, pipeline_id: 1, status_id: 2, owner_id: 4 },
        sends: [
          'PATCH',
          'acme.kommo.com/api/v4/leads/7',
          { name: 'Deal', price: 100, pipeline_id: 1, status_id: 2, responsible_user_id: 4 },
        ],
        answer: LEAD,
        gives: {
          item: { id: 7 },
          applied: { name: true, price: true, pipeline_id: true, status_id: true, owner_id: { wanted: 4, found: 3 } },
        },
      },
      {
        tool: 'link_contact',
        args: { lead_id: 7, contact_id: 9 },
        sends: ['POST', 'acme.kommo.com/api/v4/leads/7/link', [{ to_entity_id: 9, to_entity_type: 'contacts' }]],
        answer: { _embedded: { links: [{ entity_id: 7, to_entity_id: 9 }] } },
        gives: { item: { lead_id: 7, contact_id: 9 } },
      },
      {
        tool: 'find_contacts',
        args: { query: 'Ann' },
        sends: ['GET', `acme.kommo.com/api/v4/contacts?query=Ann&with=leads&${PAGE}`],
        answer: { _embedded: { contacts: [{ id: 9, name: 'Ann', responsible_user_id: 3 }] } },
        gives: { items: [{ id: 9, name: 'Ann', owner_id: 3 }] },
      },
      {
        tool: 'list_pipelines',
        args: {},
        sends: ['GET', 'acme.kommo.com/api/v4/leads/pipelines'],
        answer: {
          _embedded: { pipelines: [{ id: 1, name: 'P', is_main: true, _embedded: { statuses: [{ id: 142 }] } }] },
        },
        gives: { items: [{ id: 1, name: 'P', is_main: true, stages: [{ id: 142 }] }] },
      },
      {
        tool: 'list_unsorted',
        args: { kind: 'forms' },
        sends: ['GET', `acme.kommo.com/api/v4/leads/unsorted?filter[category][0]=forms&order[created_at]=desc&${PAGE}`],
        answer: { _embedded: { unsorted: [{ uid: 'u', category: 'forms', metadata: { form_name: 'F' } }] } },
        gives: { items: [{ uid: 'u', kind: 'forms', form: 'F' }] },
      },
      {
        tool: 'accept_unsorted',
        args: { uid: 'u/../x', status_id: 2, owner_id: 3 },
        sends: ['POST', 'acme.kommo.com/api/v4/leads/unsorted/u%2F..%2Fx/accept', { status_id: 2, user_id: 3 }],
        answer: { uid: 'u', _embedded: { leads: [{ id: 7 }], contacts: [{ id: 9 }] } },
        gives: { item: { uid: 'u', lead_id: 7, contact_id: 9 } },
      },
      {
        tool: 'decline_unsorted',
        args: { uid: 'u' },
        sends: ['DELETE', 'acme.kommo.com/api/v4/leads/unsorted/u/decline'],
        answer: { uid: 'u' },
        gives: { item: { uid: 'u' } },
      },
      {
        tool: 'create_task',
        args: { text: 'Call', due: '2026-12-01T18:00:00+03:00', entity_id: 7, entity_type: 'leads', owner_id: 3 },
        sends: [
          'POST',
          'acme.kommo.com/api/v4/tasks',
          [{ text: 'Call', complete_till: 1_796_137_200, entity_id: 7, entity_type: 'leads', responsible_user_id: 3 }],
        ],
        answer: { _embedded: { tasks: [{ id: 5 }] } },
        gives: { item: { id: 5 } },
      },
      {
        tool: 'list_users',
        args: {},
        sends: ['GET', `acme.kommo.com/api/v4/users?${PAGE}`],
        answer: {
          _embedded: { users: [{ id: 3, name: 'Bo', email: 'b@c.d', rights: { is_admin: true, is_active: true } }] },
        },
        gives: { items: [{ id: 3, name: 'Bo', email: 'b@c.d', admin: true, active: true }] },
      },
    ],
  },
  google_sheets: {
    auth: 'oauth',
    credential: { access_token: 't' },
    facts: {},
    headers: { authorization: 'Bearer t' },
    cases: [
      {
        tool: 'values_get',
        args: { spreadsheet_id: SHEET, range: "'Q1 Sales'!A1:C10", show: 'formulas' },
        sends: [
          'GET',
          `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/'Q1%20Sales'!A1%3AC10?valueRenderOption=FORMULA`,
        ],
        answer: { range: 'R', values: [['a', 1]] },
        gives: { item: { range: 'R', values: [['a', 1]] } },
      },
      {
        tool: 'values_get',
        args: { spreadsheet_id: SHEET, range: 'A1' },
        sends: ['GET', `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1?valueRenderOption=FORMATTED_VALUE`],
        answer: { range: 'R' },
        gives: { item: { range: 'R', values: [] } },
      },
      {
        tool: 'values_update',
        args: { spreadsheet_id: SHEET, range: 'A1', values: [['=SUM(B1:B2)', null, true]], as_typed: false },
        sends: [
          'PUT',
          `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1?valueInputOption=RAW`,
          { values: [['=SUM(B1:B2)', null, true]] },
        ],
        answer: { updatedRange: 'R', updatedRows: 1, updatedColumns: 3, updatedCells: 3 },
        gives: { item: { range: 'R', rows: 1, columns: 3, cells: 3 } },
      },
      {
        tool: 'values_append',
        args: { spreadsheet_id: SHEET, range: 'A1', values: [['x']], as_typed: true },
        sends: [
          'POST',
          `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1:append?valueInputOption=USER_ENTERED&insertDataOption=INSERT_ROWS`,
          { values: [['x']] },
        ],
        answer: { updates: { updatedRange: 'R', updatedCells: 1 } },
        gives: { item: { range: 'R', cells: 1 } },
      },
      {
        tool: 'values_clear',
        args: { spreadsheet_id: SHEET, range: 'A1:B2' },
        sends: ['POST', `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1%3AB2:clear`, {}],
        answer: { clearedRange: 'R' },
        gives: { item: { range: 'R' } },
      },
      {
        tool: 'list_spreadsheets',
        args: { name_contains: "Bo's" },
        sends: [
          'GET',
          String.raw`www.googleapis.com/drive/v3/files?supportsAllDrives=true&q=mimeType='application/vnd.google-apps.spreadsheet' and trashed=false and name contains 'Bo\'s'&orderBy=modifiedTime desc&pageSize=50&includeItemsFromAllDrives=true&fields=nextPageToken,files(id,name,modifiedTime,webViewLink,trashed)`,
        ],
        answer: { files: [{ id: SHEET, name: 'S', trashed: false }], nextPageToken: 'n' },
        gives: {
          items: [{ spreadsheet_id: SHEET, name: 'S', trashed: false }],
          next_cursor: expect.any(String) as never,
        },
      },
      {
        tool: 'create_spreadsheet',
        args: { title: 'T', sheet_titles: ['One'] },
        sends: [
          'POST',
          'sheets.googleapis.com/v4/spreadsheets',
          { properties: { title: 'T' }, sheets: [{ properties: { title: 'One' } }] },
        ],
        answer: { spreadsheetId: SHEET, spreadsheetUrl: 'u' },
        gives: { item: { spreadsheet_id: SHEET, link: 'u' } },
      },
      {
        tool: 'get_spreadsheet',
        args: { spreadsheet_id: SHEET },
        sends: [
          'GET',
          `sheets.googleapis.com/v4/spreadsheets/${SHEET}?fields=properties(title,locale,timeZone),sheets.properties,spreadsheetUrl`,
        ],
        answer: { properties: { title: 'T' }, sheets: [{ properties: { sheetId: 0, title: 'One' } }] },
        gives: { item: { title: 'T', sheets: [{ sheet_id: 0, title: 'One' }] } },
      },
      {
        tool: 'add_sheet',
        args: { spreadsheet_id: SHEET, title: 'Two', index: 1 },
        sends: [
          'POST',
          `sheets.googleapis.com/v4/spreadsheets/${SHEET}:batchUpdate`,
          { requests: [{ addSheet: { properties: { title: 'Two', index: 1 } } }] },
        ],
        answer: { replies: [{ addSheet: { properties: { sheetId: 5, title: 'Two' } } }] },
        gives: { item: { sheet_id: 5, title: 'Two' } },
      },
      {
        tool: 'rename_sheet',
        args: { spreadsheet_id: SHEET, sheet_id: 0, new_title: 'Uno' },
        sends: [
          'POST',
          `sheets.googleapis.com/v4/spreadsheets/${SHEET}:batchUpdate`,
          { requests: [{ updateSheetProperties: { properties: { sheetId: 0, title: 'Uno' }, fields: 'title' } }] },
        ],
        answer: { replies: [{}] },
        gives: { item: { accepted: true } },
      },
      {
        tool: 'delete_sheet',
        args: { spreadsheet_id: SHEET, sheet_id: 5 },
        sends: [
          'POST',
          `sheets.googleapis.com/v4/spreadsheets/${SHEET}:batchUpdate`,
          { requests: [{ deleteSheet: { sheetId: 5 } }] },
        ],
        answer: { replies: [{}] },
        gives: { item: { deleted: true } },
      },
      {
        tool: 'copy_spreadsheet',
        args: { spreadsheet_id: SHEET, new_title: 'C' },
        sends: [
          'POST',
          `www.googleapis.com/drive/v3/files/${SHEET}/copy?supportsAllDrives=true&fields=id,name,modifiedTime,webViewLink,trashed`,
          { name: 'C' },
        ],
        answer: { id: 'c', name: 'C' },
        gives: { item: { spreadsheet_id: 'c', name: 'C' } },
      },
      {
        tool: 'trash_spreadsheet',
        args: { spreadsheet_id: SHEET },
        sends: [
          'PATCH',
          `www.googleapis.com/drive/v3/files/${SHEET}?supportsAllDrives=true&fields=id,name,modifiedTime,webViewLink,trashed`,
          { trashed: true },
        ],
        answer: { id: SHEET, trashed: true },
        gives: { item: { spreadsheet_id: SHEET, trashed: true } },
      },
      {
        tool: 'share_spreadsheet',
        args: { spreadsheet_id: SHEET, email_address: 'a@b.co', role: 'reader', send_email: true },
        sends: [
          'POST',
          `www.googleapis.com/drive/v3/files/${SHEET}/permissions?supportsAllDrives=true&sendNotificationEmail=true&fields=id,role,emailAddress`,
          { type: 'user', role: 'reader', emailAddress: 'a@b.co' },
        ],
        answer: { id: 'p', role: 'reader', emailAddress: 'a@b.co' },
        gives: { item: { permission_id: 'p', role: 'reader', email: 'a@b.co' } },
      },
    ],
  },
  iiko: {
    auth: 'api_login',
    credential: { api_key: 'k', access_token: 't' },
    facts: {},
    headers: { authorization: 'Bearer t' },
    cases: [
      {
        tool: 'list_organizations',
        args: {},
        sends: ['POST', 'api-ru.iiko.services/api/1/organizations', {}],
        answer: { organizations: [{ id: U, name: 'Cafe' }] },
        gives: { items: [{ id: U, name: 'Cafe' }] },
      },
      {
        tool: 'list_terminal_groups',
        args: { organization_id: U },
        sends: ['POST', 'api-ru.iiko.services/api/1/terminal_groups', { organizationIds: [U] }],
        answer: { terminalGroups: [{ organizationId: U, items: [{ id: U, name: 'Hall', address: 'A' }] }] },
        gives: { items: [{ id: U, name: 'Hall', address: 'A' }] },
      },
      {
        tool: 'get_menu',
        args: { organization_id: U },
        sends: ['POST', 'api-ru.iiko.services/api/1/nomenclature', { organizationId: U }],
        answer: {
          products: [
            { id: U, name: 'Soup', type: 'Dish', sizePrices: [{ price: { currentPrice: 5 } }], isDeleted: false },
          ],
        },
        gives: { items: [{ product_id: U, name: 'Soup', type: 'Dish', price: 5, is_deleted: false }] },
      },
      {
        tool: 'list_stop_list',
        args: { organization_id: U },
        sends: ['POST', 'api-ru.iiko.services/api/1/stop_lists', { organizationIds: [U] }],
        answer: { terminalGroupStopLists: [{ items: [{ items: [{ productId: U, balance: 0 }] }] }] },
        gives: { items: [{ product_id: U, left: 0 }] },
      },
      {
        tool: 'list_orders',
        args: { organization_id: U, date_from: '2026-11-21', date_to: '2026-11-22' },
        sends: [
          'POST',
          'api-ru.iiko.services/api/1/deliveries/by_delivery_date_and_status',
          {
            organizationIds: [U],
            deliveryDateFrom: '2026-11-21 00:00:00.000',
            deliveryDateTo: '2026-11-22 23:59:59.999',
          },
        ],
        answer: { ordersByOrganizations: [{ orders: [{ id: U, order: { number: 1, status: 'New', sum: 5 } }] }] },
        gives: { items: [{ order_id: U, number: 1, status: 'New', sum: 5 }] },
      },
      {
        tool: 'get_order',
        args: { organization_id: U, order_id: U },
        sends: ['POST', 'api-ru.iiko.services/api/1/deliveries/by_id', { organizationId: U, orderIds: [U] }],
        answer: { orders: [{ id: U, order: { number: 1, items: [{ amount: 2 }] } }] },
        gives: { item: { order_id: U, number: 1, items: [{ amount: 2 }] } },
      },
      {
        tool: 'create_order',
        args: {
          organization_id: U,
          terminal_group_id: U,
          order_id: U,
          phone: '+79990000000',
          items: [{ product_id: U, amount: 2 }],
          comment: 'c',
        },
        sends: [
          'POST',
          'api-ru.iiko.services/api/1/deliveries/create',
          {
            organizationId: U,
            terminalGroupId: U,
            order: {
              id: U,
              phone: '+79990000000',
              comment: 'c',
              items: [{ type: 'Product', productId: U, amount: 2 }],
            },
          },
        ],
        answer: { correlationId: U, orderInfo: { id: U, creationStatus: 'InProgress' } },
        gives: { item: { order_id: U, creation: 'InProgress' } },
      },
      {
        tool: 'cancel_order',
        args: { organization_id: U, order_id: U },
        sends: ['POST', 'api-ru.iiko.services/api/1/deliveries/cancel', { organizationId: U, orderId: U }],
        answer: { correlationId: U },
        gives: { item: { accepted: true } },
      },
    ],
  },
  altegio: {
    auth: 'tokens',
    credential: { partner_token: 'p', user_token: 'u', company_id: '12' },
    facts: { company_id: '12' },
    headers: { authorization: 'Bearer p, User u', accept: 'application/vnd.api.v2+json' },
    cases: [
      {
        tool: 'list_appointments',
        args: { start_date: '2026-11-22', end_date: '2026-11-23', staff_id: 1, client_id: 2 },
        sends: [
          'GET',
          'api.alteg.io/api/v1/records/12?start_date=2026-11-22&end_date=2026-11-23&staff_id=1&client_id=2&count=50',
        ],
        answer: { success: true, data: [{ id: 5, staff_id: 1, staff: { name: 'Bo' } }], meta: { total_count: 51 } },
        gives: {
          items: [{ record_id: 5, staff_id: 1, staff: 'Bo' }],
          total: 51,
          next_cursor: expect.any(String) as never,
        },
      },
      {
        tool: 'get_appointment',
        args: { record_id: 5 },
        sends: ['GET', 'api.alteg.io/api/v1/record/12/5'],
        answer: { success: true, data: { id: 5 } },
        gives: { item: { record_id: 5 } },
      },
      {
        tool: 'create_appointment',
        args: {
          staff_id: 1,
          service_ids: [3],
          datetime: '2026-11-22T10:00:00+03:00',
          seance_length: 3600,
          client_name: 'Ann',
          client_phone: '+15550001',
          comment: 'c',
          send_sms: true,
        },
        sends: [
          'POST',
          'api.alteg.io/api/v1/records/12',
          {
            staff_id: 1,
            datetime: '2026-11-22T10:00:00+03:00',
            seance_length: 3600,
            comment: 'c',
            send_sms: true,
            services: [{ id: 3 }],
            client: { name: 'Ann', phone: '+15550001' },
          },
        ],
        answer: { success: true, data: { id: 5, staff_id: 1, datetime: '2026-11-22T10:00:00+03:00' } },
        gives: {
          item: { record_id: 5, staff_id: 1, datetime: '2026-11-22T10:00:00+03:00' },
          applied: { staff_id: true, datetime: true },
        },
      },
      {
        tool: 'delete_appointment',
        args: { record_id: 5 },
        sends: ['DELETE', 'api.alteg.io/api/v1/record/12/5'],
        answer: undefined,
        gives: { item: { deleted: true } },
      },
      {
        tool: 'list_clients',
        args: { query: 'Ann' },
        sends: [
          'POST',
          'api.alteg.io/api/v1/company/12/clients/search',
          {
            page: 1,
            page_size: 50,
            fields: ['id', 'name', 'surname', 'phone', 'email'],
            filters: [{ type: 'quick_search', state: { value: 'Ann' } }],
          },
        ],
        answer: { success: true, data: [{ id: 2, name: 'Ann' }] },
        gives: { items: [{ client_id: 2, name: 'Ann' }] },
      },
      {
        tool: 'create_client',
        args: { name: 'Ann', surname: 'Lee', phone: '+15550001', email: 'a@b.co' },
        sends: [
          'POST',
          'api.alteg.io/api/v1/clients/12',
          { name: 'Ann', surname: 'Lee', phone: '+15550001', email: 'a@b.co' },
        ],
        answer: { success: true, data: { id: 2, name: 'Ann' } },
        gives: { item: { client_id: 2, name: 'Ann' } },
      },
      {
        tool: 'list_services',
        args: { staff_id: 1 },
        sends: ['GET', 'api.alteg.io/api/v1/company/12/services/?staff_id=1'],
        answer: { success: true, data: [{ id: 3, title: 'Cut', price_min: 5, duration: 3600 }] },
        gives: { items: [{ service_id: 3, title: 'Cut', price_min: 5, seconds: 3600 }] },
      },
      {
        tool: 'list_staff',
        args: {},
        sends: ['GET', 'api.alteg.io/api/v1/company/12/staff/'],
        answer: { success: true, data: [{ id: 1, name: 'Bo', fired: 0 }] },
        gives: { items: [{ staff_id: 1, name: 'Bo', fired: 0 }] },
      },
    ],
  },
};

const toolsOf = (provider: Provider) => Object.values(provider.categories).flatMap(({ tools }) => tools);
const reply = (body: unknown, status = 200): TransportResponse => ({
  status: body === undefined ? 204 : status,
  headers: {},
  text: body === undefined ? '' : JSON.stringify(body),
});

async function run(key: string, tool: string, args: unknown, answer: TransportResponse) {
  const provider = await providerOf(key);
  const setting = SETTINGS[key];
  const found = toolsOf(provider).find(({ name }) => name === tool);
  if (found === undefined || setting === undefined) throw new Error(`no ${key}_${tool}`);
  const sent: OutgoingRequest[] = [];
  const transport: Transport = async (request) => (sent.push(request), answer);
  const deps = { transport, rateLimiter: noPace, clock: () => 0, sleep: async () => undefined };
  const result = await parseAndRun(deps, {
    tenant: tenantId({ client: 'c' }),
    provider,
    tool: found,
    args,
    connection: { auth: setting.auth, facts: setting.facts },
    credential: new Secret(setting.credential),
    signal: AbortSignal.timeout(5_000),
  });
  return { sent, result };
}

/** Order matters little to a vendor, but a lost or doubled parameter does: compared as sent, decoded. */
const address = ({ url }: OutgoingRequest): string =>
  url.host +
  url.pathname +
  (url.search === '' ? '' : `?${[...url.searchParams].map(([k, v]) => `${k}=${v}`).join('&')}`);

describe.each(Object.keys(SETTINGS))('%s', (key) => {
  const { cases, headers } = SETTINGS[key] ?? { cases: [], headers: {} };

  it.each(cases.map((each) => [each.tool, each] as const))(
    '%s sends what is documented and gives what it promises',
    async (tool, { args, sends, answer, gives }) => {
      const { sent, result } = await run(key, tool, args, reply(answer));
      const [first] = sent;
      if (first === undefined) throw new Error(`nothing was sent: ${JSON.stringify(result)}`);
      expect([first.method, address(first)]).toEqual([sends[0], sends[1]]);
      expect(first.body === undefined ? undefined : JSON.parse(first.body)).toEqual(sends[2]);
      expect(first.headers).toMatchObject(headers);
      expect(result).toEqual({ ok: true, value: gives });
    },
  );

  it('has every tool tried with every argument it takes', async () => {
    const provider = await providerOf(key);
    const untried = toolsOf(provider).flatMap(({ name, input }) => {
      const known = Object.keys(toInputSchema(input as z.ZodType)['properties'] as JsonObject);
      const tried = new Set(cases.filter(({ tool }) => tool === name).flatMap(({ args }) => Object.keys(args)));
      const isTried = cases.some(({ tool }) => tool === name);
      return isTried
        ? known.filter((argument) => !tried.has(argument)).map((argument) => `${name}.${argument}`)
        : [name];
    });
    expect(untried).toEqual([]);
  });

  it('takes an expired or revoked credential for what it is', async () => {
    const { result } = await run(key, cases[0]?.tool ?? '', cases[0]?.args, reply({ error: 'x' }, 401));
    expect(result).toMatchObject({
      ok: false,
      fault: { code: 'reconnect_required', cause: key === 'altegio' ? 'reconnect_required' : 'auth_expired' },
    });
  });

  it('asks for the second page as the vendor wants it', async () => {
    for (const { tool, args, answer } of cases.filter(({ gives }) => 'next_cursor' in gives)) {
      const { result } = await run(key, tool, args, reply(answer));
      const cursor = result.ok ? result.value['next_cursor'] : undefined;
      const { sent } = await run(key, tool, { ...args, cursor }, reply(answer));
      expect([tool, sent[0]?.url.searchParams.get('page') ?? sent[0]?.url.searchParams.get('pageToken')]).toEqual([
        tool,
        key === 'google_sheets' ? 'n' : '2',
      ]);
    }
  });
});

/** Google Sheets is not in the index: no page asks for consent yet. */
const providerOf = async (key: string): Promise<Provider> =>
  key === googleSheets.key ? googleSheets : loadProvider(key);

describe('errors', () => {
  it.each<[string, number, unknown, string]>([
    ['kommo', 402, {}, 'plan_required'],
    ['kommo', 403, { detail: 'IP is blocked' }, 'provider_down'],
    ['kommo', 403, { detail: 'no' }, 'forbidden'],
    ['kommo', 429, {}, 'rate_limited'],
    ['kommo', 400, { 'validation-errors': [{ errors: [{ path: 'price', detail: 'bad' }] }] }, 'invalid_input'],
    [
      'google_sheets',
      403,
      { error: { message: 'm', details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] } },
      'insufficient_scope',
    ],
    ['google_sheets', 403, { error: { message: 'm', errors: [{ reason: 'userRateLimitExceeded' }] } }, 'rate_limited'],
    ['google_sheets', 403, { error: { message: 'm' } }, 'forbidden'],
    ['google_sheets', 404, { error: {} }, 'not_found'],
    ['google_sheets', 400, { error: { message: 'see https://x.y/z' } }, 'invalid_input'],
    ['google_sheets', 429, {}, 'rate_limited'],
    ['iiko', 400, { errorDescription: 'bad' }, 'invalid_input'],
    ['iiko', 401, { errorDescription: 'token' }, 'reconnect_required'],
    ['altegio', 403, { success: false, meta: { message: 'No rights to manage location' } }, 'insufficient_scope'],
    ['altegio', 200, { success: false, meta: { message: 'wrong' } }, 'invalid_input'],
    ['altegio', 429, {}, 'rate_limited'],
    ['altegio', 404, { success: false }, 'not_found'],
  ])('of %s: %i %j is %s', async (key, status, body, code) => {
    const failure = classify(await providerOf(key), { status, headers: {}, body }, false, 0);
    expect(failure?.code).toBe(code);
    expect(failure?.message).not.toContain('https://');
  });
});

/** A vendor that answers the token endpoint and the test call, and nothing else. */
function signIn(tokenPath: string, token: unknown, account: unknown) {
  const sent: OutgoingRequest[] = [];
  const transport: Transport = async (request) => {
    sent.push(request);
    return reply(request.url.pathname === tokenPath ? token : account);
  };
  return { sent, transport };
}

const oauthOf = (provider: Provider): Auth | undefined => provider.auth.find(({ kind }) => kind === 'oauth2');

async function consent(
  key: string,
  options: { vendor: ReturnType<typeof signIn>; asked?: Record<string, string>; back: Record<string, string> },
) {
  const full = await providerOf(key);
  const auth = oauthOf(full) as OAuth2Auth;
  const provider: Provider = { ...full, auth: [auth] };
  const world = createWorld({ provider, transport: options.vendor.transport, clock: () => 1_000_000 });
  const begun = new URL(await world.beginAt({ asked: options.asked ?? {} }));
  const back = new URL(APP.redirectUri);
  const state = begun.searchParams.get('state') ?? '';
  for (const [name, value] of Object.entries({ ...options.back, state, code: 'the-code' }))
    back.searchParams.set(name, value);
  return { world, begun, finished: await world.finish(back) };
}

describe('signing in', () => {
  const tokens = { access_token: 'a', refresh_token: 'r', expires_in: 86_400 };

  it('to kommo: at the account host, by JSON, with tokens for one use', async () => {
    const vendor = signIn('/oauth2/access_token', { ...tokens, token_type: 'Bearer' }, { name: 'Acme' });
    const { world, begun, finished } = await consent('kommo', { vendor, back: { referer: 'acme.kommo.com' } });
    expect(begun.origin + begun.pathname).toBe('https://www.kommo.com/oauth');
    expect([...begun.searchParams.keys()].toSorted()).toEqual(['client_id', 'mode', 'response_type', 'state']);
    expect(finished).toMatchObject({
      ok: true,
      value: { connection: { accountName: 'Acme', facts: { host: 'acme.kommo.com' } } },
    });
    const [request] = vendor.sent;
    expect([request?.method, request?.url.href]).toEqual(['POST', 'https://acme.kommo.com/oauth2/access_token']);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      client_id: APP.clientId,
      client_secret: APP.secret,
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: APP.redirectUri,
    });
    expect(vendor.sent[1]?.url.href).toBe('https://acme.kommo.com/api/v4/account');
    expect((await world.stored())?.credential).toMatchObject({ refresh_token: 'r' });
  });

  it('to kommo: a host that is not an account of kommo gets nothing', async () => {
    for (const referer of ['evil.example.net', 'acme.kommo.com.evil.net', 'acme.kommo.com/x', 'a.b.kommo.com', '']) {
      const vendor = signIn('/oauth2/access_token', tokens, {});
      const { finished } = await consent('kommo', { vendor, back: { referer } });
      expect([referer, finished.ok, vendor.sent]).toEqual([referer, false, []]);
    }
  });

  it('to google_sheets: offline, with PKCE, and with every permission it needs', async () => {
    const scope = 'https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive.file';
    const vendor = signIn('/token', { ...tokens, token_type: 'Bearer', scope }, { user: { emailAddress: 'a@b.co' } });
    const { begun, finished } = await consent('google_sheets', {
      vendor,
      back: { iss: 'https://accounts.google.com' },
    });
    expect(Object.fromEntries(begun.searchParams)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      include_granted_scopes: 'true',
      code_challenge_method: 'S256',
      scope,
    });
    expect(finished).toMatchObject({ ok: true, value: { connection: { accountName: 'a@b.co' } } });
    expect(vendor.sent[0]?.body).toContain('code_verifier=');
    const partly = signIn('/token', { ...tokens, token_type: 'Bearer', scope: scope.split(' ')[0] }, {});
    const refused = await consent('google_sheets', { vendor: partly, back: {} });
    expect(refused.finished).toMatchObject({ ok: false, fault: { problem: 'missing_scope' } });
  });

  const portal = { member_id: 'm', user_id: 6, client_endpoint: 'https://acme.bitrix24.com/rest/' };

  it('to bitrix24: on the portal, by GET, with the token as a parameter', async () => {
    const vendor = signIn('/oauth/token/', { ...tokens, ...portal }, { result: { NAME: 'Ann' } });
    const asked = { portal: 'acme.bitrix24.com' };
    const { begun, finished } = await consent('bitrix24', { vendor, asked, back: { domain: 'acme.bitrix24.com' } });
    expect(begun.origin + begun.pathname).toBe('https://acme.bitrix24.com/oauth/authorize/');
    expect(begun.searchParams.has('redirect_uri')).toBe(false);
    expect(finished).toMatchObject({
      ok: true,
      value: { connection: { accountName: 'Ann', facts: { portal: 'acme.bitrix24.com', member_id: 'm' } } },
    });
    const [request, test] = vendor.sent;
    expect([request?.method, request?.url.host, request?.body]).toEqual(['GET', 'oauth.bitrix24.tech', undefined]);
    expect([...(request?.url.searchParams.keys() ?? [])].toSorted()).toEqual([
      'client_id',
      'client_secret',
      'code',
      'grant_type',
    ]);
    expect([test?.url.href, test?.body]).toEqual(['https://acme.bitrix24.com/rest/user.current', '{"auth":"a"}']);
  });

  it('to bitrix24: an address elsewhere, in the form, the callback or the answer, gets no token', async () => {
    const asked = { portal: 'acme.bitrix24.com' };
    for (const client_endpoint of [
      'https://evil.net/rest/',
      'https://acme.bitrix24.com.evil.net/rest/',
      'http://acme.bitrix24.com/rest/',
    ]) {
      const vendor = signIn('/oauth/token/', { ...tokens, ...portal, client_endpoint }, {});
      const { finished } = await consent('bitrix24', { vendor, asked, back: { domain: 'acme.bitrix24.com' } });
      expect([client_endpoint, finished.ok, vendor.sent.length]).toEqual([client_endpoint, false, 1]);
    }
    const vendor = signIn('/oauth/token/', tokens, {});
    expect(await consent('bitrix24', { vendor, asked, back: { domain: 'evil.net' } })).toMatchObject({
      finished: { ok: false },
    });
    await expect(consent('bitrix24', { vendor, asked: { portal: 'evil.net' }, back: {} })).rejects.toThrow();
    expect(vendor.sent).toEqual([]);
  });

  it.each([
    ['iiko', { api_key: 'k' }, '/api/1/access_token', { token: 't' }, { organizations: [{ name: 'Cafe' }] }, 'Cafe', 2],
    [
      'altegio',
      { partner_token: 'p', user_token: 'u', company_id: '12' },
      '-',
      {},
      { data: { title: 'Salon' } },
      'Salon',
      1,
    ],
    ['kommo', { subdomain: 'acme', access_token: 't' }, '-', {}, { name: 'Acme' }, 'Acme', 1],
  ])('to %s with what the person knows', async (key, fields, tokenPath, token, answer, account, requests) => {
    const provider = await providerOf(key);
    const vendor = signIn(tokenPath, token, answer);
    const world = createWorld({
      provider: { ...provider, auth: [...provider.auth, ...(await loadProvider('kommo')).auth] },
      transport: vendor.transport,
      clock: () => 0,
    });
    const auth = provider.auth.find(isFormAuth);
    if (auth === undefined) throw new Error('no fields');
    const tenant = world.principal.tenant;
    const signal = AbortSignal.timeout(5_000);
    const connected = await connectWithFields(world.deps, {
      tenant,
      provider,
      auth,
      fields: new Secret(fields),
      name: 'default',
      signal,
    });
    expect(connected).toMatchObject({ ok: true, value: { accountName: account } });
    expect(vendor.sent).toHaveLength(requests);
  });
});
