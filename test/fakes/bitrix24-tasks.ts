/** Task methods of the fake portal. */
import { asText, nextId, page, Refusal, select } from './bitrix24-portal.ts';
import type { Portal, Row } from './bitrix24-portal.ts';
import { type Method, LIST, inPortalZone } from './bitrix24-method.ts';

const TASK_FIELDS: Readonly<Record<string, string>> = {
  ID: 'id',
  TITLE: 'title',
  DESCRIPTION: 'description',
  STATUS: 'status',
  DEADLINE: 'deadline',
  RESPONSIBLE_ID: 'responsibleId',
  CREATED_BY: 'createdBy',
  GROUP_ID: 'groupId',
  PRIORITY: 'priority',
  PARENT_ID: 'parentId',
  CREATED_DATE: 'createdDate',
  CLOSED_DATE: 'closedDate',
  ACCOMPLICES: 'accomplices',
  AUDITORS: 'auditors',
  UF_CRM_TASK: 'ufCrmTask',
};

const NOT_ALLOWED = 'Действие над задачей не разрешено';

function taskFor(portal: Portal, id: unknown): Row {
  const task = portal.tasks.get(Number(id));
  if (task === undefined) throw new Refusal(400, '0', NOT_ALLOWED);
  return task;
}

function selectTask(task: Row, selected: unknown): Row {
  const names = (Array.isArray(selected) ? selected : Object.keys(TASK_FIELDS)).map((name) => {
    const field = TASK_FIELDS[asText(name)];
    if (field === undefined) throw new Refusal(400, '100', `Invalid value ${asText(name)} in {select}`);
    return field;
  });
  return {
    ...Object.fromEntries(['id', ...names].map((field) => [field, task[field] ?? null])),
    group: [],
    action: {},
  };
}

function writeTask(portal: Portal, task: Row, fields: Row): void {
  const responsible = fields['RESPONSIBLE_ID'];
  if (responsible !== undefined && !portal.users.has(Number(responsible)))
    throw new Refusal(400, 'ERROR_CORE', 'Пользователь указанный в поле &quot;Исполнитель&quot; не найден<br>');
  const status = fields['STATUS'];
  if (status !== undefined && ![2, 3, 4, 5, 6].includes(Number(status)))
    throw new Refusal(400, 'ERROR_CORE', 'Некорректный статус<br>');
  for (const [name, value] of Object.entries(fields)) {
    const field = TASK_FIELDS[name];
    if (field === undefined || field === 'id') throw new Refusal(400, 'ERROR_CORE', `Unknown field ${name}`);
    if (name === 'DEADLINE' && task['allowChangeDeadline'] === 'N') continue;
    task[field] = name === 'DEADLINE' ? inPortalZone(asText(value)) : typeof value === 'number' ? asText(value) : value;
  }
}

function asTaskFilter(filter: Row): Row {
  return Object.fromEntries(
    Object.entries(filter).map(([key, value]) => {
      if (key === 'REAL_STATUS') return ['status', value];
      if (key === 'STATUS') return ['subStatus', value];
      if (key === 'TITLE') return ['=%title', value];
      return [TASK_FIELDS[key] ?? key, value];
    }),
  );
}

export const tasks: Readonly<Record<string, Method>> = {
  'tasks.task.list': {
    scope: 'task',
    params: { ...LIST, params: 'object' },
    run: (portal, { filter, select: selected, order, start }) => {
      const rules = { fields: ['id', 'title', 'status', 'subStatus', 'responsibleId', 'groupId'] };
      const byId = asText((order as Row | undefined)?.['ID'] ?? 'desc');
      const params = { filter: asTaskFilter((filter ?? {}) as Row), order: { id: byId } };
      const rows = select(portal.tasks, params, rules, 'id').map((task) => selectTask(task, selected));
      return page(rows, start, 'tasks');
    },
  },
  'tasks.task.get': {
    scope: 'task',
    params: { 'taskId!': 'integer', select: 'array' },
    run: (portal, { taskId, select: selected }) => {
      const task = portal.tasks.get(Number(taskId));
      return { result: task === undefined ? [] : { task: selectTask(task, selected) } };
    },
  },
  'tasks.task.add': {
    scope: 'task',
    params: { 'fields!': 'object' },
    write: true,
    run: (portal, { fields }) => {
      const given = fields as Row;
      if (given['TITLE'] === undefined) throw new Refusal(400, 'ERROR_CORE', 'Не указано название задачи<br>');
      if (given['RESPONSIBLE_ID'] === undefined) throw new Refusal(400, 'ERROR_CORE', 'Не указан исполнитель<br>');
      const id = nextId(portal.tasks);
      const task: Row = { id: asText(id), status: '2', subStatus: '2', priority: '1', createdBy: '1', groupId: '0' };
      writeTask(portal, task, given);
      portal.tasks.set(id, task);
      return { result: { task: selectTask(task, undefined) } };
    },
  },
  'tasks.task.update': {
    scope: 'task',
    params: { 'taskId!': 'integer', 'fields!': 'object' },
    write: true,
    run: (portal, { taskId, fields }) => {
      const task = taskFor(portal, taskId);
      writeTask(portal, task, fields as Row);
      return { result: { task: selectTask(task, undefined) } };
    },
  },
  'tasks.task.complete': {
    scope: 'task',
    params: { 'taskId!': 'integer' },
    write: true,
    run: (portal, { taskId }) => {
      const task = taskFor(portal, taskId);
      const needsApproval = task['taskControl'] === 'Y' && task['createdBy'] !== String(portal.actingUser);
      task['status'] = needsApproval ? '4' : '5';
      return { result: { task: selectTask(task, undefined) } };
    },
  },
  'tasks.task.delete': {
    scope: 'task',
    params: { 'taskId!': 'integer' },
    write: true,
    run: (portal, { taskId }) => {
      taskFor(portal, taskId);
      portal.tasks.delete(Number(taskId));
      return { result: { task: true } };
    },
  },
  'task.commentitem.add': {
    scope: 'task',
    params: { 'TASKID!': 'integer', 'FIELDS!': 'object' },
    write: true,
    run: (portal, { TASKID, FIELDS }) => {
      if (!portal.tasks.has(Number(TASKID)))
        throw new Refusal(400, 'ERROR_CORE', 'Недостаточно прав для добавления комментария.<br>');
      const id = nextId(portal.comments);
      portal.comments.set(id, { ID: asText(id), TASKID, ...(FIELDS as Row) });
      return { result: id };
    },
  },
};
