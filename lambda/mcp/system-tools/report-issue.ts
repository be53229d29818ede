/** `report_issue`: files a report for the operators, with the references of the recent failures. */
import * as z from 'zod';
import { ok } from '../../core/result.ts';
import { defineSystemTool } from './system-tool.ts';

export const reportIssue = defineSystemTool({
  name: 'report_issue',
  title: 'Report a problem',
  description:
    'Files a problem for the operators of this endpoint, together with the reference ids of the recent failures. Put no credentials into it.',
  input: z.strictObject({
    summary: z.string().min(1).max(200).describe('one sentence'),
    description: z.string().min(1).max(4_000).describe('what was tried, what happened, what was expected'),
  }),
  readOnly: false,
  async run({ deps, principal }, { summary, description }) {
    const failures = await deps.usage.recentFailures(principal.tenant);
    const id = deps.ids();
    const references = failures.map(({ reference }) => reference);
    await deps.usage.report(principal, { id, summary, description, references });
    return ok({
      status: 'filed',
      id,
      references,
      failures: failures.map(({ reference, tool, code, at }) => ({ reference, tool, code, at })),
    });
  },
});
