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
