/**
 * The records of the fake Bitrix24 portal and how they are filtered, paged and refused. Values are kept as the portal
 * answers them: ids and amounts as text, dates with an offset. Invented data only.
 */
export type Row = Record<string, unknown>;
export type Params = Record<string, unknown>;

/** A refusal in the portal's form. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: Row;

  constructor(status: number, code: string, description: string, extra: Row = {}) {
    super(description);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

export interface Portal {
  readonly contacts: Map<number, Row>;
  readonly companies: Map<number, Row>;
  readonly leads: Map<number, Row>;
  readonly deals: Map<number, Row>;
  readonly quotes: Map<number, Row>;
  readonly activities: Map<number, Row>;
  readonly comments: Map<number, Row>;
  readonly tasks: Map<number, Row>;
  readonly events: Map<number, Row>;
  readonly users: Map<number, Row>;
  readonly departments: Map<number, Row>;
  readonly calls: Map<number, Row>;
  readonly storages: Map<number, Row>;
  readonly files: Map<number, Row>;
  readonly sections: Map<number, Row>;
  /** Codes by dictionary: `DEAL_STAGE`, `DEAL_STAGE_2`, `STATUS`, `SOURCE`, ... */
  readonly statuses: Readonly<Record<string, readonly (readonly [string, string, string])[]>>;
  readonly actingUser: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const PAGE = 50;

/** Any value as the portal would write it. */
export function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function nextId(table: ReadonlyMap<number, Row>): number {
  return Math.max(0, ...table.keys()) + 1;
}

/** `2026-11-22T03:00:00+03:00`, as a portal in Moscow writes it. */
export function portalTime(ms: number): string {
  return `${new Date(ms + 3 * 3_600_000).toISOString().slice(0, 19)}+03:00`;
}

/** One page of rows in the portal's envelope. */
export function page(rows: readonly unknown[], start: unknown, wrap?: string): Row {
  const from = Number(start ?? 0);
  if (!Number.isInteger(from) || from < 0) throw new Refusal(400, 'ERROR_ARGUMENT', "Invalid value of 'start'");
  const shown = rows.slice(from, from + PAGE);
  const next = from + PAGE < rows.length ? { next: from + PAGE } : {};
  return { result: wrap === undefined ? shown : { [wrap]: shown }, ...next, total: rows.length };
}

const OPERATORS = ['!=%', '!%=', '!@', '>=', '<=', '!=', '=%', '%=', '!%', '@', '%', '>', '<', '=', '!'] as const;

function splitKey(key: string): readonly [string, string] {
  const operator = OPERATORS.find((candidate) => key.startsWith(candidate)) ?? '';
  return [operator, key.slice(operator.length)];
}

function valuesOf(row: Row, field: string): readonly unknown[] {
  const value = row[field];
  if (!Array.isArray(value)) return [value];
  return value.map((entry: unknown) => (typeof entry === 'object' && entry !== null ? (entry as Row)['VALUE'] : entry));
}

function rank(value: unknown): number | string {
  const text = asText(value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : text.toLowerCase();
}

function likes(value: unknown, pattern: string): boolean {
  const expression = pattern
    .split('%')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${expression}$`, 'iu').test(asText(value));
}

function matchesOne(operator: string, value: unknown, wanted: unknown): boolean {
  switch (operator) {
    case '%':
      return likes(value, `%${asText(wanted)}%`);
    case '=%':
    case '%=':
      return likes(value, asText(wanted));
    case '@':
      return Array.isArray(wanted) && wanted.some((one) => rank(one) === rank(value));
    case '>=':
      return rank(value) >= rank(wanted);
    case '<=':
      return rank(value) <= rank(wanted);
    case '>':
      return rank(value) > rank(wanted);
    case '<':
      return rank(value) < rank(wanted);
    case '':
    case '=':
      return rank(value) === rank(wanted);
    case '!':
    case '!=':
      return rank(value) !== rank(wanted);
    default:
      throw new Refusal(400, 'INVALID_ARG_VALUE', `Invalid filter: operator '${operator}' is not supported here`);
  }
}

export interface Filterable {
  readonly fields: readonly string[];
  /** Multi-value fields, which match exactly only. */
  readonly exact?: readonly string[];
  /** Whether nested `{logic: 'OR', 0: {...}}` groups are understood. */
  readonly logic?: boolean;
}

/** True when the row matches. Unknown fields are refused, which is stricter than the portal and catches misspellings. */
export function matches(row: Row, filter: Row, rules: Filterable): boolean {
  const tests = Object.entries(filter)
    .filter(([key]) => key !== 'logic')
    .map(([key, wanted]) => {
      if (/^\d+$/.test(key)) {
        if (rules.logic !== true) throw new Refusal(400, 'INVALID_ARG_VALUE', 'Invalid filter: no logic here');
        return matches(row, wanted as Row, rules);
      }
      const [operator, field] = splitKey(key);
      if (!rules.fields.includes(field))
        throw new Refusal(400, 'INVALID_ARG_VALUE', `Invalid filter: field '${field}' is not allowed in filter`);
      if (operator !== '' && rules.exact?.includes(field) === true)
        throw new Refusal(400, 'INVALID_ARG_VALUE', `Invalid filter: field '${field}' matches exactly only`);
      return valuesOf(row, field).some((value) => matchesOne(operator, value, wanted));
    });
  return filter['logic'] === 'OR' ? tests.some(Boolean) : tests.every(Boolean);
}

/** Filters, sorts by id as asked and keeps the selected fields. */
export function select(table: ReadonlyMap<number, Row>, params: Params, rules: Filterable, idField = 'ID'): Row[] {
  const filter = (params['filter'] ?? params['FILTER'] ?? {}) as Row;
  const found = [...table.values()].filter((row) => matches(row, filter, rules));
  const order = asText((params['order'] as Row | undefined)?.[idField] ?? 'ASC').toUpperCase();
  found.sort((a, b) => (Number(a[idField]) - Number(b[idField])) * (order === 'DESC' ? -1 : 1));
  return found;
}

/** The row with the selected fields; `*` is every one that is not multi-valued. */
export function keep(row: Row, selected: unknown, exact: readonly string[] = []): Row {
  if (!Array.isArray(selected) || selected.length === 0) return row;
  const all = selected.includes('*');
  return Object.fromEntries(
    Object.entries(row).filter(
      ([field]) => selected.includes(field) || field === 'ID' || (all && !exact.includes(field)),
    ),
  );
}

function table(rows: readonly Row[], idField = 'ID'): Map<number, Row> {
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

const multi = (id: number, type: string, value: string): Row[] => [
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

function user(id: number, name: string, lastName: string, active: boolean): Row {
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

/** An event as the portal answers it: local dates in its own format, instants beside them. */
export function eventRow(id: number, name: string, startSeconds: number, section: string, seconds = 3_600): Row {
  return {
    ID: String(id),
    CAL_TYPE: 'user',
    OWNER_ID: '1',
    NAME: name,
    DATE_FROM: '25.11.2026 12:00:00',
    DATE_TO: '25.11.2026 13:00:00',
    TZ_FROM: 'Europe/Moscow',
    DATE_FROM_TS_UTC: String(startSeconds),
    DATE_TO_TS_UTC: String(startSeconds + seconds),
    DT_SKIP_TIME: 'N',
    ACCESSIBILITY: 'busy',
    IS_MEETING: true,
    MEETING_STATUS: 'H',
    MEETING_HOST: '1',
    LOCATION: 'Room 1',
    SECTION_ID: section,
    ATTENDEE_LIST: [{ id: 1, entryId: String(id), status: 'H' }],
    DESCRIPTION: 'An event',
  };
}
