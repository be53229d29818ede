/** The AWS endpoint as the real SDK sees it: signatures, sessions, policies, DynamoDB. */
import { request as httpRequest } from 'node:http';
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, TABLE, put, role, setUpAws } from './set-up.ts';

const { advance, calls, client, issue, revoke, url } = await setUpAws();
const MINUTE_MS = 60_000;

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
    const expired = issue(role('Tenant'), { c: 'acme' }, Date.now() - 1);
    await expect(client(expired).dynamodb.send(put('T#acme'))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    const revoked = issue(role('Tenant'), { c: 'acme' });
    revoke(revoked);
    await expect(client(revoked).dynamodb.send(put('T#acme'))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  it('cannot be replayed a quarter of an hour later', async () => {
    const session = issue(role('Tenant'), { c: 'acme' });
    advance(16 * MINUTE_MS);
    try {
      await expect(client(session).dynamodb.send(put('T#acme'))).rejects.toMatchObject({
        name: 'InvalidSignatureException',
      });
    } finally {
      advance(-16 * MINUTE_MS);
    }
  });

  it('is needed: an unsigned request is refused', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(url, { method: 'POST', headers: { 'x-amz-target': 'DynamoDB_20120810.Scan' } }, (answer) => {
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
