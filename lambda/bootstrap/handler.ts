/** The bootstrap function: wiring only. Invoked by IAM principals, never by the API. */
import middy from '@middy/core';
import { createDynamoDbClient } from '../../adapters/aws/aws-clients.ts';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { createClientStore } from '../../adapters/aws/tenant/client-store.ts';
import { createKeyAdminStore } from '../../adapters/aws/keys/key-admin-store.ts';
import { createKeyAdmin } from '../../core/keys/key-admin.ts';
import { createBootstrap, type BootstrapAnswer } from './app.ts';
import { BootstrapEnv } from './env.ts';

const env = BootstrapEnv.parse(process.env);
const dynamodb = createDynamoDbClient();

export const handler = middy<unknown, BootstrapAnswer>().handler(
  createBootstrap(
    createKeyAdmin({
      keys: createKeyAdminStore({
        dynamodb,
        clock: Date.now,
        tables: { keys: env.KEYS_TABLE, tenants: env.TENANTS_TABLE },
      }),
      clients: createClientStore({ dynamodb, table: env.TENANTS_TABLE }),
      clock: Date.now,
    }),
    createFunctionLog({ service: 'bootstrap', clock: Date.now }),
  ),
);
