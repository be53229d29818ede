/** Spreadsheets as files of Google Drive. */
import * as z from 'zod';
import {
  at,
  type Category,
  defineTool,
  get,
  path,
  pick,
  post,
  type Shape,
  type ToolRequest,
  item,
  list,
} from '../../core/provider/kit.ts';
import { DRIVE, spreadsheet_id } from './inputs.ts';

const MIME = 'application/vnd.google-apps.spreadsheet';
const FIELDS = 'id,name,modifiedTime,webViewLink,trashed';
const drive = (request: ToolRequest): ToolRequest => ({
  ...request,
  base: DRIVE,
  query: { supportsAllDrives: true, ...request.query },
});

const file = pick({
  spreadsheet_id: 'id',
  name: 'name',
  modified: 'modifiedTime',
  link: 'webViewLink',
  trashed: 'trashed',
});
const oneFile: Shape = item((body) => (at(body, 'id') === undefined ? undefined : file(body)));

const listSpreadsheets = defineTool({
  name: 'list_spreadsheets',
  title: 'Find spreadsheets',
  description:
    'Spreadsheets by name, last changed first. May see only files this app made; an id from a link works anyway.',
  access: 'read',
  input: z.strictObject({ name_contains: z.string().min(1).max(200).optional() }),
  request: ({ name_contains: name }) =>
    drive(
      get('/drive/v3/files', {
        q: [
          `mimeType='${MIME}'`,
          'trashed=false',
          ...(name === undefined ? [] : [`name contains '${quoted(name)}'`]),
        ].join(' and '),
        orderBy: 'modifiedTime desc',
        pageSize: 50,
        includeItemsFromAllDrives: true,
        fields: `nextPageToken,files(${FIELDS})`,
      }),
    ),
  shape: list('files', file, {
    ask: (request, { pageToken }) => ({ ...request, query: { ...request.query, pageToken: pageToken as string } }),
    next: (body) => {
      const pageToken = at(body, 'nextPageToken');
      return typeof pageToken === 'string' ? { pageToken } : undefined;
    },
  }),
});

/** Inside Drive's query language: a backslash before what would end the text. */
function quoted(text: string): string {
  return text.replaceAll(/['\\]/g, String.raw`\$&`);
}

const createSpreadsheet = defineTool({
  name: 'create_spreadsheet',
  title: 'Create a spreadsheet',
  description: 'A new spreadsheet with the given sheets.',
  access: 'write',
  input: z.strictObject({
    title: z.string().min(1).max(200),
    sheet_titles: z.array(z.string().min(1).max(100)).min(1).optional(),
  }),
  request: ({ title, sheet_titles: titles = [] }) =>
    post('/v4/spreadsheets', {
      properties: { title },
      ...(titles.length > 0 && { sheets: titles.map((name) => ({ properties: { title: name } })) }),
    }),
  shape: item((body) =>
    at(body, 'spreadsheetId') === undefined
      ? undefined
      : pick({ spreadsheet_id: 'spreadsheetId', link: 'spreadsheetUrl' })(body),
  ),
});

const copySpreadsheet = defineTool({
  name: 'copy_spreadsheet',
  title: 'Copy a spreadsheet',
  description: 'Copies a whole spreadsheet.',
  access: 'write',
  input: z.strictObject({ spreadsheet_id, new_title: z.string().min(1).max(200).optional() }),
  request: (args) =>
    drive({
      method: 'POST',
      ...path`/drive/v3/files/${args.spreadsheet_id}/copy`,
      query: { fields: FIELDS },
      body: { name: args.new_title },
    }),
  shape: oneFile,
});

const trashSpreadsheet = defineTool({
  name: 'trash_spreadsheet',
  title: 'Trash a spreadsheet',
  description: 'Moves a spreadsheet to the trash, where it stays for 30 days.',
  access: 'destructive',
  input: z.strictObject({ spreadsheet_id }),
  request: (args) =>
    drive({
      method: 'PATCH',
      ...path`/drive/v3/files/${args.spreadsheet_id}`,
      query: { fields: FIELDS },
      body: { trashed: true },
    }),
  shape: oneFile,
});

const shareSpreadsheet = defineTool({
  name: 'share_spreadsheet',
  title: 'Share a spreadsheet',
  description: 'Gives one person access, with or without an e-mail to them.',
  access: 'write',
  exposure: ['shares_access'],
  input: z.strictObject({
    spreadsheet_id,
    email_address: z.string().refine((text) => z.email().safeParse(text).success, 'must be an e-mail address'),
    role: z.enum(['reader', 'commenter', 'writer']),
    send_email: z.boolean().default(false),
  }),
  request: (args) =>
    drive({
      method: 'POST',
      ...path`/drive/v3/files/${args.spreadsheet_id}/permissions`,
      query: { sendNotificationEmail: args.send_email, fields: 'id,role,emailAddress' },
      body: { type: 'user', role: args.role, emailAddress: args.email_address },
    }),
  shape: item((body) =>
    at(body, 'id') === undefined ? undefined : pick({ permission_id: 'id', role: 'role', email: 'emailAddress' })(body),
  ),
});

export const files: Category = {
  title: 'Files',
  purpose: 'Find and create spreadsheets',
  core: true,
  tools: [listSpreadsheets, createSpreadsheet],
};
export const fileChanges: Category = {
  title: 'File changes',
  purpose: 'Copy, trash and share spreadsheets',
  core: false,
  tools: [copySpreadsheet, trashSpreadsheet, shareSpreadsheet],
};
