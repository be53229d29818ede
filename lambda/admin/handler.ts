/**
 * The admin function: wiring only. With its own role it manages keys, clients and OAuth apps; what belongs to a tenant it
 * reaches with a session of that tenant. None of them opens a credential or the secret of an app.
 */
import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import { createDynamoDbClient, createKmsClient, createStsClient } from '../../adapters/aws/aws-clients.ts';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { loadProvider, PROVIDERS } from '../../providers/index.ts';
import { createClientStore } from '../../adapters/aws/tenant/client-store.ts';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { createIssueStore } from '../../adapters/aws/tenant/issue-store.ts';
import { createKeyAdminStore } from '../../adapters/aws/keys/key-admin-store.ts';
import { createFailureReader } from '../../adapters/aws/meter/failure-store.ts';
import { createOAuthAppStore } from '../../adapters/aws/oauth/app-store.ts';
import { createOutbox } from '../../adapters/aws/event/outbox.ts';
import { createSettingsStore } from '../../adapters/aws/tenant/settings-store.ts';
import { createTenantSessions } from '../../adapters/aws/tenant-session.ts';
import { tenantStores } from '../../adapters/aws/event/tenant-stores.ts';
import { createWebhookStore } from '../../adapters/aws/event/webhook-store.ts';
import { createKeyAdmin } from '../../core/keys/key-admin.ts';
import { fromAuthorizerContext } from '../../core/keys/principal.ts';
import { createAdminApp } from './app.ts';
import { AdminEnv } from './env.ts';
import { publicUrlOf, toRequest, toResult } from '../../adapters/http/api-gateway.ts';

const env = AdminEnv.parse(process.env);
const { TENANTS_TABLE: table, CREDENTIAL_KEY_ARN: keyArn } = env;
const clock = Date.now;
const dynamodb = createDynamoDbClient();
const { requestHandler } = dynamodb.config;
const kms = createKmsClient({ requestHandler });
const clients = createClientStore({ dynamodb, table });
const store = createKeyAdminStore({ dynamodb, clock, tables: { keys: env.KEYS_TABLE, tenants: table } });
const sessions = createTenantSessions({
  sts: createStsClient({ requestHandler }),
  roleArn: env.TENANT_WRITER_ROLE_ARN,
  clock,
});
const log = createFunctionLog({ service: 'admin', clock });
const app = createAdminApp({
  keys: createKeyAdmin({ keys: store, clients, clock }),
  clients,
  issues: createIssueStore({ dynamodb, table, clock }),
  copies: store,
  apps: createOAuthAppStore({ dynamodb, kms, table, keyArn }),
  settings: createSettingsStore({ dynamodb, table }),
  failures: createFailureReader({ dynamodb, table, clock }),
  ...tenantStores({ sessions, table, clock }),
  webhooks: createWebhookStore({ dynamodb, kms, table, keyArn }),
  outbox: createOutbox({ sessions, table }),
  providers: { keys: Object.keys(PROVIDERS), load: loadProvider },
  clock,
  log,
  newId: randomUUID,
});

export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
  .handler(async (event) => {
    const principal = fromAuthorizerContext(event.requestContext.authorizer);
    return toResult(await app(toRequest(event), principal, { publicUrl: publicUrlOf(event, env.PUBLIC_URL) }));
  })
  .onError(({ error, event }) => {
    log.error('admin failed', { error, requestId: event.requestContext.requestId });
  });
