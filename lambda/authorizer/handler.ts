/** The authorizer function: wiring only. Reads one item per request, and three for a tenant key. */
import middy from '@middy/core';
import { createDynamoDbClient } from '../../adapters/aws/aws-clients.ts';
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { createKeyStore } from '../../adapters/aws/keys/key-store.ts';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { authorizerLimits } from '../../adapters/aws/time-limits.ts';
import { createAuthorizer, isRefusal } from './app.ts';
import { AuthorizerEnv } from './env.ts';

const env = AuthorizerEnv.parse(process.env);
const log = createFunctionLog({ service: 'authorizer', clock: Date.now });
const dynamodb = createDynamoDbClient(authorizerLimits(env.LOOKUP_MS));
const authorize = createAuthorizer({ keys: createKeyStore({ dynamodb, table: env.KEYS_TABLE }), clock: Date.now, log });

export const handler = middy<APIGatewayRequestAuthorizerEvent, APIGatewayAuthorizerResult>()
  .handler(authorize)
  .onError(({ error, event }) => {
    if (!isRefusal(error)) log.error('authorizer failed', { error, requestId: event.requestContext.requestId });
  });
