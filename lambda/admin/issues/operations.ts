/** What the endpoint about issues does. */
import { ok } from '../../../core/result.ts';
import { coveredClients, type AdminDeps, type Operations } from '../resource/operation.ts';
import type { ISSUE_ENDPOINTS } from './contract.ts';
import { toIssueJson } from './json.ts';

export function issueOperations({ clients }: AdminDeps): Operations<typeof ISSUE_ENDPOINTS> {
  return {
    async listIssues({ query }, { operator }) {
      const covered = await coveredClients(clients, operator, query.client);
      if (!covered.ok) return covered;
      const issues = [];
      for (const client of covered.value) issues.push(...(await clients.issues(client)));
      return ok({ issues: issues.toSorted((a, b) => (a.at < b.at ? 1 : -1)).map(toIssueJson) });
    },
  };
}
