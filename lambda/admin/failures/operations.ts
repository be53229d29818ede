/** What the endpoint about failed calls does. */
import { fail, ok } from '../../../core/result.ts';
import { inAnyClient, mayManage, ownClient, type AdminDeps, type Operations } from '../resource/operation.ts';
import { pageReply, plainPage } from '../resource/paging.ts';
import type { FAILURE_ENDPOINTS } from './contract.ts';
import { toFailureJson } from './json.ts';

export function failureOperations({ clients, failures }: AdminDeps): Operations<typeof FAILURE_ENDPOINTS> {
  return {
    async listFailures({ query }, { operator }) {
      const { client, reference } = query;
      if (reference !== undefined) {
        const only = client ?? operator.clientId;
        const refused = only === undefined ? undefined : mayManage(operator, only);
        if (refused !== undefined) return refused;
        const found = await inAnyClient(clients, only, async (of) => {
          const failure = await failures.find(of, reference);
          return failure === undefined ? undefined : toFailureJson(of, failure);
        });
        return found === undefined ? fail(noSuchFailure()) : ok({ failures: [found] });
      }
      const named = await ownClient(clients, operator, client ?? '');
      if (!named.ok) return named;
      return pageReply('failures', query, (start) =>
        plainPage(start, async (ask) => {
          const { rows, next } = await failures.page(named.value, ask, query);
          return { rows: rows.map((row) => toFailureJson(named.value, row)), next };
        }),
      );
    },
  };
}

function noSuchFailure() {
  return {
    code: 'not_found',
    message: 'No failed call of this reference is kept: they are kept for 7 days.',
    next: 'Look for the reference in the logs of the functions: failures that were no tool calls are only there.',
  } as const;
}
