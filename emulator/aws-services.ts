/** DynamoDB, KMS and STS of the template on one loopback address, with the credentials that reach them. */
import type { AddressInfo } from 'node:net';
import type { Model } from './cloudformation/model.ts';
import { createAwsEndpoint, type AwsCall } from './aws-endpoint.ts';
import { createCredentialStore, type CredentialStore } from './iam/credentials.ts';
import type { DynamoDb } from './dynamodb/dynamodb.ts';
import type { Faults } from './faults.ts';
import { createKms, type KeyMaterial } from './kms/kms.ts';
import { createSts } from './sts/sts.ts';

export interface LocalAws {
  readonly url: string;
  readonly credentials: CredentialStore;
  /** The calls since the last reset, at most the newest 10,000. */
  readonly calls: () => readonly AwsCall[];
  readonly resetCalls: () => void;
  readonly stop: () => Promise<void>;
}

const KEPT_CALLS = 10_000;

export async function startAws(
  { place: { account, region }, tables, keys, roles }: Model,
  deps: {
    readonly dynamodb: DynamoDb;
    readonly material: KeyMaterial;
    readonly onFailure: (error: unknown) => void;
    readonly clock: () => number;
    readonly faults: Faults;
  },
): Promise<LocalAws> {
  const { dynamodb, material, onFailure, clock, faults } = deps;
  const credentials = createCredentialStore(clock);
  const calls: AwsCall[] = [];
  const server = createAwsEndpoint({
    credentials,
    roles,
    dynamodb,
    shapeOf: (name) => tables.find((table) => table.name === name),
    arnOf: (name) => `arn:aws:dynamodb:${region}:${account}:table/${name}`,
    kms: createKms({ keys, material, roles, account }),
    sts: createSts({ roles, credentials, clock }),
    onCall: (call) => {
      if (calls.length >= 2 * KEPT_CALLS) calls.splice(0, KEPT_CALLS);
      calls.push(call);
    },
    onFailure,
    clock,
    faults,
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials,
    calls: () => calls.slice(-KEPT_CALLS),
    resetCalls: () => void calls.splice(0),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
