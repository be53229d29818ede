/** The four kinds of CRM record of the fake portal, and the methods that all of them have. */
import { asText, keep, nextId, page, Refusal, select } from './bitrix24-portal.ts';
import type { Filterable, Portal, Row } from './bitrix24-portal.ts';
import { type Type, type Method, LIST } from './bitrix24-method.ts';

export const MULTI = ['PHONE', 'EMAIL'];

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

export const ENTITIES = {
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

export function one(table: ReadonlyMap<number, Row>, id: unknown, missing = 'Not found'): Row {
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

export function crmMethods(name: string, entity: Entity): Readonly<Record<string, Method>> {
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
