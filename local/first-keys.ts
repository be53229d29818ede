/**
 * The first start over a data folder: an operator key from the bootstrap function, as IAM gives it to an
 * administrator, and with it one ready key of client `local` through the admin API.
 */
import { request as httpRequest } from 'node:http';
import { z } from 'zod';
import type { DataFolder } from './data-folder.ts';

export interface FirstKeys {
  readonly operatorKey: string | undefined;
  /** Shown once; undefined on every later start. */
  readonly firstKey: string | undefined;
}

const Bootstrap = z.object({ operator_key: z.string().min(1) });
const NewKey = z.object({ key: z.string().min(1) });
const TIMEOUT_MS = 15_000;

export async function firstKeys(
  folder: DataFolder,
  server: {
    readonly url: string;
    readonly bootstrapFunction: string | undefined;
    readonly invoke: (name: string, event: unknown) => Promise<unknown>;
  },
): Promise<FirstKeys> {
  const known = folder.operatorKey();
  if (known !== undefined || server.bootstrapFunction === undefined) return { operatorKey: known, firstKey: undefined };
  const { operator_key: operatorKey } = Bootstrap.parse(await server.invoke(server.bootstrapFunction, {}));
  const body = { client: 'local', type: 'platform', name: 'first key' };
  const { key } = NewKey.parse(await post(`${server.url}/admin/v1/keys`, operatorKey, body));
  // Last: a start that dies before this line is a first start again.
  folder.saveOperatorKey(operatorKey);
  return { operatorKey, firstKey: key };
}

function post(url: string, operatorKey: string, body: object): Promise<unknown> {
  const text = JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${operatorKey}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', headers, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 201)
          reject(new Error(`The first key could not be made: the admin API answered ${response.statusCode}.`));
        else resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      });
    });
    request.on('timeout', () => request.destroy(new Error('The admin API did not answer.')));
    request.on('error', reject);
    request.end(text);
  });
}
