/** Webhooks of clients in the admin API: where events go. The secret that signs them is told once. */
import * as z from 'zod';
import { webhookUrlProblem } from '../../../core/event/webhook.ts';
import { ClientId, endpoint, Instant, defaults } from '../resource/endpoint.ts';

const ReceiverUrl = z
  .string()
  .superRefine((url, context) => {
    const problem = webhookUrlProblem(url);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `the address ${problem}` });
  })
  .describe('Where events are posted to: https, on the public internet');

export const WebhookRow = z.object({
  client: z.string(),
  url: z.string(),
  since: Instant.describe('What happened before is not delivered'),
  changed_at: Instant,
});

const oneClient = { params: z.strictObject({ id: ClientId }) };

export const EVENT_ENDPOINTS = {
  getWebhook: endpoint({
    ...defaults,
    ...oneClient,
    method: 'GET',
    path: '/clients/{id}/events',
    summary: 'Where the events of a client go',
    response: WebhookRow,
  }),
  putWebhook: endpoint({
    ...defaults,
    ...oneClient,
    method: 'PUT',
    path: '/clients/{id}/events',
    summary: 'Send the events of a client to an address, signed with a new secret; one before it signs along for a day',
    body: z.strictObject({ url: ReceiverUrl }),
    response: WebhookRow.extend({ secret: z.string().describe('Signs the events. Shown once and stored sealed') }),
  }),
  removeWebhook: endpoint({
    ...defaults,
    ...oneClient,
    method: 'DELETE',
    path: '/clients/{id}/events',
    summary: 'Send the events of a client to nobody; what waits is not delivered any more',
    response: z.object({ client: z.string(), status: z.literal('removed') }),
  }),
  testWebhook: endpoint({
    ...defaults,
    ...oneClient,
    method: 'POST',
    path: '/clients/{id}/events/test',
    summary: 'Send an event of type ping, within about a minute',
    status: 201,
    response: z.object({ client: z.string(), id: z.string().describe('Its webhook-id') }),
  }),
} as const;
