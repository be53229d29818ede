/** People and departments: names to the numeric user ids that every other category takes. */
import * as z from 'zod';
import { type Category, defineTool, line, post, type Shape, item, list } from '../../core/provider/kit.ts';
import { byCapitalStart, pagedList, project, recordAt, wholeRecord } from './responses.ts';
import { recordIdOf } from './inputs.ts';

const USER_FIELDS = ['ID', 'NAME', 'LAST_NAME', 'EMAIL', 'WORK_POSITION', 'UF_DEPARTMENT', 'ACTIVE', 'USER_TYPE'];

const userRow = project({
  ids: { id: 'ID' },
  rest: {
    name: 'NAME',
    last_name: 'LAST_NAME',
    email: 'EMAIL',
    position: 'WORK_POSITION',
    department_ids: 'UF_DEPARTMENT',
    active: 'ACTIVE',
    user_type: 'USER_TYPE',
  },
});

const departmentRow = project({
  ids: { id: 'ID', parent_id: 'PARENT', head_id: 'UF_HEAD' },
  rest: { name: 'NAME', sort: 'SORT' },
});

/** Bitrix24 has no call for one user or department: the filtered list holds it, or is empty. */
const firstOfList: Shape = item((body) => recordAt(body, 'result.0'));

const listUsers = defineTool({
  name: 'list_users',
  title: 'List people',
  description:
    'People of the portal, by part of their data, department or whether they still work here. What is shown depends on the webhook: user_brief hides e-mails.',
  access: 'read',
  input: z.strictObject({
    query: line('Name, position or other words', 100).optional(),
    active: z.boolean().describe('true: only those who still work here').optional(),
    department_id: recordIdOf('Department id').optional(),
  }),
  request: ({ query, active, department_id }) =>
    post('/user.get', {
      FILTER: { NAME_SEARCH: query, ACTIVE: active, UF_DEPARTMENT: department_id },
      select: USER_FIELDS,
      sort: 'ID',
      order: 'ASC',
    }),
  shape: pagedList(userRow),
});

const searchUsers = defineTool({
  name: 'search_users',
  title: 'Search people',
  description: 'Find people by the beginning of a name, position or department. Gives the user ids other tools take.',
  access: 'read',
  input: z.strictObject({ query: line('Words to look for', 100) }),
  request: ({ query }) => post('/user.search', { FILTER: { FIND: query }, select: USER_FIELDS }),
  shape: pagedList(userRow),
});

const getUser = defineTool({
  name: 'get_user',
  title: 'Get a person',
  description: 'Read one person with all fields this webhook may see.',
  access: 'read',
  input: z.strictObject({ user_id: recordIdOf('User id') }),
  request: ({ user_id }) => post('/user.get', { FILTER: { ID: user_id } }),
  shape: firstOfList,
});

const getCurrentUser = defineTool({
  name: 'get_current_user',
  title: 'Who am I in Bitrix24',
  description: 'The user this connection acts as. "My deals" and "my tasks" are those of this user id.',
  access: 'read',
  input: z.strictObject({}),
  request: () => post('/user.current'),
  shape: wholeRecord,
});

const listDepartments = defineTool({
  name: 'list_departments',
  title: 'List departments',
  description: 'Departments of the company structure, with their parent and head.',
  access: 'read',
  input: z.strictObject({
    query: line('Exact full name').optional(),
    parent_id: recordIdOf('Only those directly below this department').optional(),
  }),
  request: ({ query, parent_id }) =>
    post('/department.get', { NAME: query, PARENT: parent_id, sort: 'ID', order: 'ASC' }),
  shape: list('result', departmentRow, byCapitalStart),
});

const getDepartment = defineTool({
  name: 'get_department',
  title: 'Get a department',
  description: 'Read one department.',
  access: 'read',
  input: z.strictObject({ department_id: recordIdOf('Department id') }),
  request: ({ department_id }) => post('/department.get', { ID: department_id }),
  shape: firstOfList,
});

export const organization: Category = {
  title: 'People',
  purpose: 'Turn names into the user ids every other category takes; departments',
  core: false,
  tools: [listUsers, searchUsers, getUser, getCurrentUser, listDepartments, getDepartment],
};
