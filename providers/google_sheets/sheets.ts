/** The sheets (tabs) of a spreadsheet. A sheet's id may be 0, which is the first one's. */
import * as z from 'zod';
import {
  at,
  type Category,
  defineTool,
  get,
  type JsonObject,
  path,
  pick,
  type ToolRequest,
  item,
} from '../../core/provider/kit.ts';
import { spreadsheet_id } from './inputs.ts';
import { valuesClear } from './values.ts';

const sheet = pick({
  sheet_id: 'properties.sheetId',
  title: 'properties.title',
  index: 'properties.index',
  rows: 'properties.gridProperties.rowCount',
  columns: 'properties.gridProperties.columnCount',
});
const sheet_id = z.int().nonnegative();

function batch(id: string, request: JsonObject): ToolRequest {
  return { method: 'POST', ...path`/v4/spreadsheets/${id}:batchUpdate`, body: { requests: [request] } };
}

const getSpreadsheet = defineTool({
  name: 'get_spreadsheet',
  title: 'Get a spreadsheet',
  description: 'Title and sheets, without cells.',
  access: 'read',
  input: z.strictObject({ spreadsheet_id }),
  request: (args) =>
    get(path`/v4/spreadsheets/${args.spreadsheet_id}`, {
      fields: 'properties(title,locale,timeZone),sheets.properties,spreadsheetUrl',
    }),
  shape: item((body) => {
    const found = at(body, 'sheets');
    if (!Array.isArray(found)) return undefined;
    const facts = pick({
      title: 'properties.title',
      locale: 'properties.locale',
      zone: 'properties.timeZone',
      link: 'spreadsheetUrl',
    });
    return { ...facts(body), sheets: found.map(sheet) };
  }),
});

const addSheet = defineTool({
  name: 'add_sheet',
  title: 'Add a sheet',
  description: 'Adds a sheet to a spreadsheet.',
  access: 'write',
  input: z.strictObject({
    spreadsheet_id,
    title: z.string().min(1).max(100),
    index: sheet_id.optional().describe('place, from 0'),
  }),
  request: ({ title, index, ...args }) => batch(args.spreadsheet_id, { addSheet: { properties: { title, index } } }),
  shape: item((body) => {
    const added = at(body, 'replies.0.addSheet');
    return added === undefined ? undefined : sheet(added);
  }),
});

const renameSheet = defineTool({
  name: 'rename_sheet',
  title: 'Rename a sheet',
  description: 'Gives a sheet another title.',
  access: 'write',
  idempotent: true,
  input: z.strictObject({ spreadsheet_id, sheet_id, new_title: z.string().min(1).max(100) }),
  request: (args) =>
    batch(args.spreadsheet_id, {
      updateSheetProperties: { properties: { sheetId: args.sheet_id, title: args.new_title }, fields: 'title' },
    }),
  shape: item((body) => (at(body, 'replies') === undefined ? undefined : { accepted: true })),
});

const deleteSheet = defineTool({
  name: 'delete_sheet',
  title: 'Delete a sheet',
  description: 'Deletes a sheet with all its cells.',
  access: 'destructive',
  input: z.strictObject({ spreadsheet_id, sheet_id }),
  request: (args) => batch(args.spreadsheet_id, { deleteSheet: { sheetId: args.sheet_id } }),
  shape: item((body) => (at(body, 'replies') === undefined ? undefined : { deleted: true })),
});

export const metadata: Category = {
  title: 'Structure',
  purpose: 'Which sheets a spreadsheet has',
  core: true,
  tools: [getSpreadsheet],
};
export const sheets: Category = {
  title: 'Sheets',
  purpose: 'Add, rename and delete sheets; clear cells',
  core: false,
  tools: [addSheet, renameSheet, deleteSheet, valuesClear],
};
