/** What google_sheets is sent, and what comes of it. */
import { expect } from '@jest/globals';

import { describeContract } from './contract.ts';

const SHEET = '1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcde';

describeContract('google_sheets', {
  auth: 'oauth',
  credential: { access_token: 't' },
  facts: {},
  headers: { authorization: 'Bearer t' },
  cases: [
    {
      tool: 'values_get',
      args: { spreadsheet_id: SHEET, range: "'Q1 Sales'!A1:C10", show: 'formulas' },
      sends: [
        'GET',
        `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/'Q1%20Sales'!A1%3AC10?valueRenderOption=FORMULA`,
      ],
      answer: { range: 'R', values: [['a', 1]] },
      gives: { item: { range: 'R', values: [['a', 1]] } },
    },
    {
      tool: 'values_get',
      args: { spreadsheet_id: SHEET, range: 'A1' },
      sends: ['GET', `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1?valueRenderOption=FORMATTED_VALUE`],
      answer: { range: 'R' },
      gives: { item: { range: 'R', values: [] } },
    },
    {
      tool: 'values_update',
      args: { spreadsheet_id: SHEET, range: 'A1', values: [['=SUM(B1:B2)', null, true]], as_typed: false },
      sends: [
        'PUT',
        `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1?valueInputOption=RAW`,
        { values: [['=SUM(B1:B2)', null, true]] },
      ],
      answer: { updatedRange: 'R', updatedRows: 1, updatedColumns: 3, updatedCells: 3 },
      gives: { item: { range: 'R', rows: 1, columns: 3, cells: 3 } },
    },
    {
      tool: 'values_append',
      args: { spreadsheet_id: SHEET, range: 'A1', values: [['x']], as_typed: true },
      sends: [
        'POST',
        `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1:append?valueInputOption=USER_ENTERED&insertDataOption=INSERT_ROWS`,
        { values: [['x']] },
      ],
      answer: { updates: { updatedRange: 'R', updatedCells: 1 } },
      gives: { item: { range: 'R', cells: 1 } },
    },
    {
      tool: 'values_clear',
      args: { spreadsheet_id: SHEET, range: 'A1:B2' },
      sends: ['POST', `sheets.googleapis.com/v4/spreadsheets/${SHEET}/values/A1%3AB2:clear`, {}],
      answer: { clearedRange: 'R' },
      gives: { item: { range: 'R' } },
    },
    {
      tool: 'list_spreadsheets',
      args: { name_contains: "Bo's" },
      sends: [
        'GET',
        String.raw`www.googleapis.com/drive/v3/files?supportsAllDrives=true&q=mimeType='application/vnd.google-apps.spreadsheet' and trashed=false and name contains 'Bo\'s'&orderBy=modifiedTime desc&pageSize=50&includeItemsFromAllDrives=true&fields=nextPageToken,files(id,name,modifiedTime,webViewLink,trashed)`,
      ],
      answer: { files: [{ id: SHEET, name: 'S', trashed: false }], nextPageToken: 'n' },
      gives: {
        items: [{ spreadsheet_id: SHEET, name: 'S', trashed: false }],
        next_cursor: expect.any(String) as never,
      },
    },
    {
      tool: 'create_spreadsheet',
      args: { title: 'T', sheet_titles: ['One'] },
      sends: [
        'POST',
        'sheets.googleapis.com/v4/spreadsheets',
        { properties: { title: 'T' }, sheets: [{ properties: { title: 'One' } }] },
      ],
      answer: { spreadsheetId: SHEET, spreadsheetUrl: 'u' },
      gives: { item: { spreadsheet_id: SHEET, link: 'u' } },
    },
    {
      tool: 'get_spreadsheet',
      args: { spreadsheet_id: SHEET },
      sends: [
        'GET',
        `sheets.googleapis.com/v4/spreadsheets/${SHEET}?fields=properties(title,locale,timeZone),sheets.properties,spreadsheetUrl`,
      ],
      answer: { properties: { title: 'T' }, sheets: [{ properties: { sheetId: 0, title: 'One' } }] },
      gives: { item: { title: 'T', sheets: [{ sheet_id: 0, title: 'One' }] } },
    },
    {
      tool: 'add_sheet',
      args: { spreadsheet_id: SHEET, title: 'Two', index: 1 },
      sends: [
        'POST',
        `sheets.googleapis.com/v4/spreadsheets/${SHEET}:batchUpdate`,
        { requests: [{ addSheet: { properties: { title: 'Two', index: 1 } } }] },
      ],
      answer: { replies: [{ addSheet: { properties: { sheetId: 5, title: 'Two' } } }] },
      gives: { item: { sheet_id: 5, title: 'Two' } },
    },
    {
      tool: 'rename_sheet',
      args: { spreadsheet_id: SHEET, sheet_id: 0, new_title: 'Uno' },
      sends: [
        'POST',
        `sheets.googleapis.com/v4/spreadsheets/${SHEET}:batchUpdate`,
        { requests: [{ updateSheetProperties: { properties: { sheetId: 0, title: 'Uno' }, fields: 'title' } }] },
      ],
      answer: { replies: [{}] },
      gives: { item: { accepted: true } },
    },
    {
      tool: 'delete_sheet',
      args: { spreadsheet_id: SHEET, sheet_id: 5 },
      sends: [
        'POST',
        `sheets.googleapis.com/v4/spreadsheets/${SHEET}:batchUpdate`,
        { requests: [{ deleteSheet: { sheetId: 5 } }] },
      ],
      answer: { replies: [{}] },
      gives: { item: { deleted: true } },
    },
    {
      tool: 'copy_spreadsheet',
      args: { spreadsheet_id: SHEET, new_title: 'C' },
      sends: [
        'POST',
        `www.googleapis.com/drive/v3/files/${SHEET}/copy?supportsAllDrives=true&fields=id,name,modifiedTime,webViewLink,trashed`,
        { name: 'C' },
      ],
      answer: { id: 'c', name: 'C' },
      gives: { item: { spreadsheet_id: 'c', name: 'C' } },
    },
    {
      tool: 'trash_spreadsheet',
      args: { spreadsheet_id: SHEET },
      sends: [
        'PATCH',
        `www.googleapis.com/drive/v3/files/${SHEET}?supportsAllDrives=true&fields=id,name,modifiedTime,webViewLink,trashed`,
        { trashed: true },
      ],
      answer: { id: SHEET, trashed: true },
      gives: { item: { spreadsheet_id: SHEET, trashed: true } },
    },
    {
      tool: 'share_spreadsheet',
      args: { spreadsheet_id: SHEET, email_address: 'a@b.co', role: 'reader', send_email: true },
      sends: [
        'POST',
        `www.googleapis.com/drive/v3/files/${SHEET}/permissions?supportsAllDrives=true&sendNotificationEmail=true&fields=id,role,emailAddress`,
        { type: 'user', role: 'reader', emailAddress: 'a@b.co' },
      ],
      answer: { id: 'p', role: 'reader', emailAddress: 'a@b.co' },
      gives: { item: { permission_id: 'p', role: 'reader', email: 'a@b.co' } },
    },
  ],
});
