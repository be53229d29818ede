/** The limits on calls to AWS, with an endpoint that takes every request and answers none. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { authorizerLimits, AWS_LIMITS } from '../../../adapters/aws/time-limits.ts';
import { LOOKUP_MS } from '../../../lambda/authorizer/env.ts';
import { DeployConfig } from '../../../lib/deploy-config.ts';

let silent: Server;
let endpoint = '';
let asked = 0;
beforeAll(async () => {
  silent = createServer(() => {
    asked += 1;
  });
  await new Promise<void>((resolve) => {
    silent.listen(0, '127.0.0.1', resolve);
  });
  endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});
beforeEach(() => {
  asked = 0;
});

async function lookUp(options: NonNullable<ConstructorParameters<typeof DynamoDBClient>[0]>): Promise<unknown> {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new DynamoDBClient({ ...options, endpoint, region: 'eu-central-1', credentials });
  try {
    return await client.send(new GetItemCommand({ TableName: 'Keys', Key: { pk: { S: 'KEY#x' } } }));
  } finally {
    client.destroy();
  }
}

describe('an endpoint that does not answer', () => {
  it('is given up, not only warned about', async () => {
    // The same limits in small: the real ones take 20 s.
    const requestHandler = { ...AWS_LIMITS.requestHandler, requestTimeout: 50 };
    await expect(lookUp({ requestHandler, maxAttempts: 1 })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(asked).toBe(1);
  });

  it('is asked three times by the authorizer', async () => {
    await expect(lookUp(authorizerLimits(50))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(asked).toBe(3);
  });

  it('leaves the authorizer time to say so, even for the three lookups of a tenant key', () => {
    const { maxAttempts, requestHandler } = authorizerLimits(LOOKUP_MS);
    const { timeoutSeconds } = DeployConfig.parse({}).functions.authorizer;
    expect(3 * maxAttempts * requestHandler.requestTimeout).toBeLessThan(timeoutSeconds * 1_000 * 0.8);
  });
});
