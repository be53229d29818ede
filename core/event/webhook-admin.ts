/**
 * What operators do with a client's webhook. The secret is told once, when it is made; setting the webhook again makes a
 * new one, and the old one signs along for a day.
 */
import { mintEventId, pingEvent } from './connection-event.ts';
import type { Outbox } from './outbox.ts';
import { Secret } from '../vault/secret.ts';
import { tenantId } from '../tenant/tenant.ts';
import { mintWebhookSecret } from './webhook.ts';
import type { Clock, EpochMs } from '../time.ts';

/** What may be shown of a webhook. */
export interface WebhookFacts {
  readonly url: string;
  /** ISO 8601, both. Events of what happened before `since` are not delivered. */
  readonly since: string;
  readonly changedAt: string;
}

export interface WebhookStore {
  find(client: string): Promise<WebhookFacts | undefined>;
  /**
   * Stores or replaces; `since` and, for `OLD_SECRET_MS`, the secret of a webhook that is replaced stay. Undefined when
   * somebody else stored or removed one meanwhile: then nothing was stored, and theirs stands with its secret.
   */
  put(
    client: string,
    webhook: Pick<WebhookFacts, 'url' | 'changedAt'>,
    secret: Secret<string>,
    now: EpochMs,
  ): Promise<WebhookFacts | undefined>;
  /** False when there was none. */
  remove(client: string): Promise<boolean>;
}

export interface WebhookAdminDeps {
  readonly webhooks: WebhookStore;
  readonly outbox: Outbox;
  readonly clock: Clock;
}

export interface NewWebhook extends WebhookFacts {
  readonly secret: Secret<string>;
}

export function createWebhookAdmin({ webhooks, outbox, clock }: WebhookAdminDeps) {
  return {
    find: (client: string) => webhooks.find(client),
    remove: (client: string) => webhooks.remove(client),

    /**
     * @param url one that `webhookUrlProblem` has nothing against.
     * @returns undefined when somebody else changed the webhook at the same time.
     */
    async set(client: string, url: string): Promise<NewWebhook | undefined> {
      const now = clock();
      const secret = new Secret(mintWebhookSecret());
      const stored = await webhooks.put(client, { url, changedAt: new Date(now).toISOString() }, secret, now);
      return stored === undefined ? undefined : { ...stored, secret };
    },

    /** Queues an event that says nothing, for the next run. Its id, or undefined when there is no webhook. */
    async test(client: string): Promise<string | undefined> {
      if ((await webhooks.find(client)) === undefined) return undefined;
      const now = clock();
      const ping = pingEvent(client, mintEventId(), new Date(now).toISOString());
      await outbox.put(tenantId({ client }), ping, now);
      return ping.id;
    },
  };
}
