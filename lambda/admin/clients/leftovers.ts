/** What may still belong to a client, each looked up where it lies. */
import { keyStatusAt } from '../../../core/keys/api-key.ts';
import type { Page, PageAsk } from '../../../core/page.ts';
import type { Leftover } from '../../../core/tenant/client-removal.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import type { AdminDeps } from '../resource/operation.ts';

/** Users whose accounts are looked for at the same time. */
const AT_ONCE = 10;

type Deps = Pick<AdminDeps, 'keys' | 'apps' | 'webhooks' | 'clients' | 'connections' | 'clock'>;

export function leftovers(deps: Deps): readonly Leftover[] {
  const { keys, apps, webhooks, clock } = deps;
  return [
    async (client) => {
      const working = (await everyRow((ask) => keys.listKeys(client, ask))).filter(
        ({ record }) => keyStatusAt(record, clock()) === 'active',
      );
      return counted(working.length, 'working key');
    },
    async (client) => {
      const operators = (await everyRow((ask) => keys.listOperators(ask))).filter(
        ({ record }) =>
          record.scope !== 'all' && record.scope.clientId === client && keyStatusAt(record, clock()) === 'active',
      );
      return counted(operators.length, 'working operator key');
    },
    async (client) => ((await hasAccounts(deps, client)) ? 'connected accounts of users' : undefined),
    async (client) => counted((await apps.list(client)).length, 'OAuth app'),
    async (client) => ((await webhooks.find(client)) === undefined ? undefined : 'a webhook'),
  ];
}

async function everyRow<Row>(page: (ask: PageAsk) => Promise<Page<Row>>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const { rows: more, next } = await page({ limit: 100, after });
    rows.push(...more);
    after = next;
  } while (after !== undefined);
  return rows;
}

function counted(count: number, what: string): string | undefined {
  return count === 0 ? undefined : `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function hasAccounts({ clients, connections }: Deps, client: string): Promise<boolean> {
  // The default user is looked at in any case: it needs no id that somebody would have noted.
  const users = [...new Set([tenantId({ client }), ...(await clients.users(client))])];
  for (let i = 0; i < users.length; i += AT_ONCE) {
    const found = await Promise.all(users.slice(i, i + AT_ONCE).map((user) => connections.list(user)));
    if (found.some((some) => some.length > 0)) return true;
  }
  return false;
}
