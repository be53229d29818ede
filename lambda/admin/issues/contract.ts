/** What agents reported, in the admin API. */
import * as z from 'zod';
import { endpoint, ofClient, defaults } from '../resource/endpoint.ts';

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
});

export const ISSUE_ENDPOINTS = {
  listIssues: endpoint({
    ...defaults,
    method: 'GET',
    path: '/issues',
    summary: 'What agents reported, newest first',
    query: ofClient,
    response: z.object({ issues: z.array(IssueRow) }),
  }),
} as const;
