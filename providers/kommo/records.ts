/** What leads refer to and what becomes one: people, pipelines, enquiries, tasks, users. */
import * as z from 'zod';
import { type Category, defineTool, get, id, instant, path, pick, post } from '../../core/provider/kit.ts';
import { itemOf, PAGE_SIZE, rowsOf } from './responses.ts';

const uid = z.string().min(1).describe('uid of the enquiry');

const findContacts = defineTool({
  name: 'find_contacts',
  title: 'Find contacts',
  description: 'People by name, phone or e-mail: one text over all fields.',
  access: 'read',
  input: z.strictObject({ query: z.string().min(1).describe('text in any field') }),
  request: ({ query }) => get('/api/v4/contacts', { query, with: 'leads', limit: PAGE_SIZE }),
  shape: rowsOf(
    'contacts',
    pick({
      id: 'id',
      name: 'name',
      owner_id: 'responsible_user_id',
      fields: 'custom_fields_values',
      leads: '_embedded.leads',
    }),
  ),
});

const listPipelines = defineTool({
  name: 'list_pipelines',
  title: 'List pipelines and stages',
  description: 'All pipelines with the ids of their stages.',
  access: 'read',
  input: z.strictObject({}),
  request: () => get('/api/v4/leads/pipelines'),
  shape: rowsOf('pipelines', pick({ id: 'id', name: 'name', is_main: 'is_main', stages: '_embedded.statuses' })),
});

const listUnsorted = defineTool({
  name: 'list_unsorted',
  title: 'List incoming enquiries',
  description: 'Enquiries that nobody has accepted yet, newest first.',
  access: 'read',
  input: z.strictObject({ kind: z.enum(['forms', 'chats', 'sip', 'mail']).optional().describe('where from') }),
  request: ({ kind }) =>
    get('/api/v4/leads/unsorted', { 'filter[category][0]': kind, 'order[created_at]': 'desc', limit: PAGE_SIZE }),
  shape: rowsOf(
    'unsorted',
    pick({
      uid: 'uid',
      kind: 'category',
      source: 'source_name',
      created_at: 'created_at',
      form: 'metadata.form_name',
      sender: 'metadata.from',
      contacts: '_embedded.contacts',
      leads: '_embedded.leads',
    }),
  ),
});

const acceptUnsorted = defineTool({
  name: 'accept_unsorted',
  title: 'Accept an enquiry',
  description: 'Turns an enquiry into a lead in the given stage.',
  access: 'write',
  input: z.strictObject({ uid, status_id: id.optional().describe('stage'), owner_id: id.optional() }),
  request: (args) => ({
    method: 'POST',
    ...path`/api/v4/leads/unsorted/${args.uid}/accept`,
    body: { status_id: args.status_id, user_id: args.owner_id },
  }),
  shape: itemOf(pick({ uid: 'uid', lead_id: '_embedded.leads.0.id', contact_id: '_embedded.contacts.0.id' })),
});

const declineUnsorted = defineTool({
  name: 'decline_unsorted',
  title: 'Decline an enquiry',
  description: 'Rejects an enquiry, e.g. spam. It cannot be brought back.',
  access: 'destructive',
  input: z.strictObject({ uid }),
  request: (args) => ({ method: 'DELETE', ...path`/api/v4/leads/unsorted/${args.uid}/decline` }),
  shape: itemOf(pick({ uid: 'uid' })),
});

const createTask = defineTool({
  name: 'create_task',
  title: 'Create a task',
  description: 'A to-do with a due time, on a lead, a contact, a company or alone.',
  access: 'write',
  input: z.strictObject({
    text: z.string().min(1),
    due: instant,
    entity_id: id.optional().describe('needs entity_type'),
    entity_type: z.enum(['leads', 'contacts', 'companies']).optional(),
    owner_id: id.optional(),
  }),
  request: ({ text, due, entity_id, entity_type, owner_id }) =>
    post('/api/v4/tasks', [
      {
        text,
        complete_till: Math.floor(Date.parse(due) / 1000),
        entity_id,
        entity_type,
        responsible_user_id: owner_id,
      },
    ]),
  shape: itemOf(pick({ id: 'id' }), '_embedded.tasks.0'),
});

const listUsers = defineTool({
  name: 'list_users',
  title: 'List users',
  description: 'Members of the account: ids, names and e-mails.',
  access: 'read',
  input: z.strictObject({}),
  request: () => get('/api/v4/users', { limit: PAGE_SIZE }),
  shape: rowsOf(
    'users',
    pick({ id: 'id', name: 'name', email: 'email', admin: 'rights.is_admin', active: 'rights.is_active' }),
  ),
});

const category = (title: string, purpose: string, tools: Category['tools'], core = false): Category => ({
  title,
  purpose,
  core,
  tools,
});

export const contacts = category('Contacts', 'People', [findContacts], true);
export const pipelines = category('Pipelines', 'Pipelines and their stages: the ids a lead needs', [listPipelines]);
export const unsorted = category('Incoming', 'Form, chat, mail and call enquiries waiting to become leads', [
  listUnsorted,
  acceptUnsorted,
  declineUnsorted,
]);
export const taskTools = category('Tasks', 'To-dos with a due time', [createTask]);
export const users = category('Users', 'Turns a person into the id that owner_id takes', [listUsers]);
