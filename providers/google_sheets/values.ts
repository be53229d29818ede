/** Reading and writing cells. */
import * as z from 'zod';
import { at, type Category, defineTool, get, path, pick, item } from '../../core/provider/kit.ts';
import { range, cellRows, spreadsheet_id } from './inputs.ts';

const as_typed = z.boolean().default(true).describe('false: as is');
const inputOption = (typed: boolean): string => (typed ? 'USER_ENTERED' : 'RAW');

const valuesGet = defineTool({
  name: 'values_get',
  title: 'Read cells',
  description: 'The cells of a range, without empty ones at the end.',
  access: 'read',
  input: z.strictObject({
    spreadsheet_id,
    range,
    show: z.enum(['formatted', 'unformatted', 'formulas']).default('formatted'),
  }),
  request: (args) =>
    get(path`/v4/spreadsheets/${args.spreadsheet_id}/values/${args.range}`, {
      valueRenderOption: { formatted: 'FORMATTED_VALUE', unformatted: 'UNFORMATTED_VALUE', formulas: 'FORMULA' }[
        args.show
      ],
    }),
  shape: item(
    (body) =>
      at(body, 'range') === undefined ? undefined : { values: [], ...pick({ range: 'range', values: 'values' })(body) },
    ({ range: read }, list, shown) => (list === 'values' ? rangeAfter(read, shown) : undefined),
  ),
});

/** `Sheet1!A1:C1000` after 50 rows is `Sheet1!A51:C1000`; an open end stays open. */
function rangeAfter(read: unknown, shown: number): string | undefined {
  const [, sheet = '', column, row, rest] = /^(.*!)?([A-Z]{1,3})(\d{1,8})(:.*)$/.exec(String(read)) ?? [];
  return row === undefined ? undefined : `go on with range ${sheet}${column}${Number(row) + shown}${rest}`;
}

const updated = pick({
  range: 'updatedRange',
  rows: 'updatedRows',
  columns: 'updatedColumns',
  cells: 'updatedCells',
});

const valuesUpdate = defineTool({
  name: 'values_update',
  title: 'Write cells',
  description: 'Overwrites cells from the start of a range.',
  access: 'write',
  idempotent: true,
  input: z.strictObject({ spreadsheet_id, range, values: cellRows, as_typed }),
  request: (args) => ({
    method: 'PUT',
    ...path`/v4/spreadsheets/${args.spreadsheet_id}/values/${args.range}`,
    query: { valueInputOption: inputOption(args.as_typed) },
    body: { values: args.values },
  }),
  shape: item((body) => (at(body, 'updatedRange') === undefined ? undefined : updated(body))),
});

const valuesAppend = defineTool({
  name: 'values_append',
  title: 'Append rows',
  description: 'Adds rows below the table that the range belongs to.',
  access: 'write',
  input: z.strictObject({ spreadsheet_id, range, values: cellRows, as_typed }),
  request: (args) => ({
    method: 'POST',
    ...path`/v4/spreadsheets/${args.spreadsheet_id}/values/${args.range}:append`,
    query: { valueInputOption: inputOption(args.as_typed), insertDataOption: 'INSERT_ROWS' },
    body: { values: args.values },
  }),
  shape: item((body) => (at(body, 'updates') === undefined ? undefined : updated(at(body, 'updates')))),
});

export const valuesClear = defineTool({
  name: 'values_clear',
  title: 'Clear cells',
  description: 'Empties the cells of a range; their format stays.',
  access: 'destructive',
  input: z.strictObject({ spreadsheet_id, range }),
  request: (args) => ({
    method: 'POST',
    ...path`/v4/spreadsheets/${args.spreadsheet_id}/values/${args.range}:clear`,
    body: {},
  }),
  shape: item((body) => (at(body, 'clearedRange') === undefined ? undefined : pick({ range: 'clearedRange' })(body))),
});

export const values: Category = {
  title: 'Cells',
  purpose: 'Read, write and append cells',
  core: true,
  tools: [valuesGet, valuesUpdate, valuesAppend],
};
