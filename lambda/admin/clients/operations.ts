/** What the endpoints about clients do. */
import type { Page, PageAsk } from '../../../core/page.ts';
import { ClientPolicy, type ClientRecord } from '../../../core/tenant/client.ts';
import { changePolicy, createClient, noSuchClient } from '../../../core/tenant/client-admin.ts';
import { removeClient } from '../../../core/tenant/client-removal.ts';
import { fail, ok } from '../../../core/result.ts';
import { mapped, mayManage, type AdminDeps, type Operations } from '../resource/operation.ts';
import { pageReply, plainPage } from '../resource/paging.ts';
import type { CLIENT_ENDPOINTS } from './contract.ts';
import { leftovers } from './leftovers.ts';
import { toClientJson } from './json.ts';

export function clientOperations(deps: AdminDeps): Operations<typeof CLIENT_ENDPOINTS> {
  const { clients, copies, clock } = deps;
  /** Of an operator of one client: that one, and no further page. */
  async function pageOfOne(client: string, { after }: PageAsk): Promise<Page<ClientRecord>> {
    const own = after === undefined ? await clients.find(client) : undefined;
    return { rows: own === undefined ? [] : [own] };
  }

  return {
    async listClients({ query }, { operator }) {
      const only = operator.clientId;
      return pageReply('clients', query, (start) =>
        plainPage(start, async (ask) => {
          const { rows, next } = only === undefined ? await clients.page(ask) : await pageOfOne(only, ask);
          return { rows: rows.map(toClientJson), next };
        }),
      );
    },

    async createClient({ body }, { operator }) {
      const refused = mayManage(operator, body.id);
      if (refused !== undefined) return refused;
      const policy = ClientPolicy.parse(body.policy ?? {});
      const record = { id: body.id, createdAt: new Date(clock()).toISOString(), policy };
      return mapped(await createClient(clients, record), toClientJson);
    },

    async getClient({ params }, { operator }) {
      const refused = mayManage(operator, params.id);
      if (refused !== undefined) return refused;
      const client = await clients.find(params.id);
      return client === undefined ? fail(noSuchClient()) : ok(toClientJson(client));
    },

    async deleteClient({ params }) {
      const removed = await removeClient(clients, leftovers(deps), params.id);
      return mapped(removed, (id) => ({ id, status: 'deleted' }) as const);
    },

    async changeClient({ params, body }, { operator }) {
      const refused = mayManage(operator, params.id);
      return refused ?? mapped(await changePolicy(clients, copies, params.id, body.policy), toClientJson);
    },
  };
}
