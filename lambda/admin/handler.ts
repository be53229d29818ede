/** The admin function: wiring only. It manages keys and clients; its role can open no credential. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { createClientStore } from '../aws/client-store.ts';
import { createKeyAdminStore } from '../aws/key-admin-store.ts';
import { createKeyAdmin } from '../core/key-admin.ts';
import { createLog } from '../core/log.ts';
import { fromAuthorizerContext } from '../core/principal.ts';
import { createAdminApp } from './app.ts';
import { AdminEnv } from './env.ts';
import { toRequest, toResult } from '../net/api-gateway.ts';

const env = AdminEnv.parse(process.env);
const clock = Date.now;
const dynamodb = new DynamoDBClient({});
const clients = createClientStore(dynamodb, env.TENANTS_TABLE);
const store = createKeyAdminStore(dynamodb, { keys: env.KEYS_TABLE, tenants: env.TENANTS_TABLE });
const log = createLog({ service: 'admin', write: (line) => process.stdout.write(`${line}\n`), clock });
const app = createAdminApp({
  keys: createKeyAdmin({ keys: store, clients, clock }),
  clients,
  copies: store,
  clock,
  log,
  newReference: randomUUID,
});

export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
  .handler(async (event) =>
    toResult(await app(toRequest(event), fromAuthorizerContext(event.requestContext.authorizer))),
  )
  .onError(({ error, event }) => {
    log.error('admin failed', { error, requestId: event.requestContext.requestId });
  });
