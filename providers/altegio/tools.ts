/** Altegio's tools of one location. `{company_id}` in a path is the location of the connection. */
import * as z from 'zod';
import {
  at,
  byQuery,
  type Category,
  day,
  defineTool,
  get,
  id,
  instant,
  item,
  type JsonObject,
  list,
  type Paging,
  path,
  type PathTemplate,
  pick,
  post,
  type Shape,
} from '../../core/provider/kit.ts';

const PAGE_SIZE = 50;

/** `/record/{company_id}/${id}`: the part before the value is ours, so its braces stay. */
const under = (start: string, value: number): PathTemplate => {
  const rest = path`/${value}`;
  return { path: start + rest.path, template: start + rest.template };
};

const pages: Paging = {
  ask: (request, { page }) => ({ ...request, query: { ...request.query, page: Number(page) } }),
  next: (body, asked) => {
    const page = Number(asked?.['page'] ?? 1);
    const total = Number(at(body, 'meta.total_count') ?? 0);
    return page * PAGE_SIZE < total ? { page: page + 1 } : undefined;
  },
  total: (body) => {
    const total = at(body, 'meta.total_count');
    return typeof total === 'number' ? total : undefined;
  },
};

const rowsOf = (row: (row: unknown) => JsonObject, paging?: Paging): Shape => list('data', row, paging);
/** Lists that Altegio gives as a whole are looked through here. */
const query = z.string().min(1).optional();
const itemOf = (row: (row: unknown) => JsonObject): Shape =>
  item((body) => {
    const data = at(body, 'data');
    return typeof data === 'object' && data !== null ? row(Array.isArray(data) ? data[0] : data) : undefined;
  });

const appointment = pick({
  record_id: 'id',
  datetime: 'datetime',
  seance_length: 'seance_length',
  staff_id: 'staff_id',
  staff: 'staff.name',
  services: 'services',
  client_id: 'client.id',
  client: 'client.name',
  phone: 'client.phone',
  attendance: 'attendance',
  comment: 'comment',
});
const person = pick({ client_id: 'id', name: 'name', surname: 'surname', phone: 'phone', email: 'email' });

const listAppointments = defineTool({
  name: 'list_appointments',
  title: 'List appointments',
  description: 'Appointments of this location by day, staff member or client.',
  access: 'read',
  input: z.strictObject({
    start_date: day.optional(),
    end_date: day.optional().describe('included'),
    staff_id: id.optional(),
    client_id: id.optional(),
  }),
  request: (filter) => get('/records/{company_id}', { ...filter, count: PAGE_SIZE }),
  shape: rowsOf(appointment, pages),
});

const getAppointment = defineTool({
  name: 'get_appointment',
  title: 'Get an appointment',
  description: 'One appointment.',
  access: 'read',
  input: z.strictObject({ record_id: id }),
  request: ({ record_id }) => get(under('/record/{company_id}', record_id)),
  shape: itemOf(appointment),
});

const createAppointment = defineTool({
  name: 'create_appointment',
  title: 'Create an appointment',
  description: 'Books a client. Altegio checks no overlap: look at the day first. May text the client.',
  access: 'write',
  exposure: ['sends_message'],
  input: z.strictObject({
    staff_id: id,
    service_ids: z.array(id).min(1),
    datetime: instant,
    seance_length: z.int().positive().describe('seconds'),
    client_name: z.string().min(1),
    client_phone: z.string().min(5),
    comment: z.string().max(1_000).optional(),
    send_sms: z.boolean().default(false).describe('text the client now'),
  }),
  request: ({ service_ids, client_name, client_phone, ...rest }) =>
    post('/records/{company_id}', {
      ...rest,
      services: service_ids.map((service) => ({ id: service })),
      client: { name: client_name, phone: client_phone },
    }),
  shape: itemOf(appointment),
  verify: ({ staff_id, datetime }, { record_id }) => ({
    tool: 'get_appointment',
    args: { record_id },
    expect: { staff_id, datetime },
  }),
});

const deleteAppointment = defineTool({
  name: 'delete_appointment',
  title: 'Delete an appointment',
  description: 'Deletes an appointment for good.',
  access: 'destructive',
  input: z.strictObject({ record_id: id }),
  request: ({ record_id }) => ({ method: 'DELETE', ...under('/record/{company_id}', record_id) }),
  shape: item(() => ({ deleted: true })),
});

const listClients = defineTool({
  name: 'list_clients',
  title: 'Find clients',
  description: 'Clients by name, phone or e-mail.',
  access: 'read',
  input: z.strictObject({ query: z.string().min(1).optional().describe('part of name, phone or e-mail') }),
  request: ({ query }) =>
    post('/company/{company_id}/clients/search', {
      page: 1,
      page_size: PAGE_SIZE,
      fields: ['id', 'name', 'surname', 'phone', 'email'],
      ...(query === undefined ? {} : { filters: [{ type: 'quick_search', state: { value: query } }] }),
    }),
  shape: rowsOf(person, {
    ...pages,
    ask: (request, { page }) => ({ ...request, body: { ...(request.body as JsonObject), page: Number(page) } }),
  }),
});

const createClient = defineTool({
  name: 'create_client',
  title: 'Create a client',
  description: 'Adds a person to the client base.',
  access: 'write',
  input: z.strictObject({
    name: z.string().min(1),
    surname: z.string().optional(),
    phone: z.string().min(5),
    email: z
      .string()
      .refine((text) => z.email().safeParse(text).success, 'must be an e-mail address')
      .optional(),
  }),
  request: (client) => post('/clients/{company_id}', client),
  shape: itemOf(person),
});

const listServices = defineTool({
  name: 'list_services',
  title: 'List services',
  description: 'Services with price and duration.',
  access: 'read',
  input: z.strictObject({
    staff_id: id.optional().describe('that this person does'),
    query: query.describe('part of the title'),
  }),
  request: ({ staff_id }) => get('/company/{company_id}/services/', { staff_id }),
  shape: list(
    'data',
    pick({ service_id: 'id', title: 'title', price_min: 'price_min', price_max: 'price_max', seconds: 'duration' }),
    undefined,
    byQuery('title'),
  ),
});

const listStaff = defineTool({
  name: 'list_staff',
  title: 'List staff',
  description: 'Staff members and their ids.',
  access: 'read',
  input: z.strictObject({ query: query.describe('part of name or specialization') }),
  request: () => get('/company/{company_id}/staff/'),
  shape: list(
    'data',
    pick({ staff_id: 'id', name: 'name', specialization: 'specialization', fired: 'fired' }),
    undefined,
    byQuery('name', 'specialization'),
  ),
});

export const appointments: Category = {
  title: 'Appointments',
  purpose: 'The calendar of the location',
  core: true,
  tools: [listAppointments, getAppointment, createAppointment, deleteAppointment],
};
export const clients: Category = {
  title: 'Clients',
  purpose: 'People who book',
  core: false,
  tools: [listClients, createClient],
};
export const services: Category = {
  title: 'Services',
  purpose: 'What can be booked',
  core: false,
  tools: [listServices],
};
export const staff: Category = { title: 'Staff', purpose: 'Who does it', core: false, tools: [listStaff] };
