/** The events function: wiring only. A rule invokes it every minute; nothing in the rule's event matters. */
import middy from '@middy/core';
import { createDynamoDbClient, createStsClient } from '../../adapters/aws/aws-clients.ts';
import { createEventQueue } from '../../adapters/aws/event/event-queue.ts';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { createAppSessions } from '../../adapters/aws/tenant-session.ts';
import { createWebhookReader } from '../../adapters/aws/event/webhook-store.ts';
import { createHttpsTransport } from '../../adapters/http/https.ts';
import { createDeliver } from './app.ts';
import { EventsEnv } from './env.ts';

const env = EventsEnv.parse(process.env);
const clock = Date.now;
const log = createFunctionLog({ service: 'events', clock });
const dynamodb = createDynamoDbClient();
const sessions = createAppSessions({
  sts: createStsClient({ requestHandler: dynamodb.config.requestHandler }),
  roleArn: env.WEBHOOK_ROLE_ARN,
  clock,
});
const deps = {
  queue: createEventQueue({ dynamodb, table: env.TENANTS_TABLE, log }),
  webhookOf: createWebhookReader({ sessions, table: env.TENANTS_TABLE, keyArn: env.CREDENTIAL_KEY_ARN, clock }),
  log,
  clock,
  random: Math.random,
};

export const handler = middy<unknown, void>()
  .handler(async (_event, context) => {
    // Between runs the process is frozen and receivers hang up: a connection of the last run would fail a delivery.
    const deliver = createDeliver({ ...deps, transport: createHttpsTransport({ body: 'ignore' }) });
    return deliver(clock() + context.getRemainingTimeInMillis());
  })
  .onError(({ error }) => {
    log.error('deliveries failed', { error });
  });
