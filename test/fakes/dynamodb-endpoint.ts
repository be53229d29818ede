/**
 * The laptop's tables behind an address of their own (the runtime's `dynamodbEndpoint`), so that a test can stop one
 * call before or after it is done, and can read what is stored. In memory.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../../emulator/wire/aws-error.ts';
import { openDynamoDb, type DynamoDb, type Payload } from '../../emulator/dynamodb/dynamodb.ts';
import { createHold, type Hold, type HoldPoint } from './hold.ts';

export interface DynamoDbEndpoint {
  readonly url: URL;
  readonly call: DynamoDb['call'];
  /** Stops the first call that fits: before it is done, or when only its answer is missing. */
  readonly hold: (at: 'before' | 'after', fits: (operation: string, payload: Payload) => boolean) => Hold;
  readonly stop: () => Promise<void>;
}

interface Held {
  readonly at: 'before' | 'after';
  readonly fits: (operation: string, payload: Payload) => boolean;
  readonly point: HoldPoint;
}

export async function startDynamoDbEndpoint(): Promise<DynamoDbEndpoint> {
  const dynamodb = await openDynamoDb({ account: '123456789012', region: 'eu-central-1' });
  const holds: Held[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const payload = JSON.parse(body) as Payload;
    const at = holds.findIndex(({ fits }) => fits(operation, payload));
    const [held] = at === -1 ? [] : holds.splice(at, 1);
    if (held?.at === 'before' && (await held.point.arrive()) === 'drop') return void request.socket.destroy();
    const [status, done] = await run(operation, payload);
    if (held?.at === 'after' && (await held.point.arrive()) === 'drop') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(done));
  }

  async function run(operation: string, payload: Payload): Promise<readonly [number, object]> {
    try {
      return [200, await dynamodb.call(operation, payload)];
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return [error.status, { __type: error.code, message: error.message }];
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    call: (operation, payload) => dynamodb.call(operation, payload),
    hold(at, fits) {
      const point = createHold();
      holds.push({ at, fits, point });
      return point;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await dynamodb.close();
    },
  };
}
