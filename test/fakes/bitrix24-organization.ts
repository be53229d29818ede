/** Users, departments, calendar, calls and files of the fake portal. */
import { asText, eventRow, nextId, page, Refusal, select } from './bitrix24-portal.ts';
import type { Params, Portal, Row } from './bitrix24-portal.ts';
import { type Type, type Method } from './bitrix24-method.ts';
import { one } from './bitrix24-entities.ts';

export function users(portal: Portal, { FILTER, start }: Params, search: (row: Row, filter: Row) => boolean): Row {
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

export const organization: Readonly<Record<string, Method>> = {
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

export const calendar: Readonly<Record<string, Method>> = {
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

export const telephonyAndDrive: Readonly<Record<string, Method>> = {
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
