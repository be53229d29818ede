/** What the endpoints about issues do. */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import type { Issue } from '../../../core/tenant/issue.ts';
import { fail, ok } from '../../../core/result.ts';
import { mayManage, pageOfCovered, type AdminDeps, type Operations } from '../resource/operation.ts';
import type { ISSUE_ENDPOINTS } from './contract.ts';
import { toIssueJson } from './json.ts';

const ISSUE_ID = /^[A-Za-z0-9_.-]{1,60}$/;
/** Clients that are asked at the same time for a report of which only the id is known. */
const AT_ONCE = 25;

export function issueOperations({ clients, issues }: AdminDeps): Operations<typeof ISSUE_ENDPOINTS> {
  /** Where no client is named: in whichever has it. */
  async function changeAnywhere(id: string, change: Parameters<typeof issues.change>[2]): Promise<Issue | undefined> {
    let after: string | undefined;
    do {
      const { rows, next } = await clients.directory({ limit: AT_ONCE, after });
      const changed = await Promise.all(rows.map((client) => issues.change(client.id, id, change)));
      const found = changed.find((issue) => issue !== undefined);
      if (found !== undefined) return found;
      after = next;
    } while (after !== undefined);
    return undefined;
  }

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
      const changed = only === undefined ? await changeAnywhere(id, body) : await issues.change(only, id, body);
      return changed === undefined ? fail(noSuchIssue()) : ok(toIssueJson(changed));
    },
  };
}

function noSuchIssue(): AdminFault {
  return { code: 'not_found', message: 'There is no such issue.', next: 'List them with GET /admin/v1/issues.' };
}
