/**
 * The laptop runtime as one object: everything a deployed stack is, on loopback, from a cloud assembly.
 * Invariant: a start that fails leaves nothing running and the data folder free.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCredentialStore } from './aws/credentials.ts';
import { openDynamoDb, type DynamoDb } from './aws/dynamodb.ts';
import { forwardDynamoDb } from './aws/dynamodb-forward.ts';
import { createAwsEndpoint, type AwsCall } from './aws/endpoint.ts';
import { createKms } from './aws/kms.ts';
import { createSts } from './aws/sts.ts';
import { openDataFolder, StartRefused, type DataFolder } from './data-folder.ts';
import { firstKeys } from './first-keys.ts';
import { functionEnvironment } from './function-environment.ts';
import { openFunctionLogs } from './function-log.ts';
import { createGateway } from './gateway/server.ts';
import { createFunctionHost, type FunctionHost } from './lambda/function-host.ts';
import { ensureTables, removeExpired } from './tables.ts';
import type { FunctionModel } from './template/function-model.ts';
import { readModel, type Model } from './template/model.ts';

export interface RuntimeOptions {
  /** Folder of a cloud assembly. */
  readonly assembly: string;
  /** Data folder; made when it does not exist. */
  readonly data: string;
  /** 0: any free port. */
  readonly port: number;
  /** Vendor hosts that go to loopback fakes, e.g. `{'acme.example.com': 'http://127.0.0.1:4010'}`. */
  readonly routes?: Readonly<Record<string, string>>;
  /** A DynamoDB-compatible endpoint to use instead of the built-in engine. */
  readonly dynamodbEndpoint?: URL | undefined;
  /** Receives warnings and errors for a person. */
  readonly warn: (line: string) => void;
  /** Node binary of the functions. Default: this one. */
  readonly node?: string | undefined;
  /** What this operating system needs to start a process. */
  readonly system?: Readonly<Record<string, string>>;
  readonly maxEnvironments?: number;
  /** Folders to run functions from instead of the assembly's, by logical id or its start. Roles and routes stay. */
  readonly code?: Readonly<Record<string, string>>;
  readonly clock?: () => number;
}

export interface Runtime {
  /** e.g. `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly model: Model;
  /** Undefined when the template has no bootstrap function. */
  readonly operatorKey: string | undefined;
  /** A ready key of client `local`, on the first start over a data folder only. */
  readonly firstKey: string | undefined;
  /** Invokes a function by name, or by the start of its logical id, as IAM would allow an administrator. */
  readonly invoke: (name: string, event: unknown) => Promise<unknown>;
  /** The AWS calls since the last reset, at most the newest 10,000. */
  readonly awsCalls: () => readonly AwsCall[];
  readonly resetAwsCalls: () => void;
  readonly stop: () => Promise<void>;
}

const MAX_ENVIRONMENTS = 8;
const KEPT_CALLS = 10_000;
const EXPIRY_EVERY_MS = 3_600_000;
/** How long running requests may still take when the server stops. */
const GRACE_MS = 500;

/** Ends what was opened, newest first. */
type Closer = () => Promise<void> | void;

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const closers: Closer[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return await open(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(options: RuntimeOptions, closers: Closer[], close: Closer): Promise<Runtime> {
  const clock = options.clock ?? Date.now;
  const fail = (error: unknown): void =>
    options.warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const model = readModel(options.assembly);
  const folder = openDataFolder(options.data);
  closers.push(folder.release);
  const material = folder.keyMaterial(model.keys.map(({ id }) => id));
  const dynamodb = await openDatabase(options, model, folder, clock);
  closers.push(dynamodb.close);
  await ensureTables(dynamodb, model.tables);

  const credentials = createCredentialStore(clock);
  const calls: AwsCall[] = [];
  const { account, region } = model.place;
  const endpoint = createAwsEndpoint({
    credentials,
    roles: model.roles,
    dynamodb,
    shapeOf: (name) => model.tables.find((table) => table.name === name),
    arnOf: (name) => `arn:aws:dynamodb:${region}:${account}:table/${name}`,
    kms: createKms({ keys: model.keys, material, roles: model.roles, account }),
    sts: createSts({ roles: model.roles, credentials, clock }),
    onCall: (call) => {
      if (calls.length >= 2 * KEPT_CALLS) calls.splice(0, KEPT_CALLS);
      calls.push(call);
    },
    onFailure: fail,
    clock,
  });
  const awsPort = await listen(endpoint, 0);
  closers.push(() => shut(endpoint, 0));

  const logs = openFunctionLogs(folder.logs, options.warn);
  closers.push(logs.close);
  const awsEndpoint = `http://127.0.0.1:${awsPort}`;
  const hosts = new Map(
    model.functions.map((fn) => {
      const system = options.system ?? {};
      const host = createFunctionHost({
        name: fn.name,
        arn: fn.arn,
        node: options.node ?? process.execPath,
        taskRoot: codeOf(fn, options.code),
        environmentVariables: () => functionEnvironment(fn, { place: model.place, credentials, awsEndpoint, system }),
        memoryMb: fn.memoryMb,
        timeoutMs: fn.timeoutMs,
        routes: options.routes ?? {},
        maxEnvironments: options.maxEnvironments ?? MAX_ENVIRONMENTS,
        onLine: (line) => logs.write(fn.name, line),
        clock,
      });
      return [fn.arn, host] as const;
    }),
  );
  closers.push(async () => void (await Promise.all([...hosts.values()].map((host) => host.stop()))));

  const gateway = createGateway({
    api: model.api,
    place: model.place,
    invoke: (arn, event) => hostOf(hosts, arn).invoke(event),
    onAccess: (line) => logs.write('access', line),
    onFailure: fail,
    clock,
  });
  const port = await listen(gateway, options.port);
  closers.push(() => shut(gateway, GRACE_MS));
  await Promise.all(warmArns(model).map((arn) => hostOf(hosts, arn).warm()));
  const sweep = setInterval(() => expire(dynamodb, model, clock, fail), EXPIRY_EVERY_MS).unref();
  closers.push(() => clearInterval(sweep));

  const url = `http://127.0.0.1:${port}`;
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    const fn = model.functions.find((one) => one.name === name || one.logicalId.startsWith(name));
    if (fn === undefined) throw new Error(`There is no function ${name}.`);
    const result = await hostOf(hosts, fn.arn).invoke(event);
    if (result.kind === 'buffered') return JSON.parse(result.payload.toString('utf8')) as unknown;
    throw new Error(`${name} ${result.kind === 'failed' ? `failed: ${result.error.message}` : 'gave no answer'}`);
  };
  const keys = await firstKeys(folder, { url, bootstrapFunction: model.bootstrapFunction, invoke });
  folder.announce(url);
  return {
    url,
    model,
    ...keys,
    invoke,
    awsCalls: () => calls.slice(-KEPT_CALLS),
    resetAwsCalls: () => void calls.splice(0),
    stop: async () => close(),
  };
}

async function openDatabase(
  { dynamodbEndpoint }: RuntimeOptions,
  { place }: Model,
  folder: DataFolder,
  clock: () => number,
): Promise<DynamoDb> {
  if (dynamodbEndpoint !== undefined) return forwardDynamoDb(dynamodbEndpoint, place.region, clock);
  try {
    return await openDynamoDb({ folder: folder.tables, ...place });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new StartRefused(
      `The tables in ${folder.tables} cannot be opened (${cause}). They are left as they are. Restore the folder from a copy, or start with an empty one: --data DIR.`,
    );
  }
}

/** What every request needs: authorizers, and the functions that stream. */
function warmArns({ api }: Model): readonly string[] {
  const arns = api.methods.flatMap(({ authorizerArn, integration }) => [
    ...(authorizerArn === undefined ? [] : [authorizerArn]),
    ...(integration.Type === 'AWS_PROXY' && integration.stream ? [integration.functionArn] : []),
  ]);
  return [...new Set(arns)];
}

function codeOf({ logicalId, code }: FunctionModel, instead: RuntimeOptions['code'] = {}): string {
  return Object.entries(instead).find(([id]) => logicalId.startsWith(id))?.[1] ?? code;
}

function hostOf(hosts: ReadonlyMap<string, FunctionHost>, arn: string): FunctionHost {
  const host = hosts.get(arn);
  if (host === undefined) throw new Error(`The template holds no function ${arn}.`);
  return host;
}

function expire(dynamodb: DynamoDb, { tables }: Model, clock: () => number, fail: (error: unknown) => void): void {
  Promise.all(tables.map((table) => removeExpired(dynamodb, table, clock()))).catch(fail);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = `Port ${port} is in use by another program. Stop it, or choose another port: npm start -- --port N.`;
      reject(error.code === 'EADDRINUSE' ? new StartRefused(busy) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Lets running requests finish for a moment, then closes their connections. */
async function shut(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
