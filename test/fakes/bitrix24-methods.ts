/**
 * What the fake portal knows how to do: each method's parameters and its effect, written from the vendor's reference.
 * Parameters and fields that are not documented are refused, which is stricter than the portal: it catches what a tool
 * sends in vain.
 */
import { asText, eventRow, keep, nextId, page, portalTime, Refusal, select } from './bitrix24-portal.ts';
import type { Filterable, Params, Portal, Row } from './bitrix24-portal.ts';

type Type = 'integer' | 'string' | 'boolean' | 'object' | 'array' | 'datetime' | 'date';

export interface Method {
  readonly scope: string;
  /** A name ending in `!` is required. */
  readonly params: Readonly<Record<string, Type>>;
  readonly run: (portal: Portal, params: Params) => Row;
  readonly write?: boolean;
}

const LIST: Readonly<Record<string, Type>> = { select: 'array', filter: 'object', order: 'object', start: 'integer' };
const MULTI = ['PHONE', 'EMAIL'];
const isAmount = (field: string): boolean => field === 'OPPORTUNITY';

interface Entity {
  readonly table: (portal: Portal) => Map<number, Row>;
  /** Fields that may be written. */
  readonly writable: readonly string[];
  readonly filter: readonly string[];
  /** Fields whose value must be one of a dictionary, else it is ignored; on creation the first one is taken. */
  readonly dictionaries: Readonly<Record<string, (portal: Portal, row: Row) => string>>;
  readonly defaults: Row;
}

const SOURCE = (): string => 'SOURCE';
const CURRENCY = (): string => 'CURRENCY';
const stageOf = (_portal: Portal, row: Row): string =>
  Number(row['CATEGORY_ID'] ?? 0) === 0 ? 'DEAL_STAGE' : `DEAL_STAGE_${asText(row['CATEGORY_ID'])}`;

const ENTITIES = {
  contact: {
    table: (portal) => portal.contacts,
    writable: ['NAME', 'LAST_NAME', 'PHONE', 'EMAIL', 'POST', 'COMPANY_ID', 'SOURCE_ID', 'ASSIGNED_BY_ID', 'COMMENTS'],
    filter: ['ID', 'NAME', 'LAST_NAME', 'PHONE', 'EMAIL', 'COMPANY_ID', 'ASSIGNED_BY_ID'],
    dictionaries: { SOURCE_ID: SOURCE },
    defaults: {},
  },
  company: {
    table: (portal) => portal.companies,
    writable: ['TITLE', 'INDUSTRY', 'PHONE', 'EMAIL', 'ASSIGNED_BY_ID', 'COMMENTS'],
    filter: ['ID', 'TITLE', 'PHONE', 'EMAIL', 'ASSIGNED_BY_ID'],
    dictionaries: { INDUSTRY: () => 'INDUSTRY' },
    defaults: {},
  },
  lead: {
    table: (portal) => portal.leads,
    writable: [
      'TITLE',
      'NAME',
      'LAST_NAME',
      'PHONE',
      'EMAIL',
      'SOURCE_ID',
      'STATUS_ID',
      'OPPORTUNITY',
      'CURRENCY_ID',
      'ASSIGNED_BY_ID',
      'COMMENTS',
    ],
    filter: ['ID', 'TITLE', 'STATUS_ID', 'PHONE', 'EMAIL', 'ASSIGNED_BY_ID'],
    dictionaries: { STATUS_ID: () => 'STATUS', SOURCE_ID: SOURCE, CURRENCY_ID: CURRENCY },
    defaults: { OPPORTUNITY: '0.00' },
  },
  deal: {
    table: (portal) => portal.deals,
    writable: [
      'TITLE',
      'COMPANY_ID',
      'CONTACT_IDS',
      'OPPORTUNITY',
      'CURRENCY_ID',
      'CATEGORY_ID',
      'STAGE_ID',
      'SOURCE_ID',
      'CLOSEDATE',
      'ASSIGNED_BY_ID',
      'COMMENTS',
    ],
    filter: ['ID', 'TITLE', 'STAGE_ID', 'CATEGORY_ID', 'COMPANY_ID', 'CONTACT_ID', 'ASSIGNED_BY_ID'],
    dictionaries: { STAGE_ID: stageOf, SOURCE_ID: SOURCE, CURRENCY_ID: CURRENCY },
    defaults: { CATEGORY_ID: '0', OPPORTUNITY: '0.00', IS_MANUAL_OPPORTUNITY: 'Y' },
  },
} satisfies Readonly<Record<string, Entity>>;

function rulesOf(entity: Entity): Filterable {
  return { fields: entity.filter, exact: MULTI };
}

function one(table: ReadonlyMap<number, Row>, id: unknown, missing = 'Not found'): Row {
  const wanted = Number(id);
  if (!Number.isInteger(wanted) || wanted <= 0) throw new Refusal(400, '', 'ID is not defined or invalid.');
  const row = table.get(wanted);
  if (row === undefined) throw new Refusal(400, '', missing);
  return row;
}

function isKnown(portal: Portal, dictionary: string, value: unknown): boolean {
  return (portal.statuses[dictionary] ?? []).some(([code]) => code === value);
}

function addValues(row: Row, field: string, values: readonly Row[]): readonly Row[] {
  const had = (row[field] ?? []) as readonly Row[];
  return [...had, ...values.map((value, i) => ({ ID: String(9_000 + had.length + i), TYPE_ID: field, ...value }))];
}

/** Writes what the portal would take and silently leaves out the rest. */
function apply(portal: Portal, entity: Entity, row: Row, fields: Row): void {
  for (const [field, value] of Object.entries(fields)) {
    if (!entity.writable.includes(field)) throw new Refusal(400, 'ERROR_ARGUMENT', `Field '${field}' is unknown`);
    const dictionary = entity.dictionaries[field]?.(portal, { ...row, ...fields });
    if (dictionary !== undefined && !isKnown(portal, dictionary, value)) continue;
    if (field === 'ASSIGNED_BY_ID' && !portal.users.has(Number(value))) continue;
    if (field === 'COMPANY_ID' && !portal.companies.has(Number(value))) continue;
    if (isAmount(field) && row['IS_MANUAL_OPPORTUNITY'] === 'N') continue;
    row[field] = stored(row, field, value);
    if (field === 'CONTACT_IDS') row['CONTACT_ID'] = asText((value as readonly unknown[])[0]);
  }
}

function stored(row: Row, field: string, value: unknown): unknown {
  if (MULTI.includes(field)) return addValues(row, field, value as readonly Row[]);
  if (isAmount(field)) return Number(value).toFixed(2);
  if (field === 'CLOSEDATE') return `${asText(value)}T03:00:00+03:00`;
  return typeof value === 'number' ? asText(value) : value;
}

function crmMethods(name: string, entity: Entity): Readonly<Record<string, Method>> {
  const write: Readonly<Record<string, Type>> = { 'fields!': 'object', params: 'object' };
  return {
    [`crm.${name}.list`]: {
      scope: 'crm',
      params: LIST,
      run: (portal, params) =>
        page(
          select(entity.table(portal), params, rulesOf(entity)).map((row) => keep(row, params['select'], MULTI)),
          params['start'],
        ),
    },
    [`crm.${name}.get`]: {
      scope: 'crm',
      params: { 'id!': 'integer' },
      run: (portal, { id }) => ({ result: one(entity.table(portal), id) }),
    },
    [`crm.${name}.add`]: {
      scope: 'crm',
      params: write,
      write: true,
      run: (portal, { fields }) => {
        const table = entity.table(portal);
        const id = nextId(table);
        const row: Row = { ID: asText(id), ASSIGNED_BY_ID: String(portal.actingUser), ...entity.defaults };
        const given = fields as Row;
        if (given['CATEGORY_ID'] !== undefined) row['CATEGORY_ID'] = asText(given['CATEGORY_ID']);
        for (const [field, dictionary] of Object.entries(entity.dictionaries))
          row[field] = portal.statuses[dictionary(portal, row)]?.[0]?.[0];
        apply(portal, entity, row, given);
        table.set(id, row);
        return { result: id };
      },
    },
    [`crm.${name}.update`]: {
      scope: 'crm',
      params: { 'id!': 'integer', ...write },
      write: true,
      run: (portal, { id, fields }) => {
        apply(portal, entity, one(entity.table(portal), id), fields as Row);
        return { result: true };
      },
    },
  };
}

function toItem(row: Row, all: boolean): Row {
  const fm = MULTI.flatMap((type) =>
    ((row[type] ?? []) as readonly Row[]).map(({ ID, VALUE, VALUE_TYPE }) => ({
      id: Number(ID),
      valueType: VALUE_TYPE,
      value: VALUE,
      typeId: type,
    })),
  );
  return {
    id: Number(row['ID']),
    name: row['NAME'],
    lastName: row['LAST_NAME'],
    post: row['POST'],
    companyId: Number(row['COMPANY_ID'] ?? 0),
    assignedById: Number(row['ASSIGNED_BY_ID']),
    ...(all ? { fm } : {}),
  };
}

function dictionaryRows(portal: Portal, entityId: unknown): readonly Row[] {
  return (portal.statuses[asText(entityId)] ?? []).map(([code, name, meaning], i) => ({
    ID: String(100 + i),
    ENTITY_ID: entityId,
    STATUS_ID: code,
    NAME: name,
    SORT: String((i + 1) * 10),
    EXTRA: { SEMANTICS: meaning },
  }));
}

const crm: Readonly<Record<string, Method>> = {
  ...crmMethods('contact', ENTITIES.contact),
  ...crmMethods('company', ENTITIES.company),
  ...crmMethods('lead', ENTITIES.lead),
  ...crmMethods('deal', ENTITIES.deal),
  'crm.item.list': {
    scope: 'crm',
    params: { 'entityTypeId!': 'integer', ...LIST },
    run: (portal, params) => {
      if (params['entityTypeId'] !== 3) throw new Refusal(400, 'NOT_FOUND', 'Smart process not found');
      const all = Array.isArray(params['select']) && params['select'].includes('*');
      const items = new Map([...portal.contacts].map(([id, row]) => [id, toItem(row, all)] as const));
      const rules = { fields: ['id', 'name', 'lastName', 'companyId', 'assignedById'], logic: true };
      return page(select(items, params, rules, 'id'), params['start'], 'items');
    },
  },
  'crm.status.list': {
    scope: 'crm',
    params: { filter: 'object', order: 'object' },
    run: (portal, { filter }) => {
      const rows = dictionaryRows(portal, (filter as Row)['ENTITY_ID']);
      return { result: rows, total: rows.length };
    },
  },
  'crm.category.list': {
    scope: 'crm',
    params: { 'entityTypeId!': 'integer' },
    run: () => ({
      result: {
        categories: [
          { id: 0, name: 'General', sort: 100, entityTypeId: 2, isDefault: 'Y' },
          { id: 2, name: 'Partners', sort: 200, entityTypeId: 2, isDefault: 'N' },
        ],
      },
      total: 2,
    }),
  },
  'crm.duplicate.findbycomm': {
    scope: 'crm',
    params: { 'type!': 'string', 'values!': 'array', entity_type: 'string' },
    run: (portal, { type, values }) => {
      const digits = (value: unknown): string =>
        type === 'PHONE' ? asText(value).replaceAll(/\D/g, '') : asText(value).toLowerCase();
      const wanted = (values as readonly unknown[]).map(digits);
      const found = Object.entries({ LEAD: portal.leads, CONTACT: portal.contacts, COMPANY: portal.companies })
        .map(([name, rows]) => {
          const newId = [...rows.values()]
            .filter((row) =>
              ((row[asText(type)] ?? []) as readonly Row[]).some((v) => wanted.includes(digits(v['VALUE']))),
            )
            .map((row) => Number(row['ID']));
          return [name, newId] as const;
        })
        .filter(([, newId]) => newId.length > 0);
      return { result: found.length === 0 ? [] : Object.fromEntries(found) };
    },
  },
  'crm.activity.list': {
    scope: 'crm',
    params: LIST,
    run: (portal, params) => {
      const rules = { fields: ['ID', 'OWNER_TYPE_ID', 'OWNER_ID', 'RESPONSIBLE_ID', 'COMPLETED'] };
      const rows = select(portal.activities, params, rules).map((row) => keep(row, params['select'], ['FILES']));
      return page(rows, params['start']);
    },
  },
  'crm.activity.get': {
    scope: 'crm',
    params: { 'id!': 'integer' },
    run: (portal, { id }) => ({ result: one(portal.activities, id, 'Activity is not found.') }),
  },
  'crm.activity.add': {
    scope: 'crm',
    params: { 'fields!': 'object' },
    write: true,
    run: (portal, { fields }) => {
      const given = fields as Row;
      for (const field of ['OWNER_ID', 'OWNER_TYPE_ID', 'TYPE_ID', 'COMMUNICATIONS', 'RESPONSIBLE_ID'])
        if (given[field] === undefined) throw new Refusal(400, '', `Field ${field} is required`);
      return { result: addActivity(portal, { ...given, DEADLINE: given['START_TIME'] }) };
    },
  },
  'crm.activity.todo.add': {
    scope: 'crm',
    params: {
      'ownerTypeId!': 'integer',
      'ownerId!': 'integer',
      'deadline!': 'datetime',
      title: 'string',
      description: 'string',
      responsibleId: 'integer',
    },
    write: true,
    run: (portal, params) => {
      if (params['ownerTypeId'] === 2 && !portal.deals.has(Number(params['ownerId'])))
        throw new Refusal(400, 'OWNER_NOT_FOUND', 'Owner was not found');
      const id = addActivity(portal, {
        OWNER_TYPE_ID: params['ownerTypeId'],
        OWNER_ID: params['ownerId'],
        SUBJECT: params['title'],
        DEADLINE: params['deadline'],
        RESPONSIBLE_ID: params['responsibleId'] ?? portal.actingUser,
      });
      return { result: { id } };
    },
  },
  'crm.timeline.comment.add': {
    scope: 'crm',
    params: { 'fields!': 'object' },
    write: true,
    run: (portal, { fields }) => {
      const id = nextId(portal.comments);
      portal.comments.set(id, { ID: asText(id), ...(fields as Row) });
      return { result: id };
    },
  },
  'crm.quote.list': {
    scope: 'crm',
    params: LIST,
    run: (portal, params) => {
      const rows = select(portal.quotes, params, { fields: ['ID', 'TITLE', 'STATUS_ID', 'COMPANY_ID'] });
      return page(rows, params['start']);
    },
  },
  'crm.quote.get': {
    scope: 'crm',
    params: { 'id!': 'integer' },
    run: (portal, { id }) => ({ result: one(portal.quotes, id) }),
  },
};

function addActivity(portal: Portal, fields: Row): number {
  const id = nextId(portal.activities);
  const written = Object.entries(fields).map(([field, value]) => [
    field,
    typeof value === 'number'
      ? asText(value)
      : typeof value === 'string' && /T\d/.test(value)
        ? inPortalZone(value)
        : value,
  ]);
  portal.activities.set(id, { ID: asText(id), COMPLETED: 'N', ...(Object.fromEntries(written) as Row) });
  return id;
}

/** The same instant, written the way the portal writes it. */
function inPortalZone(value: string): string {
  return portalTime(Date.parse(value));
}

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

const tasks: Readonly<Record<string, Method>> = {
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

function users(portal: Portal, { FILTER, start }: Params, search: (row: Row, filter: Row) => boolean): Row {
  const filter = (FILTER ?? {}) as Row;
  return page(
    [...portal.users.values()].filter((row) => search(row, filter)),
    start,
  );
}

function isNamed(row: Row, words: unknown): boolean {
  const all = `${asText(row['NAME'])} ${asText(row['LAST_NAME'])} ${asText(row['WORK_POSITION'])}`.toLowerCase();
  return asText(words)
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

const USER_LIST: Readonly<Record<string, Type>> = {
  FILTER: 'object',
  select: 'array',
  sort: 'string',
  order: 'string',
  start: 'integer',
};

const organization: Readonly<Record<string, Method>> = {
  'user.current': {
    scope: 'user',
    params: {},
    run: (portal) => ({ result: one(portal.users, portal.actingUser) }),
  },
  'user.get': {
    scope: 'user',
    params: USER_LIST,
    run: (portal, params) =>
      users(
        portal,
        params,
        (row, { ID, NAME_SEARCH, ACTIVE, UF_DEPARTMENT }) =>
          (ID === undefined || asText(ID) === row['ID']) &&
          (NAME_SEARCH === undefined || isNamed(row, NAME_SEARCH)) &&
          (ACTIVE === undefined || row['ACTIVE'] === ACTIVE) &&
          (UF_DEPARTMENT === undefined || (row['UF_DEPARTMENT'] as readonly unknown[]).includes(UF_DEPARTMENT)),
      ),
  },
  'user.search': {
    scope: 'user',
    params: USER_LIST,
    run: (portal, params) => users(portal, params, (row, { FIND }) => isNamed(row, FIND)),
  },
  'department.get': {
    scope: 'department',
    params: { ID: 'integer', NAME: 'string', PARENT: 'integer', sort: 'string', order: 'string', START: 'integer' },
    run: (portal, { ID, NAME, PARENT, START }) =>
      page(
        [...portal.departments.values()].filter(
          (row) =>
            (ID === undefined || row['ID'] === asText(ID)) &&
            (NAME === undefined || row['NAME'] === NAME) &&
            (PARENT === undefined || row['PARENT'] === asText(PARENT)),
        ),
        START,
      ),
  },
};

const CALENDAR: Readonly<Record<string, Type>> = { 'type!': 'string', 'ownerId!': 'integer' };

const calendar: Readonly<Record<string, Method>> = {
  'calendar.section.get': {
    scope: 'calendar',
    params: CALENDAR,
    run: (portal, { ownerId }) => ({
      result: [...portal.sections.values()].filter((row) => row['OWNER_ID'] === asText(ownerId)),
    }),
  },
  'calendar.event.get': {
    scope: 'calendar',
    params: { ...CALENDAR, from: 'date', to: 'date', section: 'array' },
    run: (portal, { ownerId, from, to }) => ({
      result: [...portal.events.values()].filter((row) => {
        const starts = Number(row['DATE_FROM_TS_UTC']) * 1000;
        const isAfter = from === undefined || starts >= Date.parse(asText(from));
        return row['OWNER_ID'] === asText(ownerId) && isAfter && (to === undefined || starts <= Date.parse(asText(to)));
      }),
    }),
  },
  'calendar.event.getbyid': {
    scope: 'calendar',
    params: { 'id!': 'integer' },
    run: (portal, { id }) => ({ result: portal.events.get(Number(id)) ?? null }),
  },
  'calendar.event.add': {
    scope: 'calendar',
    params: {
      ...CALENDAR,
      'name!': 'string',
      'from!': 'datetime',
      'to!': 'datetime',
      section: 'integer',
      auto_detect_section: 'string',
      is_meeting: 'string',
      attendees: 'array',
      location: 'string',
      description: 'string',
    },
    write: true,
    run: (portal, params) => {
      const section = params['section'] ?? 4;
      if (!portal.sections.has(Number(section)))
        throw new Refusal(
          400,
          '',
          'Вы задали неверный ID секции календаря или у данного пользователя нет к ней доступа',
        );
      const id = nextId(portal.events);
      const from = Date.parse(asText(params['from'])) / 1000;
      const seconds = Date.parse(asText(params['to'])) / 1000 - from;
      portal.events.set(id, eventRow(id, asText(params['name']), from, asText(section), seconds));
      return { result: id };
    },
  },
  'calendar.accessibility.get': {
    scope: 'calendar',
    params: { 'users!': 'array', 'from!': 'date', 'to!': 'date' },
    run: (portal, { users: wanted }) => ({
      result: Object.fromEntries(
        (wanted as readonly unknown[]).map((id) => [asText(id), Number(id) === 1 ? [...portal.events.values()] : []]),
      ),
    }),
  },
};

const CALL_FILTER = ['ID', 'PHONE_NUMBER', 'PORTAL_USER_ID', 'CALL_TYPE', 'CALL_FAILED_CODE', 'CALL_START_DATE'];

const telephonyAndDrive: Readonly<Record<string, Method>> = {
  'voximplant.statistic.get': {
    scope: 'telephony',
    params: { FILTER: 'object', SORT: 'string', ORDER: 'string', start: 'integer' },
    run: (portal, { FILTER, start }) =>
      page(select(portal.calls, { filter: FILTER, order: { ID: 'DESC' } }, { fields: CALL_FILTER }), start),
  },
  'disk.storage.getlist': {
    scope: 'disk',
    params: { filter: 'object', order: 'object', start: 'integer' },
    run: (portal, params) =>
      page(select(portal.storages, params, { fields: ['ID', 'NAME', 'ENTITY_TYPE'] }), params['start']),
  },
  'disk.folder.getchildren': {
    scope: 'disk',
    params: { 'id!': 'integer', filter: 'object', order: 'object', start: 'integer' },
    run: (portal, { id, filter, start }) => {
      const inside = new Map([...portal.files].filter(([, row]) => row['PARENT_ID'] === asText(id)));
      const isFolder = [...portal.storages.values()].some((row) => row['ROOT_OBJECT_ID'] === asText(id));
      if (!isFolder && portal.files.get(Number(id))?.['TYPE'] !== 'folder')
        throw new Refusal(400, 'ERROR_NOT_FOUND', `Could not find entity with id \`${asText(id)}\``);
      return page(select(inside, { filter }, { fields: ['NAME'] }), start);
    },
  },
  'disk.file.search': {
    scope: 'disk',
    params: { 'QUERY!': 'string', TYPE: 'string', FILTER: 'object', start: 'integer' },
    run: (portal, { QUERY, TYPE, start }) => {
      const found = [...portal.files.values()].filter(
        (row) =>
          row['TYPE'] === (TYPE ?? 'file') && asText(row['NAME']).toLowerCase().includes(asText(QUERY).toLowerCase()),
      );
      const { total: _total, ...rest } = page(found, start);
      return rest;
    },
  },
  'disk.file.get': {
    scope: 'disk',
    params: { 'id!': 'integer' },
    run: (portal, { id }) => {
      const file = portal.files.get(Number(id));
      if (file === undefined)
        throw new Refusal(400, 'ERROR_NOT_FOUND', `Could not find entity with id \`${asText(id)}\``);
      return { result: file };
    },
  },
};

/** By lower-case name: the portal does not tell cases apart. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...crm,
  ...tasks,
  ...organization,
  ...calendar,
  ...telephonyAndDrive,
};

const CHECKS: Readonly<Record<Type, (value: unknown) => boolean>> = {
  integer: (value) => Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value)),
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean' || value === 'Y' || value === 'N',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  datetime: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value),
  date: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value),
};

/** Throws a Refusal for a missing, misspelt or mistyped parameter. */
export function validate(name: string, { params: known }: Method, given: Params): void {
  for (const [key, type] of Object.entries(known)) {
    const field = key.replace('!', '');
    const value = given[field];
    if (value === undefined && key.endsWith('!'))
      throw new Refusal(400, '100', `Could not find value for parameter {${field}} of ${name}`);
    if (value !== undefined && !CHECKS[type](value))
      throw new Refusal(400, '100', `Invalid value {${field}} of ${name}: should be of type ${type}`);
  }
  const unknown = Object.keys(given).find((field) => known[field] === undefined && known[`${field}!`] === undefined);
  if (unknown !== undefined) throw new Refusal(400, '100', `Parameter {${unknown}} of ${name} is unknown`);
}
