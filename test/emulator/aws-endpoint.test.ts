/** The AWS endpoint as the real SDK sees it: signatures, sessions, policies, DynamoDB, KMS and STS. */
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCredentialStore, roleName, roleSession, type AwsSession } from '../../emulator/iam/credentials.ts';
import { openDynamoDb, type DynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import { forwardDynamoDb } from '../../emulator/dynamodb/dynamodb-forward.ts';
import { createAwsEndpoint, type AwsCall } from '../../emulator/aws-endpoint.ts';
import { createKms } from '../../emulator/kms/kms.ts';
import { createSts } from '../../emulator/sts/sts.ts';
import { parsePolicy } from '../../emulator/iam/document.ts';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Rows`;
const KEY = {
  id: '11111111-1111-4111-8111-111111111111',
  arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-1111-4111-8111-111111111111`,
};
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
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

let now = Date.now();
const clock = () => now;
const credentials = createCredentialStore(clock);
const calls: AwsCall[] = [];
let dynamodb: DynamoDb;
let server: Server;
let endpoint: string;

const issue = (arn: string, tags: Record<string, string> = {}, expires?: number): AwsSession =>
  credentials.issue({ caller: roleSession(arn, 'test'), role: roleName(arn), tags, transitiveTagKeys: [], expires });
const client = (session: Pick<AwsSession, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>) => {
  const config = { endpoint, region: REGION, credentials: session, maxAttempts: 1 };
  return { dynamodb: new DynamoDBClient(config), kms: new KMSClient(config), sts: new STSClient(config) };
};

beforeAll(async () => {
  dynamodb = await openDynamoDb({ account: ACCOUNT, region: REGION });
  await dynamodb.call('CreateTable', {
    TableName: 'Rows',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  });
  server = createAwsEndpoint({
    credentials,
    roles,
    dynamodb: { call: (operation, payload) => dynamodb.call(operation, payload), close: async () => {} },
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
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await dynamodb.close();
});

const put = (pk: string) => new PutItemCommand({ TableName: 'Rows', Item: { pk: { S: pk }, n: { N: '1' } } });

describe('a session', () => {
  it('reads and writes what its policy allows', async () => {
    const { dynamodb: db } = client(issue(role('Tenant'), { c: 'acme' }));
    await db.send(put('T#acme'));
    const { Item } = await db.send(new GetItemCommand({ TableName: 'Rows', Key: { pk: { S: 'T#acme' } } }));
    expect(Item).toEqual({ pk: { S: 'T#acme' }, n: { N: '1' } });
  });

  it('is refused what its policy does not allow, in the words of AWS', async () => {
    const { dynamodb: db } = client(issue(role('Tenant'), { c: 'acme' }));
    await expect(db.send(put('T#other'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/Tenant/test is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
    });
    await expect(db.send(new ScanCommand({ TableName: 'Rows' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    expect(calls.at(-1)).toEqual({ service: 'dynamodb', action: 'dynamodb:Scan', role: 'Tenant', allowed: false });
  });

  it('is unknown when the token, the key id or the secret is not the one issued', async () => {
    const session = issue(role('Tenant'), { c: 'acme' });
    const unrecognized = { name: 'UnrecognizedClientException' };
    await expect(client({ ...session, sessionToken: 'x' }).dynamodb.send(put('T#acme'))).rejects.toMatchObject(
      unrecognized,
    );
    await expect(client({ ...session, accessKeyId: 'ASIAX' }).dynamodb.send(put('T#acme'))).rejects.toMatchObject(
      unrecognized,
    );
    await expect(client({ ...session, secretAccessKey: 'x' }).dynamodb.send(put('T#acme'))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    await expect(
      client({ ...session, accessKeyId: 'ASIAX' }).sts.send(new GetCallerIdentityCommand({})),
    ).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('ends when it expires and when it is revoked', async () => {
    const expired = issue(role('Tenant'), { c: 'acme' }, now - 1);
    await expect(client(expired).dynamodb.send(put('T#acme'))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    const revoked = issue(role('Tenant'), { c: 'acme' });
    credentials.revoke(revoked.accessKeyId);
    await expect(client(revoked).dynamodb.send(put('T#acme'))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  it('cannot be replayed a quarter of an hour later', async () => {
    const session = issue(role('Tenant'), { c: 'acme' });
    now += 16 * 60_000;
    try {
      await expect(client(session).dynamodb.send(put('T#acme'))).rejects.toMatchObject({
        name: 'InvalidSignatureException',
      });
    } finally {
      now = Date.now();
    }
  });

  it('is needed: an unsigned request is refused', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(endpoint, { method: 'POST', headers: { 'x-amz-target': 'DynamoDB_20120810.Scan' } }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode));
      })
        .on('error', reject)
        .end('{"TableName":"Rows"}');
    });
    expect(status).toBe(400);
  });
});

describe('a failed condition', () => {
  it('carries the row it failed on when the call asks for it', async () => {
    const { dynamodb: db } = client(issue(role('Tenant'), { c: 'cond' }));
    await db.send(put('T#cond'));
    const update = new UpdateItemCommand({
      TableName: 'Rows',
      Key: { pk: { S: 'T#cond' } },
      UpdateExpression: 'ADD n :one',
      ConditionExpression: 'n > :ten',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':ten': { N: '10' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const error = await db.send(update).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item).toEqual({ pk: { S: 'T#cond' }, n: { N: '1' } });
  });
});

describe('KMS', () => {
  const tenant = () => client(issue(role('Tenant'), { c: 'acme' })).kms;
  const EncryptionContext = { c: 'acme', what: 'x' };

  it('opens a data key under the context it was made with, in any order', async () => {
    const made = await tenant().send(
      new GenerateDataKeyCommand({ KeyId: KEY.arn, KeySpec: 'AES_256', EncryptionContext }),
    );
    expect(made.Plaintext).toHaveLength(32);
    const opened = await tenant().send(
      new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext: { what: 'x', c: 'acme' } }),
    );
    expect(opened.Plaintext).toEqual(made.Plaintext);
    expect(opened.KeyId).toBe(KEY.arn);
  });

  it('answers InvalidCiphertext for another context, a damaged blob and a cut one', async () => {
    const { CiphertextBlob = new Uint8Array() } = await tenant().send(
      new EncryptCommand({ KeyId: 'alias/test', Plaintext: Buffer.from('secret'), EncryptionContext }),
    );
    const damaged = Buffer.from(CiphertextBlob);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    const invalid = { name: 'InvalidCiphertextException' };
    const decrypt = (blob: Uint8Array, context: Record<string, string>) =>
      tenant().send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: context }));
    await expect(decrypt(CiphertextBlob, { c: 'acme', what: 'y' })).rejects.toMatchObject(invalid);
    await expect(decrypt(damaged, EncryptionContext)).rejects.toMatchObject(invalid);
    await expect(decrypt(CiphertextBlob.slice(0, 40), EncryptionContext)).rejects.toMatchObject(invalid);
    await expect(decrypt(Buffer.from('garbage'), EncryptionContext)).rejects.toMatchObject(invalid);
  });

  it('applies the key policy: an explicit deny reaches a role with every KMS permission', async () => {
    const { CiphertextBlob } = await tenant().send(
      new GenerateDataKeyCommand({ KeyId: KEY.id, KeySpec: 'AES_256', EncryptionContext }),
    );
    const { kms } = client(issue(role('Function')));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: KEY.id }));
    expect(KeyMetadata?.Arn).toBe(KEY.arn);
  });

  it('applies the session tags to the encryption context', async () => {
    const { kms } = client(issue(role('Tenant'), { c: 'other' }));
    await expect(
      kms.send(new GenerateDataKeyCommand({ KeyId: KEY.arn, KeySpec: 'AES_256', EncryptionContext })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('STS', () => {
  const assume = (Tags: { Key: string; Value: string }[], more: object = {}) =>
    client(issue(role('Function'))).sts.send(
      new AssumeRoleCommand({
        RoleArn: role('Tenant'),
        RoleSessionName: 'tenant',
        DurationSeconds: 900,
        Tags,
        ...more,
      }),
    );

  it('gives credentials that act under the session tags', async () => {
    const { Credentials, AssumedRoleUser } = await assume([{ Key: 'c', Value: 'sts' }]);
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Tenant/tenant`);
    const { dynamodb: db, sts } = client({
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    });
    await db.send(put('T#sts'));
    await expect(db.send(put('T#acme'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(AssumedRoleUser?.Arn);
  });

  it('applies the trust policy to the tags asked for', async () => {
    await expect(assume([])).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume([{ Key: 'c', Value: '' }])).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('refuses a caller that the trust policy does not name, and a role that does not exist', async () => {
    const { sts } = client(issue(role('Tenant'), { c: 'acme' }));
    const Tags = [{ Key: 'c', Value: 'x' }];
    const ask = (RoleArn: string) => new AssumeRoleCommand({ RoleArn, RoleSessionName: 'tenant', Tags });
    await expect(sts.send(ask(role('Tenant')))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(sts.send(ask(role('Nobody')))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('refuses a session longer than role chaining allows, and malformed tags', async () => {
    const Tags = [{ Key: 'c', Value: 'x' }];
    await expect(assume(Tags, { DurationSeconds: 7200 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(assume([{ Key: 'c', Value: 'a*b' }])).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(assume([...Tags, { Key: 'C', Value: 'y' }])).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('does not ignore a parameter it does not serve', async () => {
    await expect(assume([{ Key: 'c', Value: 'x' }], { Policy: '{}' })).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('Policy'),
    });
  });
});

describe('an endpoint of the user', () => {
  it('gets allowed calls signed, and its errors come back as they were', async () => {
    const seen: (string | undefined)[] = [];
    const own = createServer((request, response) => {
      seen.push(request.headers['x-amz-target']?.toString(), request.headers.authorization?.split(' ')[0]);
      request.resume().on('end', () => {
        response
          .writeHead(400)
          .end(
            '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":{"a":{"S":"b"}}}',
          );
      });
    });
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(own.address() as AddressInfo).port}`);
    try {
      await expect(forwardDynamoDb(url, REGION, clock).call('PutItem', { TableName: 'Rows' })).rejects.toMatchObject({
        code: 'ConditionalCheckFailedException',
        item: { a: { S: 'b' } },
      });
      expect(seen).toEqual(['DynamoDB_20120810.PutItem', 'AWS4-HMAC-SHA256']);
    } finally {
      own.closeAllConnections();
      own.close();
    }
  });
});
