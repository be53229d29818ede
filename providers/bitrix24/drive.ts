/**
 * Drive, read only. Every file comes with DOWNLOAD_URL, which holds an access token: it never becomes part of a
 * result. DETAIL_URL opens the file for a person who is signed in.
 */
import * as z from 'zod';
import { type Category, defineTool, type JsonObject, line, post, item } from '../../core/provider/kit.ts';
import { pagedList, project, recordAt } from './responses.ts';
import { recordIdOf } from './inputs.ts';

const entry = project({
  ids: {
    id: 'ID',
    folder_id: 'PARENT_ID',
    storage_id: 'STORAGE_ID',
    created_by: 'CREATED_BY',
    updated_by: 'UPDATED_BY',
  },
  rest: {
    name: 'NAME',
    type: 'TYPE',
    size: 'SIZE',
    created_at: 'CREATE_TIME',
    updated_at: 'UPDATE_TIME',
    page_url: 'DETAIL_URL',
  },
});

const listFolders = defineTool({
  name: 'list_folders',
  title: 'List drives',
  description: 'Drives of people, groups and the company, each with the folder_id of its top folder for list_files.',
  access: 'read',
  input: z.strictObject({
    query: line('Part of the name').optional(),
    kind: z.enum(['user', 'common', 'group']).describe('Whose drive').optional(),
  }),
  request: ({ query, kind }) =>
    post('/disk.storage.getList', { filter: { '%NAME': query, ENTITY_TYPE: kind }, order: { ID: 'ASC' } }),
  shape: pagedList(
    project({
      ids: { storage_id: 'ID', folder_id: 'ROOT_OBJECT_ID' },
      rest: { name: 'NAME', kind: 'ENTITY_TYPE', owner: 'ENTITY_ID' },
    }),
  ),
});

const listFiles = defineTool({
  name: 'list_files',
  title: 'List a folder',
  description: 'Files and sub-folders of a folder. An empty list may also mean no access.',
  access: 'read',
  input: z.strictObject({
    folder_id: recordIdOf('folder_id of list_folders, or id of a folder row'),
    query: line('Part of the name').optional(),
  }),
  request: ({ folder_id, query }) =>
    post('/disk.folder.getChildren', { id: folder_id, filter: { '%NAME': query }, order: { NAME: 'ASC' } }),
  shape: pagedList(entry),
});

const searchFiles = defineTool({
  name: 'search_files',
  title: 'Search files',
  description: 'Find files by name or by the text of documents, last changed first. Older portals do not have it.',
  access: 'read',
  input: z.strictObject({
    query: line('At least three characters', 255, 3),
    folder_id: recordIdOf('Only below this folder').optional(),
  }),
  request: ({ query, folder_id }) =>
    post('/disk.file.search', {
      QUERY: query,
      TYPE: 'file',
      FILTER: folder_id === undefined ? undefined : { FOLDER_ID: folder_id },
    }),
  shape: pagedList(entry),
});

function fileAt(body: unknown): JsonObject | null | undefined {
  const found = recordAt(body, 'result');
  return found === undefined || found === null ? found : entry(found);
}

const getFile = defineTool({
  name: 'get_file',
  title: 'Get a file',
  description:
    'Name, size, dates and page address of a file. The download link is left out: it holds a credential. Send people to page_url.',
  access: 'read',
  input: z.strictObject({ file_id: recordIdOf('File id') }),
  request: ({ file_id }) => post('/disk.file.get', { id: file_id }),
  shape: item(fileAt),
});

export const drive: Category = {
  title: 'Drive',
  purpose: 'Find files and folders; names, sizes and page addresses',
  core: false,
  tools: [listFolders, listFiles, searchFiles, getFile],
};
