/**
 * A request as API Gateway hands it to functions: the v1 proxy event and the authorizer's REQUEST event
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html).
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ApiModel } from '../cloudformation/api-model.ts';
import type { Place } from '../cloudformation/physical.ts';
import type { GatewayRoute } from './routes.ts';

/** What does not depend on the route. */
export interface GatewayRequest {
  readonly id: string;
  readonly method: string;
  /** As sent, percent-encoding kept, without the query. */
  readonly path: string;
  readonly query: Multi;
  readonly headers: Multi;
  readonly host: string;
  readonly sourceIp: string;
  readonly receivedAt: number;
}

/** Values by name, in the order and spelling of the first occurrence. */
type Multi = Readonly<Record<string, readonly string[]>>;

/** Who asks, before it is known who that is: what the request carries to say so. */
export function askerOf({ headers, query }: GatewayRequest): string {
  const { authorization, 'x-api-key': key } = Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name.toLowerCase(), values]),
  );
  return JSON.stringify([authorization, key, query]);
}

/** Who asks, once that is known; without an authorizer, whoever asks for the same address. */
export function callerOf({ path, query }: GatewayRequest, context: object): string {
  const { authorizer } = context as { readonly authorizer?: { readonly principalId?: string } };
  return JSON.stringify([authorizer?.principalId ?? path, query]);
}

/** API Gateway's limit for bodies. */
export const MAX_GATEWAY_BODY_BYTES = 10 * 1024 * 1024;
const MAX_DROPPED_BYTES = 4 * MAX_GATEWAY_BODY_BYTES;

/** Not handed on by API Gateway: they speak about the connection to it. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'upgrade',
  'expect',
  'proxy-authorization',
]);

export function readRequest(message: IncomingMessage, now: number): GatewayRequest {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const host = message.headers.host ?? '';
  return {
    id: randomUUID(),
    method: message.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: grouped(mark === -1 ? [] : [...new URLSearchParams(url.slice(mark + 1))], (name) => name),
    headers: {
      ...grouped(headerPairs(message), (name) => name.toLowerCase()),
      'X-Amzn-Trace-Id': [`Root=1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString('hex')}`],
      'X-Forwarded-For': [message.socket.remoteAddress ?? '127.0.0.1'],
      'X-Forwarded-Port': [host.split(':').at(-1) ?? '80'],
      'X-Forwarded-Proto': ['http'],
    },
    host,
    sourceIp: message.socket.remoteAddress ?? '127.0.0.1',
    receivedAt: now,
  };
}

/** The first value of a header, whatever its spelling. */
export function header(request: GatewayRequest, name: string): string | undefined {
  return Object.entries(request.headers).find(([given]) => given.toLowerCase() === name)?.[1][0];
}

/**
 * The body, or undefined when it is larger than `MAX_BODY_BYTES`. Some more is read and dropped then: a client that is
 * answered while it sends sees a broken connection and no answer.
 */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_DROPPED_BYTES) return undefined;
    if (size <= MAX_GATEWAY_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_GATEWAY_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

export interface EventScope {
  readonly api: ApiModel;
  readonly place: Place;
}

/** `event.requestContext`; the authorizer's context is added once it is known. */
export function requestContextOf(request: GatewayRequest, route: GatewayRoute, { api, place }: EventScope): object {
  const at = new Date(request.receivedAt);
  return {
    accountId: place.account,
    apiId: api.id,
    domainName: request.host,
    domainPrefix: request.host.split(/[.:]/)[0],
    extendedRequestId: Buffer.from(request.id).toString('base64').slice(0, 16),
    httpMethod: request.method,
    identity: { ...NO_IDENTITY, sourceIp: request.sourceIp, userAgent: header(request, 'user-agent') ?? null },
    // Like a custom domain: the stage is not part of the path.
    path: request.path,
    protocol: 'HTTP/1.1',
    requestId: request.id,
    requestTime: commonLogTime(at),
    requestTimeEpoch: request.receivedAt,
    resourceId: route.method.resourceId,
    resourcePath: route.method.path,
    stage: api.stage.StageName,
  };
}

/** What the authorizer's event and the integration's event have in common. */
export function eventOf(request: GatewayRequest, route: GatewayRoute, context: object, { api }: EventScope): object {
  const { Variables } = api.stage;
  return {
    resource: route.method.path,
    path: request.path,
    httpMethod: request.method,
    headers: lastOf(request.headers),
    multiValueHeaders: request.headers,
    queryStringParameters: orNull(lastOf(request.query)),
    multiValueQueryStringParameters: orNull(request.query),
    pathParameters: route.pathParameters,
    stageVariables: orNull(Variables),
    requestContext: context,
  };
}

/** `body` and `isBase64Encoded`: text, unless the API declares the content type as binary. */
export function bodyOf(request: GatewayRequest, body: Buffer, binaryMediaTypes: readonly string[]): object {
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  const binary = isBinary(header(request, 'content-type') ?? 'application/json', binaryMediaTypes);
  return { body: body.toString(binary ? 'base64' : 'utf8'), isBase64Encoded: binary };
}

export function isBinary(mediaType: string, binaryMediaTypes: readonly string[]): boolean {
  const [type = ''] = mediaType.toLowerCase().split(/[;,]/);
  const [major = ''] = type.trim().split('/');
  return binaryMediaTypes.some((one) => one === '*/*' || one === type.trim() || one === `${major}/*`);
}

/** `arn:aws:execute-api:…/stage/METHOD/path`, with the path as it was sent. */
export function methodArn(request: GatewayRequest, { api, place }: EventScope): string {
  const { StageName } = api.stage;
  return `arn:aws:execute-api:${place.region}:${place.account}:${api.id}/${StageName}/${request.method}${request.path}`;
}

const NO_IDENTITY = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};

function headerPairs({ rawHeaders }: IncomingMessage): readonly [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    // What a client says about forwarding is replaced by what is known here.
    if (!HOP_BY_HOP.has(lower) && !/^x-(forwarded-(for|port|proto)|amzn-trace-id)$/.test(lower))
      pairs.push([name, rawHeaders[i + 1] ?? '']);
  }
  return pairs;
}

function grouped(pairs: readonly (readonly [string, string])[], same: (name: string) => string): Multi {
  const groups = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of pairs) {
    const group = groups.get(same(name));
    if (group === undefined) groups.set(same(name), { name, values: [value] });
    else group.values.push(value);
  }
  return Object.fromEntries([...groups.values()].map(({ name, values }) => [name, values]));
}

function lastOf(multi: Multi): Record<string, string> {
  return Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) ?? '']));
}

function orNull<T extends object>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value;
}

/** `22/Nov/2026:02:45:00 +0000`. */
function commonLogTime(at: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(at.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
