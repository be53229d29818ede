/** What the endpoints about issues do. */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import { fail, ok } from '../../../core/result.ts';
import { inAnyClient, mayManage, pageOfCovered, type AdminDeps, type Operations } from '../resource/operation.ts';
import type { ISSUE_ENDPOINTS } from './contract.ts';
import { toIssueJson } from './json.ts';

const ISSUE_ID = /^[A-Za-z0-9_.-]{1,60}$/;

export function issueOperations({ clients, issues }: AdminDeps): Operations<typeof ISSUE_ENDPOINTS> {
  return {
    async listIssues({ query }, { operator }) {
      return pageOfCovered('issues', { clients, operator, query }, async (client, ask) => {
        const { rows, next } = await issues.page(client, ask, query.status);
        return { rows: rows.map(toIssueJson), next };
      });
    },

    async changeIssue({ params: { id }, query, body }, { operator }) {
      const only = query.client ?? operator.clientId;
      const refused = only === undefined ? undefined : mayManage(operator, only);
      if (refused !== undefined) return refused;
      if (!ISSUE_ID.test(id)) return fail(noSuchIssue());
      const changed = await inAnyClient(clients, only, (client) => issues.change(client, id, body));
      return changed === undefined ? fail(noSuchIssue()) : ok(toIssueJson(changed));
    },
  };
}

function noSuchIssue(): AdminFault {
  return { code: 'not_found', message: 'There is no such issue.', next: 'List them first: issues list.' };
}
