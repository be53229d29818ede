/**
 * The one address that every AWS SDK call of a function goes to (`AWS_ENDPOINT_URL_*`): DynamoDB, KMS and STS.
 * Invariant: a call is dispatched only after its signature and session are verified and the template's policies
 * allow it, so a missing or too narrow permission fails here as it does in AWS.
 */
import { timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dynamodbRequests, type TableShape } from './dynamodb/dynamodb-request.ts';
import { SLOW_MS, type FaultKind, type Faults } from './faults.ts';
import { authorize, type Roles } from './iam/authorize.ts';
import { AwsError } from './wire/aws-error.ts';
import type { CredentialStore, AwsSession } from './iam/credentials.ts';
import { ConditionFailed, type DynamoDb, type Payload } from './dynamodb/dynamodb.ts';
import { amzDate, readClaim, signatureOf, type SignatureClaim, type SignedRequest } from './wire/signature.ts';

export interface AwsCall {
  readonly service: 'dynamodb' | 'kms' | 'sts';
  readonly action: string;
  /** Name of the calling role. */
  readonly role: string;
  readonly allowed: boolean;
}

export interface AwsEndpointDeps {
  readonly credentials: CredentialStore;
  readonly roles: Roles;
  readonly dynamodb: DynamoDb;
  readonly shapeOf: (table: string) => TableShape | undefined;
  readonly arnOf: (table: string) => string;
  readonly kms: (session: AwsSession, operation: string, input: Payload) => object;
  readonly sts: (session: AwsSession, operation: string, form: URLSearchParams) => string;
  readonly onCall: (call: AwsCall) => void;
  /** An error that is ours, not the caller's. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: () => number;
  /** Calls that fail on purpose. */
  readonly faults: Faults;
}

type Service = AwsCall['service'];
const SERVICES: readonly Service[] = ['dynamodb', 'kms', 'sts'];

interface Answer {
  readonly type: string;
  readonly body: string;
}

const MAX_BODY_BYTES = 17 * 1024 * 1024;
const MAX_CLOCK_SKEW_MS = 15 * 60_000;

/** The HTTP server, not yet listening. */
export function createAwsEndpoint(deps: AwsEndpointDeps): Server {
  const server = createServer((request, response) => {
    void serve(deps, request, response);
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

async function serve(deps: AwsEndpointDeps, message: IncomingMessage, response: ServerResponse): Promise<void> {
  let service: Service | undefined;
  try {
    const request = await read(message);
    const claim = readClaim(request.headers['authorization'] ?? '');
    if (claim === undefined)
      throw new AwsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
    service = SERVICES.find((name) => name === claim.service);
    if (service === undefined)
      throw new AwsError('UnknownOperationException', `The service ${claim.service} is not served on the laptop`);
    const session = authenticate(deps, request, claim);
    const fault = faultOf(deps, service, request);
    refuseAs(fault, service);
    const { type, body } = await dispatch(deps, service, session, request);
    if (fault === 'cut') return void message.socket.destroy();
    if (fault === 'slow') await delay(SLOW_MS, undefined, { ref: false });
    respond(response, 200, type, body);
  } catch (error) {
    if (!(error instanceof AwsError)) deps.onFailure(error);
    const known = error instanceof AwsError ? error : new AwsError('InternalServerError', 'Internal server error', 500);
    respondError(response, service, known);
  }
}

async function read(message: IncomingMessage): Promise<SignedRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AwsError('RequestEntityTooLarge', 'The request is too large', 413);
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
  return { method: message.method ?? '', target: message.url ?? '/', headers, body: Buffer.concat(chunks) };
}

/** Throws unless the request names a session that exists and proves that it knows its secret. */
function authenticate(deps: AwsEndpointDeps, request: SignedRequest, claim: SignatureClaim): AwsSession {
  const session = deps.credentials.find(claim.accessKeyId);
  if (session === undefined || !same(request.headers['x-amz-security-token'] ?? '', session.sessionToken)) {
    const sts = claim.service === 'sts';
    const code = sts ? 'InvalidClientTokenId' : 'UnrecognizedClientException';
    throw new AwsError(code, 'The security token included in the request is invalid.', sts ? 403 : 400);
  }
  const now = deps.clock();
  if (session.expires !== undefined && session.expires <= now)
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
  const at = amzDate(request.headers['x-amz-date'] ?? '');
  const recent = at !== undefined && Math.abs(at - now) <= MAX_CLOCK_SKEW_MS;
  const complete = claim.signedHeaders.includes('host') && claim.signedHeaders.includes('x-amz-date');
  if (!recent || !complete || !same(claim.signature, signatureOf(request, claim, session.secretAccessKey))) {
    const message = 'The request signature we calculated does not match the signature you provided.';
    throw new AwsError('InvalidSignatureException', message);
  }
  return session;
}

function faultOf(deps: AwsEndpointDeps, service: Service, request: SignedRequest): FaultKind | undefined {
  const { operation } = asked(service, request);
  return deps.faults.of({ service, operation, invocation: request.headers['amz-sdk-invocation-id'] });
}

/** Throws what a service says that limits or is down; a call that fails in another way is done first. */
function refuseAs(fault: FaultKind | undefined, service: Service): void {
  if (fault === 'throttle') {
    const code = { dynamodb: 'ProvisionedThroughputExceededException', kms: 'ThrottlingException', sts: 'Throttling' };
    throw new AwsError(code[service], 'Rate exceeded');
  }
  if (fault === 'down') throw new AwsError('ServiceUnavailable', 'Service is unavailable', 503);
}

interface Asked {
  readonly operation: string;
  readonly text: string;
  /** Of STS, which is asked by a form. */
  readonly form: URLSearchParams;
}

function asked(service: Service, request: SignedRequest): Asked {
  const text = Buffer.from(request.body).toString('utf8');
  const form = new URLSearchParams(service === 'sts' ? text : '');
  const named = service === 'sts' ? form.get('Action') : (request.headers['x-amz-target'] ?? '').split('.')[1];
  return { operation: named ?? '', text, form };
}

async function dispatch(
  deps: AwsEndpointDeps,
  service: Service,
  session: AwsSession,
  request: SignedRequest,
): Promise<Answer> {
  const { operation, text, form } = asked(service, request);
  const note = (allowed: boolean) =>
    deps.onCall({ service, action: `${service}:${operation}`, role: session.role, allowed });
  try {
    const answer = await run(deps, service, session, operation, form, text);
    note(true);
    return answer;
  } catch (error) {
    note(!(error instanceof AwsError && error.code.startsWith('AccessDenied')));
    throw error;
  }
}

async function run(
  deps: AwsEndpointDeps,
  service: Service,
  session: AwsSession,
  operation: string,
  form: URLSearchParams,
  text: string,
): Promise<Answer> {
  if (service === 'sts') return { type: 'text/xml', body: deps.sts(session, operation, form) };
  const payload = parse(text);
  if (service === 'kms')
    return { type: 'application/x-amz-json-1.1', body: JSON.stringify(deps.kms(session, operation, payload)) };
  const requests = dynamodbRequests(operation, payload, deps);
  if (requests === undefined || requests.length === 0)
    throw new AwsError('UnknownOperationException', `dynamodb:${operation} is not served on the laptop`);
  for (const one of requests) authorize(session, deps.roles, one, undefined);
  return { type: 'application/x-amz-json-1.0', body: JSON.stringify(await deps.dynamodb.call(operation, payload)) };
}

function parse(text: string): Payload {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Payload;
  } catch {
    // Falls through to the same answer.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object');
}

function respondError(response: ServerResponse, service: Service | undefined, error: AwsError): void {
  if (service === 'sts') {
    const fault = error.status < 500 ? 'Sender' : 'Receiver';
    const body = `<ErrorResponse><Error><Type>${fault}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error></ErrorResponse>`;
    return respond(response, error.status, 'text/xml', body);
  }
  const prefix = service === 'dynamodb' ? 'com.amazonaws.dynamodb.v20120810#' : '';
  const item = error instanceof ConditionFailed ? { Item: error.item } : {};
  const body = JSON.stringify({ __type: `${prefix}${error.code}`, message: error.message, ...item });
  return respond(response, error.status, 'application/x-amz-json-1.0', body);
}

function respond(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
