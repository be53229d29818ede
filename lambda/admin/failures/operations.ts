/** What the endpoint about failed calls does. */
import { fail, ok } from '../../../core/result.ts';
import { coveredClients, ownClient, type AdminDeps, type Operations } from '../resource/operation.ts';
import type { FAILURE_ENDPOINTS } from './contract.ts';
import { toFailureJson } from './json.ts';

/** Clients that are asked for a reference at the same time. */
const AT_ONCE = 25;

export function failureOperations({ clients, failures }: AdminDeps): Operations<typeof FAILURE_ENDPOINTS> {
  /** A reference does not say whose it is, so each client that the operator manages is asked. */
  async function find(among: readonly string[], reference: string) {
    for (let i = 0; i < among.length; i += AT_ONCE) {
      const asked = among.slice(i, i + AT_ONCE).map(async (client) => {
        const failure = await failures.find(client, reference);
        return failure === undefined ? [] : [toFailureJson(client, failure)];
      });
      const [found] = (await Promise.all(asked)).flat();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    async listFailures({ query: { client, org, user, reference, limit, cursor } }, { operator }) {
      if (reference !== undefined) {
        const covered = await coveredClients(clients, operator, client);
        if (!covered.ok) return covered;
        const found = await find(covered.value, reference);
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
