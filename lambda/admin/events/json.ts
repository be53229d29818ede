/** A webhook as the admin API shows it, without the secret that signs its events. */
import type { WebhookFacts } from '../../../core/event/webhook-admin.ts';

export function toWebhookJson(client: string, { url, since, changedAt }: WebhookFacts) {
  return { client, url, since, changed_at: changedAt };
}
