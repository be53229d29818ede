/**
 * What operators do with a client's webhook. The secret is told once, when it is made; setting the webhook again makes a
 * new one, and the old one signs along for a day. No clock, no environment.
 */
import type { AdminFault } from './admin-fault.ts';
import type { ClientStore } from './client-admin.ts';
import { noSuchClient } from './client-admin.ts';
import { mintEventId, pingEvent } from './connection-event.ts';
import type { Outbox } from './outbox.ts';
import { fail, ok, type Result } from './result.ts';
import { Secret } from './secret.ts';
import { tenantId } from './tenant.ts';
import { mintWebhookSecret } from './webhook.ts';

/** What may be shown of a webhook. */
export interface WebhookFacts {
  readonly url: string;
  /** ISO 8601, both. Events of what happened before `since` are not delivered. */
  readonly since: string;
  readonly changedAt: string;
}

export interface WebhookStore {
  find(client: string): Promise<WebhookFacts | undefined>;
  /** Stores or replaces; a secret that is replaced stays beside the new one for `OLD_SECRET_MS`. */
  put(client: string, webhook: WebhookFacts, secret: Secret<string>, now: number): Promise<void>;
  /** False when there was none. */
  remove(client: string): Promise<boolean>;
}

export interface WebhookAdminDeps {
  readonly clients: Pick<ClientStore, 'find'>;
  readonly webhooks: WebhookStore;
  readonly outbox: Outbox;
  readonly clock: () => number;
}

export interface NewWebhook extends WebhookFacts {
  readonly secret: Secret<string>;
}

export function createWebhookAdmin({ clients, webhooks, outbox, clock }: WebhookAdminDeps) {
  const none = (): AdminFault => ({
    code: 'not_found',
    message: 'This client has no webhook.',
    next: 'Set one: PUT /admin/v1/clients/{id}/events, or `npm run -s allmcp -- events set`.',
  });

  return {
    async find(client: string): Promise<Result<WebhookFacts, AdminFault>> {
      const webhook = await webhooks.find(client);
      return webhook === undefined ? fail(none()) : ok(webhook);
    },

    /** @param url one that `webhookUrlProblem` has nothing against. */
    async set(client: string, url: string): Promise<Result<NewWebhook, AdminFault>> {
      if ((await clients.find(client)) === undefined) return fail(noSuchClient());
      const now = clock();
      const at = new Date(now).toISOString();
      const before = await webhooks.find(client);
      const webhook = { url, since: before?.since ?? at, changedAt: at };
      const secret = new Secret(mintWebhookSecret());
      await webhooks.put(client, webhook, secret, now);
      return ok({ ...webhook, secret });
    },

    async remove(client: string): Promise<Result<undefined, AdminFault>> {
      return (await webhooks.remove(client)) ? ok(undefined) : fail(none());
    },

    /** Queues an event that says nothing; the next run delivers it. Answers its id. */
    async test(client: string): Promise<Result<string, AdminFault>> {
      if ((await webhooks.find(client)) === undefined) return fail(none());
      const now = clock();
      const ping = pingEvent(client, mintEventId(), new Date(now).toISOString());
      await outbox.put(tenantId({ client }), ping, now);
      return ok(ping.id);
    },
  };
}
export type WebhookAdmin = ReturnType<typeof createWebhookAdmin>;
