/**
 * A function's result to an HTTP answer: the proxy object of a buffered integration, or prelude, eight NULs and body
 * of a streamed one. Anything else is malformed, which API Gateway answers with 502.
 */
import type { Readable } from 'node:stream';
import type { InvocationResult } from '../lambda/invocation.ts';
import type { ProxyIntegration } from '../cloudformation/api-model.ts';
import { functionHeaders, hasHeader, type HttpResponse } from './http-response.ts';
import type { GatewayResponseType } from './gateway-response.ts';

const STREAM_TYPE = 'application/vnd.awslambda.http-integration-response';
const DELIMITER = Buffer.alloc(8);
/** API Gateway looks for the delimiter in this much. */
const MAX_PRELUDE_BYTES = 16 * 1024;

/** The answer, or the gateway response that takes its place. */
export async function proxyAnswer(
  result: InvocationResult,
  integration: ProxyIntegration,
  acceptsBinary: boolean,
): Promise<HttpResponse | GatewayResponseType> {
  switch (result.kind) {
    case 'timed-out':
      return 'INTEGRATION_TIMEOUT';
    case 'failed':
      return 'INTEGRATION_FAILURE';
    case 'buffered':
      return integration.stream ? 'INTEGRATION_FAILURE' : buffered(result.payload, acceptsBinary);
    case 'streamed': {
      const answer = integration.stream && result.contentType === STREAM_TYPE ? await streamed(result) : undefined;
      if (answer === undefined) result.body.resume();
      return answer ?? 'INTEGRATION_FAILURE';
    }
  }
}

function buffered(payload: Buffer, acceptsBinary: boolean): HttpResponse | GatewayResponseType {
  const proxy = parseRecord(payload);
  const head = proxy === undefined ? undefined : headOf(proxy);
  const body = proxy?.['body'] ?? '';
  if (proxy === undefined || head === undefined || typeof body !== 'string') return 'INTEGRATION_FAILURE';
  const headers = hasHeader(head.headers, 'content-type')
    ? head.headers
    : { ...head.headers, 'Content-Type': ['application/json'] };
  const decode = proxy['isBase64Encoded'] === true && acceptsBinary;
  return { status: head.status, headers, body: Buffer.from(body, decode ? 'base64' : 'utf8') };
}

async function streamed(result: Extract<InvocationResult, { kind: 'streamed' }>): Promise<HttpResponse | undefined> {
  const start = await readPrelude(result.body);
  const prelude = start === undefined ? undefined : parseRecord(start.prelude);
  const head = prelude === undefined ? undefined : headOf(prelude);
  if (start === undefined || head === undefined) return undefined;
  const failed = result.failure.then((failure) => failure !== undefined);
  return { ...head, body: { first: start.first, rest: result.body, failed } };
}

/** Undefined when the stream ends, or grows too long, without the delimiter. */
function readPrelude(body: Readable): Promise<{ prelude: Buffer; first: Buffer } | undefined> {
  return new Promise((resolve) => {
    let read = Buffer.alloc(0);
    const settle = (value: { prelude: Buffer; first: Buffer } | undefined): void => {
      body.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
      resolve(value);
    };
    const onEnd = (): void => settle(undefined);
    const onData = (chunk: Buffer): void => {
      read = Buffer.concat([read, chunk]);
      const at = read.indexOf(DELIMITER);
      if (at !== -1 && at <= MAX_PRELUDE_BYTES)
        settle({ prelude: read.subarray(0, at), first: read.subarray(at + DELIMITER.length) });
      else if (read.length > MAX_PRELUDE_BYTES + DELIMITER.length) settle(undefined);
    };
    body.on('data', onData).on('end', onEnd).on('close', onEnd);
  });
}

/** Status and headers, or undefined when they cannot be sent. */
function headOf(proxy: Readonly<Record<string, unknown>>): Pick<HttpResponse, 'status' | 'headers'> | undefined {
  const status = Number(proxy['statusCode']);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const single = headerLists(proxy['headers']);
  const multi = headerLists(proxy['multiValueHeaders']);
  const cookies = headerLists({ 'Set-Cookie': proxy['cookies'] ?? [] });
  if (single === undefined || multi === undefined || cookies === undefined) return undefined;
  const merged = { ...single };
  for (const [name, values] of [...Object.entries(multi), ...Object.entries(cookies)])
    merged[name] = [...new Set([...values, ...(merged[name] ?? [])])];
  const headers = functionHeaders(Object.fromEntries(Object.entries(merged).filter(([, values]) => values.length > 0)));
  return headers === undefined ? undefined : { status, headers };
}

function headerLists(value: unknown): Record<string, readonly string[]> | undefined {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object') return undefined;
  const lists: Record<string, readonly string[]> = {};
  for (const [name, given] of Object.entries(value) as [string, unknown][]) {
    const values = Array.isArray(given) ? (given as unknown[]) : [given];
    if (values.some((one) => typeof one === 'object')) return undefined;
    lists[name] = values.filter((one) => one !== undefined).map(String);
  }
  return lists;
}

function parseRecord(json: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
