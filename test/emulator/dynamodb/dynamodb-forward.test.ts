/** A DynamoDB that the user brings in the place of the built-in one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { forwardDynamoDb } from '../../../emulator/dynamodb/dynamodb-forward.ts';

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
      await expect(
        forwardDynamoDb(url, 'us-east-1', Date.now).call('PutItem', { TableName: 'Rows' }),
      ).rejects.toMatchObject({
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
