/** Leads: unqualified enquiries. Unknown statuses and sources are dropped silently by Bitrix24, so they are read back. */
import * as z from 'zod';
import { defineTool, line, post } from '../../core/provider/kit.ts';
import { getRecord } from './crm-record.ts';
import { accepted, created, oneValue, pagedList, project, readBack } from './responses.ts';
import { amount, changesSomething, code, recordIdOf, NOTHING_TO_CHANGE, responsibleId, text } from './inputs.ts';

const leadId = recordIdOf('Lead id');
const sourceId = code('Source code from list_crm_values').optional();
const statusId = code('Status code from list_lead_statuses').optional();
const comments = text('What they asked for').optional();
const opportunity = amount('Expected amount').optional();
const currencyId = code('Currency, e.g. USD').optional();

const listLeads = defineTool({
  name: 'list_leads',
  title: 'Find leads',
  description:
    'Find leads, newest first, by part of the title, status, exact phone or e-mail, or person in charge. Converted and junk leads are included.',
  access: 'read',
  input: z.strictObject({
    query: line('Part of the lead title').optional(),
    status_id: statusId,
    phone: line('Exact phone as stored', 50).optional(),
    email: line('Exact e-mail').optional(),
    responsible_id: responsibleId,
  }),
  request: (args) =>
    post('/crm.lead.list', {
      filter: {
        '%TITLE': args.query,
        STATUS_ID: args.status_id,
        PHONE: args.phone,
        EMAIL: args.email,
        ASSIGNED_BY_ID: args.responsible_id,
      },
      select: [
        'ID',
        'TITLE',
        'NAME',
        'LAST_NAME',
        'STATUS_ID',
        'SOURCE_ID',
        'ASSIGNED_BY_ID',
        'OPPORTUNITY',
        'CURRENCY_ID',
        'PHONE',
        'EMAIL',
        'DATE_CREATE',
      ],
      order: { ID: 'DESC' },
    }),
  shape: pagedList(
    project({
      ids: { id: 'ID', responsible_id: 'ASSIGNED_BY_ID' },
      rest: {
        title: 'TITLE',
        name: 'NAME',
        last_name: 'LAST_NAME',
        status_id: 'STATUS_ID',
        source_id: 'SOURCE_ID',
        opportunity: 'OPPORTUNITY',
        currency_id: 'CURRENCY_ID',
        phone: 'PHONE.0.VALUE',
        email: 'EMAIL.0.VALUE',
        created_at: 'DATE_CREATE',
      },
    }),
  ),
});

const getLead = getRecord('lead', {
  title: 'Get a lead',
  description: 'Read one lead with all its fields, custom fields (UF_CRM_...) included.',
});

const createLead = defineTool({
  name: 'create_lead',
  title: 'Log a new enquiry as a lead',
  description:
    'Create a lead, an unqualified enquiry; for a qualified opportunity use create_deal. Returns the new id. Unknown source or status codes are ignored by Bitrix24: see applied.',
  access: 'write',
  input: z.strictObject({
    title: line('Title'),
    name: line('First name').optional(),
    last_name: line('Last name').optional(),
    phone: line('With country code', 50).optional(),
    email: line('E-mail').optional(),
    source_id: sourceId,
    status_id: statusId,
    opportunity,
    currency_id: currencyId,
    responsible_id: responsibleId,
    comments,
  }),
  request: (args) =>
    post('/crm.lead.add', {
      fields: {
        TITLE: args.title,
        NAME: args.name,
        LAST_NAME: args.last_name,
        PHONE: oneValue(args.phone),
        EMAIL: oneValue(args.email),
        SOURCE_ID: args.source_id,
        STATUS_ID: args.status_id,
        OPPORTUNITY: args.opportunity,
        CURRENCY_ID: args.currency_id,
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: created,
  verify: (args, item) =>
    readBack(
      'get_lead',
      { lead_id: item['id'] },
      {
        SOURCE_ID: args.source_id,
        STATUS_ID: args.status_id,
        CURRENCY_ID: args.currency_id,
        ASSIGNED_BY_ID: args.responsible_id,
      },
    ),
});

const updateLead = defineTool({
  name: 'update_lead',
  title: 'Update a lead',
  description:
    'Change fields of a lead, its status included. Setting a status does not convert the lead into a deal. Values Bitrix24 ignored are shown in applied.',
  access: 'write',
  input: z
    .strictObject({
      lead_id: leadId,
      title: line('Title').optional(),
      status_id: statusId,
      source_id: sourceId,
      add_phone: line('Phone to add', 50).optional(),
      add_email: line('E-mail to add').optional(),
      opportunity,
      currency_id: currencyId,
      responsible_id: responsibleId,
      comments,
    })
    .refine(changesSomething, NOTHING_TO_CHANGE),
  request: (args) =>
    post('/crm.lead.update', {
      id: args.lead_id,
      fields: {
        TITLE: args.title,
        STATUS_ID: args.status_id,
        SOURCE_ID: args.source_id,
        PHONE: oneValue(args.add_phone),
        EMAIL: oneValue(args.add_email),
        OPPORTUNITY: args.opportunity,
        CURRENCY_ID: args.currency_id,
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: accepted,
  verify: (args) =>
    readBack(
      'get_lead',
      { lead_id: args.lead_id },
      {
        TITLE: args.title,
        STATUS_ID: args.status_id,
        SOURCE_ID: args.source_id,
        OPPORTUNITY: args.opportunity,
        CURRENCY_ID: args.currency_id,
        ASSIGNED_BY_ID: args.responsible_id,
      },
    ),
});

export const leadTools = [listLeads, getLead, createLead, updateLead];
