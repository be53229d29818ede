/** Companies. A free-text industry is dropped silently by Bitrix24, so it is read back. */
import * as z from 'zod';
import { defineTool, line, post } from '../../core/provider/kit.ts';
import { getRecord } from './crm-record.ts';
import { accepted, created, oneValue, pagedList, project, readBack } from './responses.ts';
import { changesSomething, code, recordIdOf, NOTHING_TO_CHANGE, responsibleId, text } from './inputs.ts';

const companyId = recordIdOf('Company id');
const industry = code('Industry code from list_crm_values').optional();
const comments = text('Comment on the record').optional();

const listCompanies = defineTool({
  name: 'list_companies',
  title: 'Find companies',
  description: 'Find CRM companies by part of the name or by exact phone or e-mail, newest first.',
  access: 'read',
  input: z.strictObject({
    query: line('Part of the company name').optional(),
    phone: line('Exact phone as stored', 50).optional(),
    email: line('Exact e-mail').optional(),
    responsible_id: responsibleId,
  }),
  request: (args) =>
    post('/crm.company.list', {
      filter: {
        '%TITLE': args.query,
        PHONE: args.phone,
        EMAIL: args.email,
        ASSIGNED_BY_ID: args.responsible_id,
      },
      select: ['ID', 'TITLE', 'INDUSTRY', 'ASSIGNED_BY_ID', 'PHONE', 'EMAIL'],
      order: { ID: 'DESC' },
    }),
  shape: pagedList(
    project({
      ids: { id: 'ID', responsible_id: 'ASSIGNED_BY_ID' },
      rest: { title: 'TITLE', industry: 'INDUSTRY', phone: 'PHONE.0.VALUE', email: 'EMAIL.0.VALUE' },
    }),
  ),
});

const getCompany = getRecord('company', {
  title: 'Get a company',
  description: 'Read one company with all its fields, custom fields (UF_CRM_...) included.',
});

const createCompany = defineTool({
  name: 'create_company',
  title: 'Create a company',
  description: 'Create a company. Search by name first so that no duplicate is made. Returns the new id.',
  access: 'write',
  input: z.strictObject({
    title: line('Company name'),
    industry,
    phone: line('With country code', 50).optional(),
    email: line('E-mail').optional(),
    responsible_id: responsibleId,
    comments,
  }),
  request: (args) =>
    post('/crm.company.add', {
      fields: {
        TITLE: args.title,
        INDUSTRY: args.industry,
        PHONE: oneValue(args.phone),
        EMAIL: oneValue(args.email),
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: created,
  verify: (args, item) =>
    readBack(
      'get_company',
      { company_id: item['id'] },
      { INDUSTRY: args.industry, ASSIGNED_BY_ID: args.responsible_id },
    ),
});

const updateCompany = defineTool({
  name: 'update_company',
  title: 'Update a company',
  description: 'Change fields of a company. add_phone and add_email add a value and keep those that are there.',
  access: 'write',
  input: z
    .strictObject({
      company_id: companyId,
      title: line('Company name').optional(),
      industry,
      add_phone: line('Phone to add', 50).optional(),
      add_email: line('E-mail to add').optional(),
      responsible_id: responsibleId,
      comments,
    })
    .refine(changesSomething, NOTHING_TO_CHANGE),
  request: (args) =>
    post('/crm.company.update', {
      id: args.company_id,
      fields: {
        TITLE: args.title,
        INDUSTRY: args.industry,
        PHONE: oneValue(args.add_phone),
        EMAIL: oneValue(args.add_email),
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: accepted,
  verify: (args) =>
    readBack(
      'get_company',
      { company_id: args.company_id },
      { TITLE: args.title, INDUSTRY: args.industry, ASSIGNED_BY_ID: args.responsible_id },
    ),
});

export const companyTools = [listCompanies, getCompany, createCompany, updateCompany];
