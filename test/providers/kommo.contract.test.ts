/** What kommo is sent, and what comes of it. */
import { expect } from '@jest/globals';

import { describeContract } from './contract.ts';

const LEAD = { id: 7, name: 'Deal', price: 100, pipeline_id: 1, status_id: 2, responsible_user_id: 3, created_at: 1 };
const LEAD_SHOWN = { id: 7, name: 'Deal', price: 100, pipeline_id: 1, status_id: 2, owner_id: 3, created_at: 1 };
const PAGE = 'limit=50';

describeContract('kommo', {
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
});
