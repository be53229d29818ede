/** Leads: the deals of Kommo's pipelines. Amounts are whole units of the account's currency. */
import * as z from 'zod';
import { type Category, defineTool, get, id, type JsonObject, path, pick, post } from '../../core/provider/kit.ts';
import { itemOf, PAGE_SIZE, rowsOf } from './responses.ts';

const brief = pick({
  id: 'id',
  name: 'name',
  price: 'price',
  pipeline_id: 'pipeline_id',
  status_id: 'status_id',
  owner_id: 'responsible_user_id',
  created_at: 'created_at',
  closed_at: 'closed_at',
});

const listLeads = defineTool({
  name: 'list_leads',
  title: 'List leads',
  description: 'Leads, newest first, by text, pipeline, stage or owner.',
  access: 'read',
  input: z.strictObject({
    query: z.string().min(1).optional().describe('text in any field'),
    pipeline_id: id.optional(),
    status_id: id.optional().describe('stage; needs pipeline_id'),
    owner_id: id.optional(),
  }),
  request: ({ query, pipeline_id, status_id, owner_id }) =>
    get('/api/v4/leads', {
      query,
      limit: PAGE_SIZE,
      'filter[responsible_user_id]': owner_id,
      'filter[pipeline_id]': status_id === undefined ? pipeline_id : undefined,
      'filter[statuses][0][pipeline_id]': status_id === undefined ? undefined : pipeline_id,
      'filter[statuses][0][status_id]': status_id,
      'order[created_at]': 'desc',
    }),
  shape: rowsOf('leads', brief),
});

const getLead = defineTool({
  name: 'get_lead',
  title: 'Get a lead',
  description: 'One lead with its contacts, companies and custom fields.',
  access: 'read',
  input: z.strictObject({ lead_id: id }),
  request: ({ lead_id }) => get(path`/api/v4/leads/${lead_id}`, { with: 'contacts,loss_reason' }),
  shape: itemOf((row) => ({
    ...brief(row),
    ...pick({
      contacts: '_embedded.contacts',
      companies: '_embedded.companies',
      custom_fields: 'custom_fields_values',
    })(row),
  })),
});

const createLead = defineTool({
  name: 'create_lead',
  title: 'Create a lead',
  description: 'With contact_name also its contact; without, nobody is attached.',
  access: 'write',
  input: z.strictObject({
    name: z.string().min(1),
    price: z.int().nonnegative().optional(),
    pipeline_id: id.optional(),
    status_id: id.optional().describe('stage'),
    owner_id: id.optional(),
    contact_name: z.string().min(1).optional(),
    contact_phone: z.string().min(1).optional(),
    contact_email: z.string().min(1).optional(),
  }),
  request: ({ name, price, pipeline_id, status_id, owner_id, ...contact }) =>
    post('/api/v4/leads/complex', [
      { name, price, pipeline_id, status_id, responsible_user_id: owner_id, ...contactOf(contact) },
    ]),
  shape: itemOf(pick({ id: 'id', contact_id: 'contact_id', merged: 'merged' }), '0'),
});

interface Contact {
  readonly contact_name?: string | undefined;
  readonly contact_phone?: string | undefined;
  readonly contact_email?: string | undefined;
}

function contactOf({ contact_name: name, contact_phone: phone, contact_email: email }: Contact): JsonObject {
  if (name === undefined) return {};
  const field = (code: string, value: string | undefined): JsonObject[] =>
    value === undefined ? [] : [{ field_code: code, values: [{ value, enum_code: 'WORK' }] }];
  const fields = [...field('PHONE', phone), ...field('EMAIL', email)];
  return {
    _embedded: { contacts: [{ first_name: name, ...(fields.length > 0 && { custom_fields_values: fields }) }] },
  };
}

const updateLead = defineTool({
  name: 'update_lead',
  title: 'Change or move a lead',
  description: 'Another pipeline_id needs a status_id of it. Read back: see applied.',
  access: 'write',
  idempotent: true,
  input: z.strictObject({
    lead_id: id,
    name: z.string().min(1).optional(),
    price: z.int().nonnegative().optional(),
    pipeline_id: id.optional(),
    status_id: id.optional().describe('stage; 142 won, 143 lost'),
    owner_id: id.optional(),
  }),
  request: ({ lead_id, owner_id, ...changes }) => ({
    method: 'PATCH',
    ...path`/api/v4/leads/${lead_id}`,
    body: { ...changes, responsible_user_id: owner_id },
  }),
  shape: itemOf(pick({ id: 'id', updated_at: 'updated_at' })),
  verify: ({ lead_id, ...expect }) => ({ tool: 'get_lead', args: { lead_id }, expect }),
});

const linkContact = defineTool({
  name: 'link_contact',
  title: 'Link a contact to a lead',
  description: 'Attaches an existing contact to a lead.',
  access: 'write',
  idempotent: true,
  input: z.strictObject({ lead_id: id, contact_id: id }),
  request: ({ lead_id, contact_id }) => ({
    method: 'POST',
    ...path`/api/v4/leads/${lead_id}/link`,
    body: [{ to_entity_id: contact_id, to_entity_type: 'contacts' }],
  }),
  shape: itemOf(pick({ lead_id: 'entity_id', contact_id: 'to_entity_id' }), '_embedded.links.0'),
});

export const leads: Category = {
  title: 'Leads',
  purpose: 'Deals in the sales pipeline',
  core: true,
  tools: [listLeads, getLead, createLead, updateLead, linkContact],
};
