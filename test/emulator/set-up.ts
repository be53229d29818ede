/** The AWS endpoint as the real SDK sees it: one table, one key, and a function's role that may become a tenant's. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll } from '@jest/globals';
import { createAwsEndpoint, type AwsCall } from '../../emulator/aws-endpoint.ts';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import { NO_FAULTS, type Faults } from '../../emulator/faults.ts';
import { createCredentialStore, roleName, roleSession, type AwsSession } from '../../emulator/iam/credentials.ts';
import { parsePolicy } from '../../emulator/iam/document.ts';
import { createKms } from '../../emulator/kms/kms.ts';
import { createSts } from '../../emulator/sts/sts.ts';

export const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
export const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Rows`;
export const KEY = {
  id: '11111111-1111-4111-8111-111111111111',
  arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-1111-4111-8111-111111111111`,
};
export const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const policy = (...Statement: object[]) => parsePolicy({ Statement });
const tag = (name: string) => `\${aws:PrincipalTag/${name}}`;

const roles = new Map(
  [
    {
      arn: role('Function'),
      trust: policy(),
      policies: [
        policy({ Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: role('Tenant') }),
        policy({ Effect: 'Allow', Action: 'kms:*', Resource: '*' }),
      ],
    },
    {
      arn: role('Tenant'),
      trust: policy({
        Effect: 'Allow',
        Principal: { AWS: role('Function') },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: { StringLike: { 'aws:RequestTag/c': '?*' } },
      }),
      policies: [
        policy({
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          Resource: TABLE,
          Condition: {
            'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': `T#${tag('c')}` },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        }),
        policy({
          Effect: 'Allow',
          Action: 'kms:*',
          Resource: KEY.arn,
          Condition: { StringEquals: { 'kms:EncryptionContext:c': tag('c') } },
        }),
      ],
    },
  ].map((one) => [one.arn, { ...one, maxSessionSeconds: 3600 }] as const),
);

const keyPolicy = policy(
  { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  {
    Effect: 'Deny',
    Principal: '*',
    Action: 'kms:Decrypt',
    Resource: '*',
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': role('Tenant') } },
  },
);

export interface TestAws {
  readonly url: string;
  readonly calls: readonly AwsCall[];
  /** Moves the endpoint's clock; the SDK's stays. */
  readonly advance: (ms: number) => void;
  readonly issue: (roleArn: string, tags?: Record<string, string>, expires?: number) => AwsSession;
  readonly revoke: (session: AwsSession) => void;
  readonly client: (session: Pick<AwsSession, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>) => {
    readonly dynamodb: DynamoDBClient;
    readonly kms: KMSClient;
    readonly sts: STSClient;
  };
}

/** Listens on a free port until the tests of the file are over. */
export async function setUpAws(faults: Faults = NO_FAULTS): Promise<TestAws> {
  let ahead = 0;
  const clock = () => Date.now() + ahead;
  const credentials = createCredentialStore(clock);
  const calls: AwsCall[] = [];
  const dynamodb = await openDynamoDb({ account: ACCOUNT, region: REGION });
  await dynamodb.call('CreateTable', {
    TableName: 'Rows',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  });
  const server = createAwsEndpoint({
    faults,
    credentials,
    roles,
    dynamodb,
    shapeOf: (name) => (name === 'Rows' ? { arn: TABLE, hashKeys: { '': 'pk' } } : undefined),
    arnOf: (name) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
    kms: createKms({
      keys: [{ ...KEY, policy: keyPolicy, aliases: ['alias/test'] }],
      material: new Map([[KEY.id, Buffer.alloc(32, 7)]]),
      roles,
      account: ACCOUNT,
    }),
    sts: createSts({ roles, credentials, clock }),
    onCall: (call) => calls.push(call),
    onFailure: (error) => {
      throw error;
    },
    clock,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(async () => {
    await closed(server);
    await dynamodb.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calls,
    advance: (ms) => void (ahead += ms),
    issue: (arn, tags = {}, expires) =>
      credentials.issue({
        caller: roleSession(arn, 'test'),
        role: roleName(arn),
        tags,
        transitiveTagKeys: [],
        expires,
      }),
    revoke: (session) => credentials.revoke(session.accessKeyId),
    client: (session) => {
      const config = { endpoint: url, region: REGION, credentials: session, maxAttempts: 1 };
      return { dynamodb: new DynamoDBClient(config), kms: new KMSClient(config), sts: new STSClient(config) };
    },
  };
}

function closed(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

export const put = (pk: string) => new PutItemCommand({ TableName: 'Rows', Item: { pk: { S: pk }, n: { N: '1' } } });
