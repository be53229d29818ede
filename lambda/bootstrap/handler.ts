/** The bootstrap function: wiring only. Invoked by IAM principals, never by the API. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { createClientStore } from '../../adapters/aws/tenant/client-store.ts';
import { createKeyAdminStore } from '../../adapters/aws/keys/key-admin-store.ts';
import { AWS_LIMITS } from '../../adapters/aws/time-limits.ts';
import { createKeyAdmin } from '../../core/keys/key-admin.ts';
import { createBootstrap, type BootstrapAnswer } from './app.ts';
import { BootstrapEnv } from './env.ts';

const env = BootstrapEnv.parse(process.env);
const dynamodb = new DynamoDBClient(AWS_LIMITS);

export const handler = middy<unknown, BootstrapAnswer>().handler(
  createBootstrap(
    createKeyAdmin({
      keys: createKeyAdminStore({ dynamodb, tables: { keys: env.KEYS_TABLE, tenants: env.TENANTS_TABLE } }),
      clients: createClientStore({ dynamodb, table: env.TENANTS_TABLE }),
      clock: Date.now,
    }),
    createFunctionLog({ service: 'bootstrap', clock: Date.now }),
  ),
);
