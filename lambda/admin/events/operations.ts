/** What the endpoints about webhooks do. */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { createWebhookAdmin } from '../../../core/event/webhook-admin.ts';
import type { EVENT_ENDPOINTS } from './contract.ts';
import { toWebhookJson } from './json.ts';
import { mapped, ownClient, type AdminDeps, type Operations } from '../resource/operation.ts';

export function eventOperations(deps: AdminDeps): Operations<typeof EVENT_ENDPOINTS> {
  const { clients } = deps;
  const webhooks = createWebhookAdmin(deps);

  return {
    async getWebhook({ params: { id } }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      return mapped(present(await webhooks.find(id)), (webhook) => toWebhookJson(id, webhook));
    },

    async putWebhook({ params: { id }, body }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      const settings = await webhooks.set(id, body.url);
      if (settings === undefined) return fail(changedMeanwhile());
      const { secret, ...webhook } = settings;
      return ok({ ...toWebhookJson(id, webhook), secret: secret.reveal() });
    },

    async removeWebhook({ params: { id } }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      const removed = (await webhooks.remove(id)) ? ({ client: id, status: 'removed' } as const) : undefined;
      return present(removed);
    },

    async testWebhook({ params: { id } }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      return mapped(present(await webhooks.test(id)), (event) => ({ client: id, id: event }));
    },
  };
}

function present<T>(found: T | undefined): Result<T, AdminFault> {
  if (found !== undefined) return ok(found);
  return fail({
    code: 'not_found',
    message: 'This client has no webhook.',
    next: 'Set one with `npm run -s allmcp -- events set`.',
  });
}

function changedMeanwhile(): AdminFault {
  return {
    code: 'conflict',
    message: 'The webhook of this client was changed by someone else at the same time. Nothing was stored.',
    next: 'Read the webhook, and set it again if it should be another.',
  };
}
