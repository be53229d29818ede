/**
 * Contacts. `crm.contact.list` joins its filters with AND only and matches phones and e-mails exactly; a name that
 * may be the first or the last one therefore goes through `crm.item.list`, which knows OR.
 */
import * as z from 'zod';
import { at, defineTool, type JsonObject, line, post, textAt, list } from '../../core/provider/kit.ts';
import { getRecord } from './crm-record.ts';
import { accepted, byStart, created, oneValue, project, readBack } from './responses.ts';
import { changesSomething, code, recordIdOf, NOTHING_TO_CHANGE, responsibleId, text } from './inputs.ts';

const CONTACT_TYPE = 3;
const MOST_WORDS = 4;

const contactId = recordIdOf('Contact id');
const position = line('Job title').optional();
const companyId = recordIdOf('Company id').optional();
const sourceId = code('Source code from list_crm_values').optional();
const comments = text('Comment on the record').optional();

const classicRow = project({
  ids: { id: 'ID', company_id: 'COMPANY_ID', responsible_id: 'ASSIGNED_BY_ID' },
  rest: {
    name: 'NAME',
    last_name: 'LAST_NAME',
    position: 'POST',
    phone: 'PHONE.0.VALUE',
    email: 'EMAIL.0.VALUE',
  },
});

const itemRow = project({
  ids: { id: 'id', company_id: 'companyId', responsible_id: 'assignedById' },
  rest: { name: 'name', last_name: 'lastName', position: 'post' },
});

function firstValue(row: unknown, type: string): string | undefined {
  const values = at(row, 'fm');
  return Array.isArray(values)
    ? textAt(
        values.find((entry) => textAt(entry, 'typeId') === type),
        'value',
      )
    : undefined;
}

function contactRow(row: unknown): JsonObject {
  if (at(row, 'ID') !== undefined) return classicRow(row);
  return { ...itemRow(row), phone: firstValue(row, 'PHONE'), email: firstValue(row, 'EMAIL') };
}

/** Every word must be part of the first or of the last name: "Ann Lee" finds Ann Lee, and Lee-Anne Ann. */
function nameFilter(query: string): JsonObject {
  const words = query.split(/\s+/).slice(0, MOST_WORDS);
  const either = words.map((word, i) => [i, { logic: 'OR', 0: { '%name': word }, 1: { '%lastName': word } }]);
  return Object.fromEntries(either) as JsonObject;
}

const listContacts = defineTool({
  name: 'list_contacts',
  title: 'Find contacts',
  description:
    'Find CRM contacts, newest first. query matches parts of the first or last name. phone and email must equal what is stored; find_by_phone_or_email also finds other spellings of a number.',
  access: 'read',
  input: z
    .strictObject({
      query: line('Part of the first or last name, or of both', 100).optional(),
      phone: line('Exact phone as stored, e.g. +15551234567', 50).optional(),
      email: line('Exact e-mail').optional(),
      first_name: line('Part of the first name').optional(),
      last_name: line('Part of the last name').optional(),
      company_id: companyId,
      responsible_id: responsibleId,
    })
    .refine(({ query, phone, email, first_name, last_name }) => {
      return query === undefined || [phone, email, first_name, last_name].every((other) => other === undefined);
    }, 'query goes alone or with company_id and responsible_id; use first_name and last_name beside phone or email'),
  request: (args) =>
    args.query === undefined
      ? post('/crm.contact.list', {
          filter: {
            '%NAME': args.first_name,
            '%LAST_NAME': args.last_name,
            PHONE: args.phone,
            EMAIL: args.email,
            COMPANY_ID: args.company_id,
            ASSIGNED_BY_ID: args.responsible_id,
          },
          select: ['ID', 'NAME', 'LAST_NAME', 'POST', 'COMPANY_ID', 'ASSIGNED_BY_ID', 'PHONE', 'EMAIL'],
          order: { ID: 'DESC' },
        })
      : post('/crm.item.list', {
          entityTypeId: CONTACT_TYPE,
          // Phones and e-mails come with the mask only, never by name.
          select: ['*'],
          filter: {
            ...nameFilter(args.query),
            companyId: args.company_id,
            assignedById: args.responsible_id,
          },
          order: { id: 'DESC' },
        }),
  shape: list((body) => at(body, 'result.items') ?? at(body, 'result'), contactRow, byStart),
});

const getContact = getRecord('contact', {
  title: 'Get a contact',
  description: 'Read one contact with all its fields, custom fields (UF_CRM_...) included.',
});

const createContact = defineTool({
  name: 'create_contact',
  title: 'Create a contact',
  description: 'Create a contact. Look for the phone or e-mail first: Bitrix24 makes duplicates. Returns the new id.',
  access: 'write',
  input: z.strictObject({
    name: line('First name'),
    last_name: line('Last name').optional(),
    phone: line('With country code', 50).optional(),
    email: line('E-mail').optional(),
    position,
    company_id: companyId,
    source_id: sourceId,
    responsible_id: responsibleId,
    comments,
  }),
  request: (args) =>
    post('/crm.contact.add', {
      fields: {
        NAME: args.name,
        LAST_NAME: args.last_name,
        PHONE: oneValue(args.phone),
        EMAIL: oneValue(args.email),
        POST: args.position,
        COMPANY_ID: args.company_id,
        SOURCE_ID: args.source_id,
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: created,
  verify: (args, item) =>
    readBack(
      'get_contact',
      { contact_id: item['id'] },
      { COMPANY_ID: args.company_id, SOURCE_ID: args.source_id, ASSIGNED_BY_ID: args.responsible_id },
    ),
});

const updateContact = defineTool({
  name: 'update_contact',
  title: 'Update a contact',
  description: 'Change fields of a contact. add_phone and add_email add a value and keep those that are there.',
  access: 'write',
  input: z
    .strictObject({
      contact_id: contactId,
      name: line('First name').optional(),
      last_name: line('Last name').optional(),
      add_phone: line('Phone to add', 50).optional(),
      add_email: line('E-mail to add').optional(),
      position,
      company_id: companyId,
      source_id: sourceId,
      responsible_id: responsibleId,
      comments,
    })
    .refine(changesSomething, NOTHING_TO_CHANGE),
  request: (args) =>
    post('/crm.contact.update', {
      id: args.contact_id,
      fields: {
        NAME: args.name,
        LAST_NAME: args.last_name,
        PHONE: oneValue(args.add_phone),
        EMAIL: oneValue(args.add_email),
        POST: args.position,
        COMPANY_ID: args.company_id,
        SOURCE_ID: args.source_id,
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: accepted,
  verify: (args) =>
    readBack(
      'get_contact',
      { contact_id: args.contact_id },
      {
        NAME: args.name,
        LAST_NAME: args.last_name,
        COMPANY_ID: args.company_id,
        SOURCE_ID: args.source_id,
        ASSIGNED_BY_ID: args.responsible_id,
      },
    ),
});

const ENTITIES = { LEAD: 'lead', CONTACT: 'contact', COMPANY: 'company' } as const;

/** `{CONTACT: [275, 2297]}`, or `[]` when nothing was found, as rows. */
function matches(body: unknown): unknown {
  const result = at(body, 'result');
  if (typeof result !== 'object' || result === null) return undefined;
  return Object.entries(ENTITIES).flatMap(([key, type]) => {
    const ids = at(result, key);
    return Array.isArray(ids) ? ids.map((found: unknown) => ({ type, id: found })) : [];
  });
}

export const findByPhoneOrEmail = defineTool({
  name: 'find_by_phone_or_email',
  title: 'Find by phone or e-mail',
  description: 'Leads, contacts and companies with this phone, however spelled, or e-mail. Use it before creating one.',
  access: 'read',
  input: z
    .strictObject({ phone: line('Phone', 50).optional(), email: line('E-mail').optional() })
    .refine(({ phone, email }) => (phone === undefined) !== (email === undefined), 'Give either phone or email'),
  request: ({ phone, email }) =>
    post('/crm.duplicate.findbycomm', {
      type: phone === undefined ? 'EMAIL' : 'PHONE',
      values: [phone ?? email ?? ''],
    }),
  shape: list(matches, project({ ids: { id: 'id' }, rest: { type: 'type' } })),
});

export const contactTools = [listContacts, getContact, createContact, updateContact];
