/** What the fake portal holds at first. */
import { type Row, type Portal, portalTime, eventRow } from './bitrix24-portal.ts';

export function table(rows: readonly Row[], idField = 'ID'): Map<number, Row> {
  return new Map(rows.map((row) => [Number(row[idField]), row]));
}

function times(count: number, make: (n: number) => Row): Row[] {
  return Array.from({ length: count }, (_, i) => make(i + 1));
}

const FIRST = ['Anna', 'Boris', 'Clara', 'David', 'Emma', 'Frank', 'Greta', 'Hugo', 'Irma', 'Jonas'];

const LAST = ['Meyer', 'Novak', 'Olsen', 'Petrov', 'Quist', 'Rossi', 'Silva'];

function person(n: number): { readonly NAME: string; readonly LAST_NAME: string } {
  return { NAME: FIRST[n % FIRST.length] ?? '', LAST_NAME: LAST[n % LAST.length] ?? '' };
}

function phone(n: number): string {
  return `+1555${String(1_000_000 + n)}`;
}

export const multi = (id: number, type: string, value: string): Row[] => [
  { ID: String(id), VALUE_TYPE: 'WORK', VALUE: value, TYPE_ID: type },
];

/** A portal with 120 contacts, 70 deals and a few of everything else. */
export function seedPortal(now: () => number): Portal {
  const created = portalTime(Date.parse('2026-01-15T09:00:00Z'));
  return {
    actingUser: 1,
    now,
    contacts: table(
      times(120, (n) => ({
        ID: String(n),
        ...person(n),
        POST: 'Buyer',
        COMPANY_ID: n % 3 === 0 ? '1' : null,
        ASSIGNED_BY_ID: n % 2 === 0 ? '6' : '1',
        SOURCE_ID: 'WEB',
        TYPE_ID: 'CLIENT',
        DATE_CREATE: created,
        PHONE: multi(n * 10, 'PHONE', phone(n)),
        EMAIL: multi(n * 10 + 1, 'EMAIL', `person${n}@example.com`),
        UF_CRM_1700000000: `custom ${n}`,
      })),
    ),
    companies: table(
      times(12, (n) => ({
        ID: String(n),
        TITLE: `Company ${n}`,
        INDUSTRY: 'IT',
        ASSIGNED_BY_ID: '1',
        PHONE: multi(n * 10, 'PHONE', phone(500 + n)),
        EMAIL: multi(n * 10 + 1, 'EMAIL', `office${n}@example.com`),
      })),
    ),
    leads: table(
      times(8, (n) => ({
        ID: String(n),
        TITLE: `Lead ${n}`,
        ...person(n),
        STATUS_ID: 'NEW',
        SOURCE_ID: 'WEB',
        ASSIGNED_BY_ID: '1',
        OPPORTUNITY: '0.00',
        CURRENCY_ID: 'USD',
        PHONE: multi(n * 10, 'PHONE', phone(700 + n)),
        EMAIL: multi(n * 10 + 1, 'EMAIL', `lead${n}@example.com`),
        DATE_CREATE: created,
      })),
    ),
    deals: table(
      times(70, (n) => ({
        ID: String(n),
        TITLE: `Deal ${n}`,
        STAGE_ID: 'NEW',
        CATEGORY_ID: '0',
        OPPORTUNITY: '1000.00',
        CURRENCY_ID: 'USD',
        COMPANY_ID: '1',
        CONTACT_ID: String(n),
        SOURCE_ID: 'WEB',
        ASSIGNED_BY_ID: '1',
        CLOSEDATE: '2026-12-01T03:00:00+03:00',
        DATE_CREATE: created,
        IS_MANUAL_OPPORTUNITY: n === 2 ? 'N' : 'Y',
      })),
    ),
    quotes: table(
      times(3, (n) => ({
        ID: String(n),
        TITLE: `Estimate ${n}`,
        STATUS_ID: 'SENT',
        OPPORTUNITY: '450.00',
        CURRENCY_ID: 'USD',
        COMPANY_ID: '1',
        ASSIGNED_BY_ID: '1',
        CLOSEDATE: created,
      })),
    ),
    activities: table(
      times(4, (n) => ({
        ID: String(n),
        OWNER_ID: '1',
        OWNER_TYPE_ID: '2',
        TYPE_ID: '2',
        PROVIDER_ID: 'VOXIMPLANT_CALL',
        SUBJECT: `Call ${n}`,
        START_TIME: created,
        END_TIME: created,
        DEADLINE: created,
        COMPLETED: n === 1 ? 'Y' : 'N',
        DIRECTION: '2',
        RESPONSIBLE_ID: '1',
        FILES: [{ id: 7, url: 'https://acme.bitrix24.com/rest/download.json?auth=secret-token' }],
      })),
    ),
    comments: new Map(),
    tasks: table(
      times(55, (n) => ({
        id: String(n),
        title: `Task ${n}`,
        description: '',
        status: '2',
        subStatus: n % 10 === 0 ? '-1' : '2',
        priority: '1',
        deadline: n % 10 === 0 ? '2026-01-20T18:00:00+03:00' : null,
        responsibleId: '1',
        createdBy: n === 3 ? '6' : '1',
        groupId: '0',
        parentId: null,
        createdDate: created,
        closedDate: null,
        accomplices: [],
        auditors: [],
        taskControl: n === 3 ? 'Y' : 'N',
        allowChangeDeadline: n === 4 ? 'N' : 'Y',
      })),
      'id',
    ),
    events: table(times(2, (n) => eventRow(n, `Event ${n}`, Date.parse('2026-11-25T09:00:00Z') / 1000, '4'))),
    users: table([user(1, 'Anna', 'Admin', true), user(6, 'Boris', 'Seller', true), user(9, 'Clara', 'Gone', false)]),
    departments: table(
      times(60, (n) => ({
        ID: String(n),
        NAME: `Department ${n}`,
        SORT: 500,
        PARENT: n === 1 ? null : '1',
        UF_HEAD: '1',
      })),
    ),
    calls: table(
      times(3, (n) => ({
        ID: String(n),
        PORTAL_USER_ID: '1',
        PHONE_NUMBER: phone(n),
        CALL_ID: `call.${n}`,
        CALL_DURATION: n === 1 ? '0' : '60',
        CALL_START_DATE: created,
        CALL_RECORD_URL: 'https://storage.example.com/record?token=secret-token',
        CALL_FAILED_CODE: n === 1 ? '304' : '200',
        CALL_TYPE: '2',
        CRM_ENTITY_TYPE: 'CONTACT',
        CRM_ENTITY_ID: String(n),
        CRM_ACTIVITY_ID: String(n),
        RECORD_FILE_ID: 77,
      })),
    ),
    storages: table([
      { ID: '13', NAME: 'Anna Admin', ENTITY_TYPE: 'user', ENTITY_ID: '1', ROOT_OBJECT_ID: '21' },
      { ID: '14', NAME: 'Company drive', ENTITY_TYPE: 'common', ENTITY_ID: 'shared', ROOT_OBJECT_ID: '22' },
    ]),
    files: table([
      { ...fileRow(30, 'Contracts', 21), TYPE: 'folder', SIZE: undefined, DOWNLOAD_URL: undefined },
      ...times(3, (n) => fileRow(30 + n, `Report ${n}.docx`, 21)),
    ]),
    sections: table([{ ID: '4', NAME: 'My calendar', CAL_TYPE: 'user', OWNER_ID: '1' }]),
    statuses: {
      DEAL_STAGE: [
        ['NEW', 'New', 'process'],
        ['EXECUTING', 'In work', 'process'],
        ['WON', 'Won', 'success'],
        ['LOSE', 'Lost', 'failure'],
      ],
      DEAL_STAGE_2: [
        ['C2:NEW', 'New', 'process'],
        ['C2:WON', 'Won', 'success'],
      ],
      STATUS: [
        ['NEW', 'Not processed', 'process'],
        ['IN_PROCESS', 'In work', 'process'],
        ['JUNK', 'Junk', 'failure'],
      ],
      SOURCE: [
        ['WEB', 'Web site', ''],
        ['CALL', 'Call', ''],
      ],
      INDUSTRY: [
        ['IT', 'IT', ''],
        ['BANKING', 'Banking', ''],
      ],
      COMPANY_TYPE: [['CUSTOMER', 'Customer', '']],
      CONTACT_TYPE: [['CLIENT', 'Client', '']],
      DEAL_TYPE: [['SALE', 'Sale', '']],
      QUOTE_STATUS: [['SENT', 'Sent', 'process']],
      CURRENCY: [
        ['USD', 'Dollar', ''],
        ['EUR', 'Euro', ''],
      ],
    },
  };
}

export function user(id: number, name: string, lastName: string, active: boolean): Row {
  return {
    ID: String(id),
    ACTIVE: active,
    NAME: name,
    LAST_NAME: lastName,
    EMAIL: `${name.toLowerCase()}@acme.example`,
    WORK_POSITION: 'Manager',
    UF_DEPARTMENT: [1],
    USER_TYPE: 'employee',
  };
}

function fileRow(id: number, name: string, folder: number): Row {
  return {
    ID: String(id),
    NAME: name,
    STORAGE_ID: '13',
    TYPE: 'file',
    PARENT_ID: String(folder),
    SIZE: '21668',
    CREATE_TIME: '2026-02-16T12:52:05+03:00',
    UPDATE_TIME: '2026-02-16T12:56:20+03:00',
    CREATED_BY: '1',
    UPDATED_BY: '1',
    DOWNLOAD_URL: `https://acme.bitrix24.com/rest/download.json?auth=secret-token&token=disk${id}`,
    DETAIL_URL: `https://acme.bitrix24.com/company/personal/user/1/disk/file/${name}`,
  };
}
