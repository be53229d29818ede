/** The gateway over real HTTP, with functions that are plain TypeScript. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { createGateway } from '../../../emulator/api-gateway/server.ts';
import type { InvocationResult } from '../../../emulator/lambda/invocation.ts';
import type { ApiModel, GatewayResponseModel, MethodModel } from '../../../emulator/cloudformation/api-model.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';

export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:Work';
export const AUTHORIZER = 'arn:aws:lambda:us-east-1:000000000000:function:Authorizer';

const proxy = (more: object = {}) => ({
  Type: 'AWS_PROXY' as const,
  functionArn: FUNCTION,
  stream: false,
  timeoutMs: 2_000,
  ...more,
});
export const mock = (status: string, headers: Record<string, string> = {}, more: object = {}) => ({
  Type: 'MOCK' as const,
  PassthroughBehavior: 'NEVER' as const,
  RequestTemplates: { 'application/json': `{"statusCode":${status}}` },
  IntegrationResponses: [
    {
      StatusCode: status,
      ResponseTemplates: { 'application/json': `{"fixed":${status}}` },
      ResponseParameters: headers,
    },
  ],
  ...more,
});
export const method = (
  httpMethod: string,
  path: string,
  integration: MethodModel['integration'],
  authorizerArn?: string,
): MethodModel => ({
  httpMethod,
  path,
  resourceId: path,
  authorizerArn,
  integration,
});

const METHODS = [
  method('POST', '/work', proxy()),
  method('GET', '/work', proxy()),
  method('ANY', '/work', mock('405', { 'method.response.header.Allow': "'POST'" })),
  method('POST', '/stream', proxy({ stream: true })),
  method('POST', '/slow', proxy({ timeoutMs: 60 })),
  method('POST', '/guarded', proxy(), AUTHORIZER),
  method('ANY', '/items/{id}', proxy()),
  method('ANY', '/items/fixed', mock('200')),
  method('ANY', '/rest/{proxy+}', proxy()),
];
export const ok: InvocationResult = { kind: 'buffered', payload: Buffer.from('{"statusCode":200,"body":"fine"}') };
export const buffered = (answer: unknown): InvocationResult => ({
  kind: 'buffered',
  payload: Buffer.from(JSON.stringify(answer)),
});
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly events: Record<string, unknown>[];
  readonly access: string[];
  readonly server: Server;
}

/** Listens on a free port; closed after the test. `functions` by ARN, in the place of one that says "fine". */
export async function setUpGateway(
  functions: Record<string, (event: Record<string, unknown>) => InvocationResult | Promise<InvocationResult>> = {},
  more: {
    gatewayResponses?: GatewayResponseModel[];
    stage?: Partial<ApiModel['stage']>;
    binaryMediaTypes?: string[];
    methods?: MethodModel[];
  } = {},
): Promise<TestGateway> {
  const events: Record<string, unknown>[] = [];
  const access: string[] = [];
  const server = createGateway({
    api: {
      id: 'api1234567',
      stage: { StageName: 'v1', Variables: {}, MethodSettings: [], ...more.stage },
      binaryMediaTypes: more.binaryMediaTypes ?? [],
      methods: more.methods ?? METHODS,
      gatewayResponses: new Map((more.gatewayResponses ?? []).map((one) => [one.ResponseType, one])),
    },
    place: EMULATED_PLACE,
    invoke: async (arn, event) => {
      events.push(event as Record<string, unknown>);
      return (functions[arn] ?? (() => ok))(event as Record<string, unknown>);
    },
    onAccess: (line) => access.push(line),
    onFailure: (error) => {
      throw error;
    },
    clock: Date.now,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, events, access, server };
}

/** Node's own client, so that header spelling and raw paths reach the wire as written. */
export async function call(
  { port }: TestGateway,
  httpMethod: string,
  path: string,
  options: { headers?: Record<string, string | string[]>; body?: string | Buffer } = {},
) {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method: httpMethod,
    path,
    headers: options.headers ?? {},
    agent: false,
  });
  request.end(options.body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let cut = false;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    cut = true;
  }
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString(), cut };
}
