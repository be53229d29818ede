/**
 * The HTTP server in the place of API Gateway, on loopback. It serves what the model declares and nothing else.
 * Invariant: a request whose Host is not this server's own address is refused before anything runs, so that a web
 * page cannot reach it through a name of its own (DNS rebinding).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_PAYLOAD_BYTES, type InvocationResult } from '../lambda/invocation.ts';
import type { ApiModel, ProxyIntegration } from '../cloudformation/api-model.ts';
import type { Place } from '../cloudformation/physical.ts';
import type { HttpResponse, StreamedBody } from './http-response.ts';
import { readAuthorization } from './authorizer.ts';
import { checkGatewayResponses, gatewayResponse, type GatewayResponseType } from './gateway-response.ts';
import {
  askerOf,
  bodyOf,
  callerOf,
  eventOf,
  header,
  isBinary,
  methodArn,
  readBody,
  readRequest,
  requestContextOf,
  type GatewayRequest,
} from './gateway-request.ts';
import { checkMock, mockAnswer } from './mock.ts';
import { proxyAnswer } from './proxy-response.ts';
import { findRoute, type GatewayRoute } from './routes.ts';
import { createThrottle } from './throttle.ts';
import { flatten, render } from './variables.ts';

export interface GatewayDeps {
  readonly api: ApiModel;
  readonly place: Place;
  /** Runs a function by ARN, for a caller: where functions are busy, callers take turns. */
  readonly invoke: (functionArn: string, event: object, caller: string) => Promise<InvocationResult>;
  readonly onAccess: (line: string) => void;
  /** An error that is ours, not the client's. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: () => number;
}

/** API Gateway's limit for the request line and all headers together. */
const MAX_HEADER_BYTES = 10_240;
/** How long a client may take to read the refusal of a tunnel. */
const GIVEN_UP_MS = 1_000;
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Not yet listening. Throws when the model holds an answer that cannot be given as declared. */
export function createGateway(deps: GatewayDeps): Server {
  const { api } = deps;
  checkGatewayResponses(api);
  for (const { integration, httpMethod, path } of api.methods)
    if (integration.Type === 'MOCK') checkMock(integration, `${httpMethod} ${path}`);
  const throttle = createThrottle(api.stage.MethodSettings, deps.clock);

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 60_000 }, (message, response) => {
    serve(deps, throttle, message, response).catch((error: unknown) => {
      deps.onFailure(error);
      response.destroy();
    });
  });
  server.on('clientError', refuseUnreadable);
  // Node would hang up on a tunnel without a word. It gives the socket away, so nobody else would read or close it.
  server.on('connect', (message, socket) => {
    refuseUnreadable(new Error(message.method), socket.resume());
    setTimeout(() => socket.destroy(), GIVEN_UP_MS).unref();
  });
  return server;
}

async function serve(
  deps: GatewayDeps,
  throttle: () => boolean,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { api } = deps;
  if (!isOwnHost(message)) return refuseHost(message, response);
  const request = readRequest(message, deps.clock());
  const route = findRoute(api.methods, request.method, request.path);
  const scope = { api, place: deps.place };
  let context: object =
    route === undefined
      ? { requestId: request.id, httpMethod: request.method, path: request.path, stage: api.stage.StageName }
      : requestContextOf(request, route, scope);
  const refuse = (type: GatewayResponseType): HttpResponse => gatewayResponse(type, api, flatten(context));

  const answer = async (): Promise<HttpResponse> => {
    if (route === undefined) return refuse('MISSING_AUTHENTICATION_TOKEN');
    if (!throttle()) return refuse('THROTTLED');
    const body = await readBody(message);
    if (body === undefined) return refuse('REQUEST_TOO_LARGE');
    const { method } = route;
    if (method.authorizerArn !== undefined) {
      const arn = methodArn(request, scope);
      const event = { type: 'REQUEST', methodArn: arn, ...eventOf(request, route, context, scope) };
      const authorization = readAuthorization(await deps.invoke(method.authorizerArn, event, askerOf(request)), arn);
      context = { ...context, authorizer: authorization.context };
      if (!authorization.allowed) return refuse(authorization.type);
    }
    const given =
      method.integration.Type === 'MOCK'
        ? mockAnswer(method.integration, header(request, 'content-type'), body, flatten(context))
        : await runProxy(deps, method.integration, request, route, context, body);
    return typeof given === 'string' ? refuse(given) : given;
  };

  const given = await answer();
  const before = deps.clock();
  await send(message, response, request, given);
  const { AccessLogSetting } = api.stage;
  if (AccessLogSetting === undefined) return;
  const measured = {
    status: String(given.status),
    responseLatency: String(deps.clock() - request.receivedAt),
    'integration.latency': route === undefined ? undefined : String(before - request.receivedAt),
    'error.responseType': given.gatewayResponse,
  };
  deps.onAccess(render(AccessLogSetting.Format, { ...flatten(context), ...measured }, '-'));
}

async function runProxy(
  deps: GatewayDeps,
  integration: ProxyIntegration,
  request: GatewayRequest,
  route: GatewayRoute,
  context: object,
  body: Buffer,
): Promise<HttpResponse | GatewayResponseType> {
  const { api } = deps;
  const event = { ...eventOf(request, route, context, deps), ...bodyOf(request, body, api.binaryMediaTypes) };
  // Text can double when it becomes JSON; the exact size is only worth knowing near the limit.
  if (body.length > MAX_PAYLOAD_BYTES / 8 && Buffer.byteLength(JSON.stringify(event)) > MAX_PAYLOAD_BYTES)
    return 'REQUEST_TOO_LARGE';
  const acceptsBinary = isBinary(header(request, 'accept') ?? '', api.binaryMediaTypes);
  const invocation = deps.invoke(integration.functionArn, event, callerOf(request, context));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), integration.timeoutMs);
  });
  const result = await Promise.race([invocation, late]);
  clearTimeout(timer);
  if (result !== 'late') return proxyAnswer(result, integration, acceptsBinary);
  void invocation.then((dropped) => dropped.kind === 'streamed' && dropped.body.resume());
  return 'INTEGRATION_TIMEOUT';
}

async function send(
  message: IncomingMessage,
  response: ServerResponse,
  request: GatewayRequest,
  { status, headers, body }: HttpResponse,
): Promise<void> {
  response.setHeader('x-amzn-RequestId', request.id);
  for (const [name, values] of Object.entries(headers))
    response.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  if (!Buffer.isBuffer(body)) {
    response.writeHead(status);
    return stream(response, body);
  }
  const bodiless = status === 204 || status === 304;
  if (!bodiless) response.setHeader('Content-Length', body.length);
  response.writeHead(status);
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  response.end(bodiless ? undefined : body);
  // What was not read of the body must not be taken for the next request.
  message.resume();
  await closed;
}

/** A client that leaves does not stop the function; what it still writes is read and dropped. */
async function stream(response: ServerResponse, { first, rest, failed }: StreamedBody): Promise<void> {
  response.flushHeaders();
  if (first.length > 0) response.write(first);
  response.once('close', () => rest.unpipe(response).resume());
  rest.pipe(response, { end: false });
  if (await failed) response.destroy();
  if (response.destroyed) return;
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  response.end();
  await closed;
}

function isOwnHost(message: IncomingMessage): boolean {
  const port = message.socket.localPort;
  const host = message.headers.host?.toLowerCase();
  return LOOPBACK_NAMES.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}

function refuseHost({ socket: { localPort } }: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify({
    message: `This server answers only at its own loopback address, http://127.0.0.1:${localPort}.`,
  });
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' }).end(body);
}

/** What the HTTP parser refuses never becomes a request. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const [line, message] = tooLong
    ? ['431 Request Header Fields Too Large', `The request line and headers exceed ${MAX_HEADER_BYTES} bytes.`]
    : ['400 Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${line}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
