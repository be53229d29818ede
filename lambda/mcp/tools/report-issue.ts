/** `report_issue`: files a report for the operators, with the references of the recent failures. */
import * as z from 'zod';
import { ok } from '../../../core/result.ts';
import { defineSystemTool, boundedText } from './system-tool.ts';

export const reportIssue = defineSystemTool({
  name: 'report_issue',
  title: 'Report a problem',
  description: 'Tells the operators of a problem; recent failures are attached. No credentials, please.',
  input: z.strictObject({
    summary: boundedText(200),
    description: boundedText(4_000).describe('tried, happened, expected'),
  }),
  readOnly: false,
  async run({ deps, principal }, { summary, description }) {
    const failures = await deps.usage.recentFailures(principal.tenant);
    const id = deps.newId();
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
