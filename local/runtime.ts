/**
 * The laptop runtime as one object: everything a deployed stack is, on loopback, from a cloud assembly.
 * Invariant: a start that fails leaves nothing running and the data folder free.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDynamoDb, type DynamoDb } from '../emulator/dynamodb/dynamodb.ts';
import { forwardDynamoDb } from '../emulator/dynamodb/dynamodb-forward.ts';
import type { AwsCall } from '../emulator/aws-endpoint.ts';
import { startAws } from '../emulator/aws-services.ts';
import { openDataFolder, StartRefused, type DataFolder } from './data-folder.ts';
import { firstKeys } from './first-keys.ts';
import { openFunctionLogs } from '../emulator/lambda/function-log.ts';
import { createFunctions } from '../emulator/functions.ts';
import { createGateway } from '../emulator/api-gateway/server.ts';
import { everyInterval, startSchedule, type Every } from '../emulator/eventbridge/schedule.ts';
import { ensureTables, removeExpired } from '../emulator/tables.ts';
import { readModel, type Model } from '../emulator/cloudformation/model.ts';

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
  /** What runs the rules of the template that go by the clock. Default: timers. */
  readonly every?: Every;
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
  /** Runs a rule that goes by the clock now, by the start of its logical id. */
  readonly runRule: (name: string) => Promise<void>;
  /** The AWS calls since the last reset, at most the newest 10,000. */
  readonly awsCalls: () => readonly AwsCall[];
  readonly resetAwsCalls: () => void;
  readonly stop: () => Promise<void>;
}

const MAX_ENVIRONMENTS = 8;
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

  const aws = await startAws(model, { dynamodb, material, onFailure: fail, clock });
  closers.push(aws.stop);
  const logs = openFunctionLogs(folder.logs, options.warn);
  closers.push(logs.close);
  const functions = createFunctions(model, {
    aws,
    node: options.node ?? process.execPath,
    code: options.code ?? {},
    routes: options.routes ?? {},
    system: options.system ?? {},
    maxEnvironments: options.maxEnvironments ?? MAX_ENVIRONMENTS,
    onLine: logs.write,
    clock,
  });
  closers.push(functions.stop);

  const gateway = createGateway({
    api: model.api,
    place: model.place,
    invoke: (arn, event) => functions.get(arn).invoke(event),
    onAccess: (line) => logs.write('access', line),
    onFailure: fail,
    clock,
  });
  const port = await listen(gateway, options.port);
  closers.push(() => shut(gateway, GRACE_MS));
  await functions.warm();
  const sweep = setInterval(() => expire(dynamodb, model, clock, fail), EXPIRY_EVERY_MS).unref();
  closers.push(() => clearInterval(sweep));

  const url = `http://127.0.0.1:${port}`;
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    const fn = model.functions.find((one) => one.name === name || one.logicalId.startsWith(name));
    if (fn === undefined) throw new Error(`There is no function ${name}.`);
    const result = await functions.get(fn.arn).invoke(event);
    if (result.kind === 'buffered') return JSON.parse(result.payload.toString('utf8')) as unknown;
    throw new Error(`${name} ${result.kind === 'failed' ? `failed: ${result.error.message}` : 'gave no answer'}`);
  };
  const schedule = startSchedule(model.schedules, {
    place: model.place,
    invoke: (arn, event) => functions.get(arn).invoke(event),
    onFailure: fail,
    clock,
    every: options.every ?? everyInterval,
  });
  closers.push(schedule.stop);
  const keys = await firstKeys(folder, { url, bootstrapFunction: model.bootstrapFunction, invoke });
  folder.announce(url);
  return {
    url,
    model,
    ...keys,
    invoke,
    runRule: schedule.run,
    awsCalls: aws.calls,
    resetAwsCalls: aws.resetCalls,
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
