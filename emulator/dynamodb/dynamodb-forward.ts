/**
 * A DynamoDB-compatible endpoint that the user brings. Calls reach it after the policy check,
 * signed with the credentials every such emulator takes.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AwsError } from '../wire/aws-error.ts';
import { ConditionFailed, type DynamoDb, type Payload } from './dynamodb.ts';
import { signatureOf, toAmzDate } from '../wire/signature.ts';

const ACCESS_KEY_ID = 'local';
const SECRET_ACCESS_KEY = 'local';
const TIMEOUT_MS = 30_000;

export function forwardDynamoDb(endpoint: URL, region: string, clock: () => number): DynamoDb {
  return {
    async call(operation, payload) {
      const body = Buffer.from(JSON.stringify(payload));
      const { status, body: answered } = await send(
        endpoint,
        headers(endpoint, region, clock(), operation, body),
        body,
      );
      const answer = JSON.parse(answered) as Payload;
      if (status === 200) return answer;
      throw failure(status, answer);
    },
    close: async () => {},
  };
}

function failure(status: number, answer: Payload): AwsError {
  const type = text(answer['__type']) ?? 'InternalServerError';
  const code = type.slice(type.indexOf('#') + 1);
  const message = text(answer['message']) ?? text(answer['Message']) ?? '';
  if (code === 'ConditionalCheckFailedException' && answer['Item'] !== undefined)
    return new ConditionFailed(message, answer['Item']);
  return new AwsError(code, message, status);
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function headers(endpoint: URL, region: string, now: number, operation: string, body: Buffer) {
  const date = toAmzDate(now);
  const signed = { host: endpoint.host, 'x-amz-date': date, 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const scope = { date: date.slice(0, 8), region, service: 'dynamodb', signedHeaders: Object.keys(signed) };
  const signature = signatureOf({ method: 'POST', target: '/', headers: signed, body }, scope, SECRET_ACCESS_KEY);
  return {
    ...signed,
    'content-type': 'application/x-amz-json-1.0',
    'content-length': String(body.length),
    authorization:
      `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scope.date}/${region}/dynamodb/aws4_request, ` +
      `SignedHeaders=${scope.signedHeaders.join(';')}, Signature=${signature}`,
  };
}

function send(endpoint: URL, sent: Record<string, string>, body: Buffer): Promise<{ status: number; body: string }> {
  const open = endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = open(new URL('/', endpoint), { method: 'POST', headers: sent, timeout: TIMEOUT_MS }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
    });
    request.on('timeout', () => request.destroy(new Error(`${endpoint.host} did not answer in ${TIMEOUT_MS} ms`)));
    request.on('error', reject);
    request.end(body);
  });
}
