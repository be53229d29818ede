/** CRM methods of the fake portal: contacts, companies, leads, deals, and what belongs to them. */
import { asText, keep, nextId, page, Refusal, select } from './bitrix24-portal.ts';
import type { Portal, Row } from './bitrix24-portal.ts';
import { type Method, LIST, inPortalZone } from './bitrix24-method.ts';
import { MULTI, ENTITIES, one, crmMethods } from './bitrix24-entities.ts';

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

export const crm: Readonly<Record<string, Method>> = {
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
