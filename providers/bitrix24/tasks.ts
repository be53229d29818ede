/**
 * Tasks. Bitrix24 keeps the status as a number, computes "overdue" on the side, and answers a task that is missing
 * like one that may not be touched. A task under control goes to awaiting_review when it is finished, so statuses that
 * are set are read back. Comments are added but not listed: with the new task card they live in a chat.
 */
import * as z from 'zod';
import { at, type Category, defineTool, type JsonObject, line, post, textAt, item } from '../../core/provider/kit.ts';
import { created, pagedList, project, readBack, recordAt } from './responses.ts';
import { changesSomething, dateTime, recordIdOf, NOTHING_TO_CHANGE, text } from './inputs.ts';

const STATUSES = { pending: 2, in_progress: 3, awaiting_review: 4, done: 5, deferred: 6 } as const;
/** Computed by Bitrix24; they can be filtered by and never set. */
const COMPUTED = { overdue: -1, unseen: -2, due_soon: -3 } as const;
const PRIORITIES = { low: 0, normal: 1, high: 2 } as const;

const taskId = recordIdOf('Task id');
const groupId = recordIdOf('Project id').optional();
const deadline = dateTime('Due').optional();
const priority = z.enum(['low', 'normal', 'high']).describe('Priority').optional();
const description = text('Details, BBCode').optional();

const isCrmItem = (value: string): boolean => /^(L|D|C|CO)_\d{1,10}$/.test(value);

function nameOf(names: Readonly<Record<string, number>>, value: string | undefined): string | undefined {
  return Object.keys(names).find((name) => String(names[name]) === value) ?? value;
}

const fieldsOf = project({
  ids: {
    id: 'id',
    responsible_id: 'responsibleId',
    creator_id: 'createdBy',
    group_id: 'groupId',
    parent_id: 'parentId',
  },
  rest: {
    title: 'title',
    description: 'description',
    deadline: 'deadline',
    created_at: 'createdDate',
    closed_at: 'closedDate',
    accomplices: 'accomplices',
    auditors: 'auditors',
    crm_items: 'ufCrmTask',
  },
});

function taskOf(row: unknown): JsonObject {
  return {
    ...fieldsOf(row),
    status: nameOf(STATUSES, textAt(row, 'status')),
    priority: nameOf(PRIORITIES, textAt(row, 'priority')),
  };
}

function taskAt(body: unknown): JsonObject | null | undefined {
  const found = recordAt(body, 'result.task');
  return found === undefined || found === null ? found : taskOf(found);
}

const SELECT_ROW = ['ID', 'TITLE', 'STATUS', 'DEADLINE', 'RESPONSIBLE_ID', 'CREATED_BY', 'GROUP_ID', 'PRIORITY'];
const SELECT_ALL = [
  ...SELECT_ROW,
  'DESCRIPTION',
  'PARENT_ID',
  'CREATED_DATE',
  'CLOSED_DATE',
  'ACCOMPLICES',
  'AUDITORS',
  'UF_CRM_TASK',
];

const FILTERS = [...Object.keys(STATUSES), ...Object.keys(COMPUTED)] as (
  | keyof typeof STATUSES
  | keyof typeof COMPUTED
)[];

/** REAL_STATUS is what a task is; STATUS is it with the computed ones on top, which hide pending but overdue tasks. */
function statusFilter(status: (typeof FILTERS)[number] | undefined): JsonObject {
  if (status === undefined) return {};
  return status in COMPUTED
    ? { STATUS: COMPUTED[status as keyof typeof COMPUTED] }
    : { REAL_STATUS: STATUSES[status as keyof typeof STATUSES] };
}

const listTasks = defineTool({
  name: 'list_tasks',
  title: 'Find tasks',
  description: 'Tasks, newest first, that match every filter.',
  access: 'read',
  input: z.strictObject({
    query: line('Part of the title').optional(),
    status: z.enum(FILTERS).describe('Only these').optional(),
    responsible_id: recordIdOf('User in charge').optional(),
    group_id: groupId,
  }),
  request: (args) =>
    post('/tasks.task.list', {
      filter: {
        TITLE: args.query === undefined ? undefined : `%${args.query.replaceAll('%', '')}%`,
        RESPONSIBLE_ID: args.responsible_id,
        GROUP_ID: args.group_id,
        ...statusFilter(args.status),
      },
      select: SELECT_ROW,
      order: { ID: 'desc' },
    }),
  shape: pagedList(taskOf, 'result.tasks'),
});

const getTask = defineTool({
  name: 'get_task',
  title: 'Get a task',
  description: 'Read one task with its description, people and linked CRM records.',
  access: 'read',
  input: z.strictObject({ task_id: taskId }),
  request: ({ task_id }) => post('/tasks.task.get', { taskId: task_id, select: SELECT_ALL }),
  shape: item(taskAt),
});

const createTask = defineTool({
  name: 'create_task',
  title: 'Create a task',
  description: 'Create a task for somebody, who is notified.',
  access: 'write',
  input: z.strictObject({
    title: line('Title'),
    responsible_id: recordIdOf('User in charge'),
    description,
    group_id: groupId,
    deadline,
    priority,
    crm_items: z
      .array(z.string().refine(isCrmItem, 'must be like D_12'))
      .refine(({ length }) => length > 0 && length <= 20, 'takes 1 to 20 records')
      .describe('Links: L_1 lead, D_1 deal, C_1 contact, CO_1 company')
      .optional(),
  }),
  request: (args) =>
    post('/tasks.task.add', {
      fields: {
        TITLE: args.title,
        RESPONSIBLE_ID: args.responsible_id,
        DESCRIPTION: args.description,
        GROUP_ID: args.group_id,
        DEADLINE: args.deadline,
        PRIORITY: args.priority === undefined ? undefined : PRIORITIES[args.priority],
        UF_CRM_TASK: args.crm_items,
      },
    }),
  shape: item((body) => taskAt(body) ?? undefined),
  verify: (args, item) =>
    readBack(
      'get_task',
      { task_id: item['id'] },
      {
        responsible_id: args.responsible_id,
        group_id: args.group_id,
        deadline: args.deadline,
        priority: args.priority,
      },
    ),
});

const updateTask = defineTool({
  name: 'update_task',
  title: 'Change, re-date, hand over or postpone a task',
  description:
    'Change fields of a task: title, deadline, person in charge, status. To finish it use complete_task. applied says whether each value stuck.',
  access: 'write',
  input: z
    .strictObject({
      task_id: taskId,
      title: line('Title').optional(),
      description,
      status: z.enum(['pending', 'in_progress', 'done', 'deferred']).describe('New status').optional(),
      deadline,
      responsible_id: recordIdOf('User id of the new person in charge').optional(),
      group_id: groupId,
      priority,
    })
    .refine(changesSomething, NOTHING_TO_CHANGE),
  request: (args) =>
    post('/tasks.task.update', {
      taskId: args.task_id,
      fields: {
        TITLE: args.title,
        DESCRIPTION: args.description,
        STATUS: args.status === undefined ? undefined : STATUSES[args.status],
        DEADLINE: args.deadline,
        RESPONSIBLE_ID: args.responsible_id,
        GROUP_ID: args.group_id,
        PRIORITY: args.priority === undefined ? undefined : PRIORITIES[args.priority],
      },
    }),
  shape: item((body) => taskAt(body) ?? undefined),
  verify: (args) =>
    readBack(
      'get_task',
      { task_id: args.task_id },
      {
        title: args.title,
        status: args.status,
        deadline: args.deadline,
        responsible_id: args.responsible_id,
        group_id: args.group_id,
        priority: args.priority,
      },
    ),
});

const completeTask = defineTool({
  name: 'complete_task',
  title: 'Finish a task',
  description: 'Finish a task; awaiting_review if its creator must approve: see applied.',
  access: 'write',
  idempotent: true,
  input: z.strictObject({ task_id: taskId }),
  request: ({ task_id }) => post('/tasks.task.complete', { taskId: task_id }),
  shape: item((body) => taskAt(body) ?? undefined),
  verify: ({ task_id }) => readBack('get_task', { task_id }, { status: 'done' }),
});

const commentTask = defineTool({
  name: 'comment_task',
  title: 'Comment on a task',
  description: 'Add a comment to a task; the people of the task are notified. Returns the new comment id.',
  access: 'write',
  input: z.strictObject({ task_id: taskId, comment: text('The comment; BBCode allowed') }),
  request: ({ task_id, comment }) =>
    post('/task.commentitem.add', { TASKID: task_id, FIELDS: { POST_MESSAGE: comment } }),
  shape: created,
});

const deleteTask = defineTool({
  name: 'delete_task',
  title: 'Delete a task',
  description: 'Delete a task with its comments. To close a task use complete_task instead.',
  access: 'destructive',
  input: z.strictObject({ task_id: taskId }),
  request: ({ task_id }) => post('/tasks.task.delete', { taskId: task_id }),
  shape: item((body) => (at(body, 'result.task') === true ? { deleted: true } : undefined)),
});

export const tasks: Category = {
  title: 'Tasks',
  purpose: 'Find, create and finish tasks',
  core: true,
  tools: [listTasks, createTask, completeTask],
};

export const taskDetails: Category = {
  title: 'Task details and changes',
  purpose: 'Read one task, change its deadline or person in charge, postpone, comment on, delete it',
  core: false,
  tools: [getTask, updateTask, commentTask, deleteTask],
};
