/** What the endpoint about failed calls does. */
import { fail, ok } from '../../../core/result.ts';
import { inAnyClient, mayManage, ownClient, type AdminDeps, type Operations } from '../resource/operation.ts';
import type { FAILURE_ENDPOINTS } from './contract.ts';
import { toFailureJson } from './json.ts';

export function failureOperations({ clients, failures }: AdminDeps): Operations<typeof FAILURE_ENDPOINTS> {
  return {
    async listFailures({ query: { client, org, user, reference, limit, cursor } }, { operator }) {
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
      const from = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
      const { failures: rows, next } = await failures.list(named.value, { org, user, limit, from });
      const more = next === undefined ? {} : { next_cursor: Buffer.from(next).toString('base64url') };
      return ok({ failures: rows.map((row) => toFailureJson(named.value, row)), ...more });
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
