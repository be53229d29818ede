/**
 * An in-memory DynamoDB with both tables, for tests that go through the real SDK and the real adapters.
 * One per test file: `beforeAll(async () => { db = await startDynamoDb(); })`, `afterAll(() => db.stop())`.
 */
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';

// dynalite is CommonJS without type declarations.
const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export interface TestDynamoDb {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  readonly keysTable: string;
  readonly tenantsTable: string;
  readonly stop: () => Promise<void>;
}

const KEYS_TABLE = 'Keys';
const TENANTS_TABLE = 'Tenants';

export async function startDynamoDb(): Promise<TestDynamoDb> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await createTable(client, KEYS_TABLE, ['pk']);
  await createTable(client, TENANTS_TABLE, ['pk', 'sk']);
  return {
    client,
    endpoint,
    keysTable: KEYS_TABLE,
    tenantsTable: TENANTS_TABLE,
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function createTable(client: DynamoDBClient, name: string, key: readonly ['pk'] | readonly ['pk', 'sk']) {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: key.map((attribute) => ({ AttributeName: attribute, AttributeType: 'S' as const })),
      KeySchema: key.map(
        (attribute, i) => ({ AttributeName: attribute, KeyType: i === 0 ? 'HASH' : 'RANGE' }) as const,
      ),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.1 }, { TableName: name });
}
