/** What agents reported, in the admin API. */
import * as z from 'zod';
import { ISSUE_STATUSES } from '../../../core/tenant/issue.ts';
import { endpoint, ofClient, defaults } from '../resource/endpoint.ts';
import { pagedQuery, pagedResponse } from '../resource/paging.ts';

const MAX_NOTE = 1_000;
const Status = z.enum(ISSUE_STATUSES);

export const IssueRow = z.object({
  id: z.string(),
  at: z.string(),
  client: z.string(),
  org: z.string().nullable(),
  user: z.string().nullable(),
  key_id: z.string(),
  summary: z.string(),
  description: z.string(),
  references: z.array(z.string()).describe('Reference ids of the failures it is about'),
  status: Status,
  note: z.string().nullable().describe('What an operator wrote about it'),
  changed_at: z.string().nullable().describe('When an operator last changed it'),
});

export const ISSUE_ENDPOINTS = {
  listIssues: endpoint({
    ...defaults,
    method: 'GET',
    path: '/issues',
    summary: 'What agents reported in the last 90 days: of one client newest first, else client by client',
    query: ofClient.extend({ ...pagedQuery, status: Status.optional() }),
    response: z.object({ issues: z.array(IssueRow), ...pagedResponse }),
  }),
  changeIssue: endpoint({
    ...defaults,
    method: 'PATCH',
    path: '/issues/{id}',
    summary: 'Close a report, open it again, or write a note to it; what is not named stays',
    params: z.strictObject({ id: z.string().describe('As the list shows it') }),
    query: ofClient,
    body: z
      .strictObject({ status: Status.optional(), note: z.string().min(1).max(MAX_NOTE).optional() })
      .refine(({ status, note }) => status !== undefined || note !== undefined, 'give a status, a note or both'),
    response: IssueRow,
  }),
} as const;
