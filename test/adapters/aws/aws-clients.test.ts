/** One name for the failures of AWS that pass by themselves, and one place where clients are made. */
import { execFileSync } from 'node:child_process';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { createDynamoDbClient, createKmsClient, createStsClient } from '../../../adapters/aws/aws-clients.ts';
import { Unavailable } from '../../../core/unavailable.ts';

/** What a client throws when this is what is left after the SDK's own tries. */
async function thrown(failure: unknown): Promise<unknown> {
  const client = createDynamoDbClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  client.middlewareStack.add(() => () => Promise.reject(failure as Error), { step: 'initialize', priority: 'low' });
  const command = new GetItemCommand({ TableName: 'Keys', Key: { pk: { S: 'x' } } });
  return client.send(command).catch((error: unknown) => error);
}

const named = (name: string, more: object = {}) => Object.assign(new Error('secret text'), { name, ...more });

describe('a client of AWS', () => {
  it.each([
    named('ProvisionedThroughputExceededException'),
    named('ThrottlingException'),
    named('KMSInvalidStateException'),
    named('DisabledException'),
    named('ExpiredTokenException'),
    named('TimeoutError'),
    named('Anything', { $metadata: { httpStatusCode: 503 } }),
    named('Anything', { $retryable: { throttling: true } }),
    named('Error', { code: 'ECONNRESET' }),
    named('Error', { code: 'ECONNREFUSED' }),
    named('Error', { code: 'EPIPE' }),
    named('Error', { code: 'ENOTFOUND' }),
    named('Error', { code: 'EAI_AGAIN' }),
  ])('calls an outage by one name: $name $code', async (failure) => {
    const error = await thrown(failure);
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ service: 'store', cause: failure });
    expect(String(error)).not.toContain('secret text');
  });

  it.each([
    named('AccessDeniedException', { $metadata: { httpStatusCode: 400 } }),
    named('ConditionalCheckFailedException', { $metadata: { httpStatusCode: 400 } }),
    named('ValidationException', { $metadata: { httpStatusCode: 400 } }),
    named('TypeError'),
    'a text',
  ])('passes on what is not an outage: %s', async (failure) => {
    expect(await thrown(failure)).toBe(failure);
  });

  it('has the limits that every client has', async () => {
    for (const client of [createDynamoDbClient(), createKmsClient(), createStsClient()])
      expect(client.config.requestHandler).toBeDefined();
  });

  it('is made in one place', () => {
    const made = execFileSync(
      'git',
      ['grep', '-lE', 'new (DynamoDB|KMS|STS)Client\\(', '--', 'core', 'adapters', 'lambda'],
      {
        encoding: 'utf8',
      },
    );
    expect(made.trim().split('\n')).toEqual(['adapters/aws/aws-clients.ts']);
  });
});
