/** The function that makes tenant keys: wiring only. Its role can write such keys and can read none. */
import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import { createDynamoDbClient } from '../../adapters/aws/aws-clients.ts';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { createTenantKeyWriter } from '../../adapters/aws/keys/tenant-key-writer.ts';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { fromAuthorizerContext } from '../../core/keys/principal.ts';
import { toRequest, toResult } from '../../adapters/http/api-gateway.ts';
import { createTenantKeysApp } from './app.ts';
import { TenantKeysEnv } from './env.ts';

const env = TenantKeysEnv.parse(process.env);
const clock = Date.now;
const log = createFunctionLog({ service: 'tenant-keys', clock });
const app = createTenantKeysApp({
  keys: createTenantKeyWriter({ dynamodb: createDynamoDbClient(), table: env.KEYS_TABLE }),
  clock,
  log,
  newId: randomUUID,
});

export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
  .handler(async (event) =>
    toResult(await app(toRequest(event), fromAuthorizerContext(event.requestContext.authorizer))),
  )
  .onError(({ error, event }) => {
    log.error('tenant-keys failed', { error, requestId: event.requestContext.requestId });
  });
