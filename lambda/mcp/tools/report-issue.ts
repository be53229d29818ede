/** `report_issue`: files a report for the operators, with the references of the recent failures. */
import * as z from 'zod';
import { fault } from '../../../core/fault.ts';
import { fail, ok } from '../../../core/result.ts';
import { issueId, MAX_REPORTS_A_DAY } from '../../../core/tenant/issue.ts';
import { defineSystemTool, boundedText } from './system-tool.ts';

const DAY_MS = 86_400_000;

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
    const at = deps.clock();
    const id = issueId(at, deps.newId());
    const references = failures.map(({ reference }) => reference);
    if (!(await deps.usage.report(principal, { id, at, summary, description, references })))
      return fail(
        fault(
          'rate_limited',
          `${MAX_REPORTS_A_DAY} problems were reported today for this user, which is as many as may be.`,
          {
            next: 'Tell the user. The operators have what was reported before; another report can be filed tomorrow (UTC).',
            retry_after: Math.ceil((DAY_MS - (at % DAY_MS)) / 1000),
          },
        ),
      );
    return ok({
      status: 'filed',
      id,
      references,
      failures: failures.map(({ reference, tool, code, at }) => ({ reference, tool, code, at })),
    });
  },
});
