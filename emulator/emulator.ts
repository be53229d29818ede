/**
 * Serves a cloud assembly on loopback: the REST API, the functions, DynamoDB, KMS, STS and the rules that go by the clock,
 * for any synthesized template. Nothing here knows the product; you need not read this folder to work on it.
 * Invariant: a start that fails leaves nothing running.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsCall } from './aws-endpoint.ts';
import { startAws } from './aws-services.ts';
import { createGateway } from './api-gateway/server.ts';
import type { Model } from './cloudformation/model.ts';
import type { DynamoDb } from './dynamodb/dynamodb.ts';
import { everyInterval, startSchedule, type Every } from './eventbridge/schedule.ts';
import { createFaults, type PlannedFault } from './faults.ts';
import { createFunctions, type Functions } from './functions.ts';
import type { KeyMaterial } from './kms/kms.ts';
import { ensureTables, removeExpired } from './tables.ts';
import { opened, type Closer, type Stoppable } from './opened.ts';

export interface EmulatorOptions {
  readonly model: Model;
  /** Closed by whoever opened it. */
  readonly dynamodb: DynamoDb;
  /** Of every key of the model. */
  readonly material: KeyMaterial;
  /** 0: any free port. */
  readonly port: number;
  /** Hosts that go to loopback fakes, e.g. `{'acme.example.com': 'http://127.0.0.1:4010'}`. */
  readonly routes?: Readonly<Record<string, string>> | undefined;
  /** Folders to run functions from instead of the assembly's, by logical id or its start. Roles and routes stay. */
  readonly code?: Readonly<Record<string, string>> | undefined;
  /** Variables that are others here than in the template, by logical id or its start. The function must have them. */
  readonly variables?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /**
   * Node binary of the functions.
   *
   * @default - this one
   */
  readonly node?: string | undefined;
  /** What this operating system needs to start a process. */
  readonly system?: Readonly<Record<string, string>> | undefined;
  /**
   * Environments of one function at the same time.
   *
   * @default - as many as there is memory for
   */
  readonly maxEnvironments?: number | undefined;
  /** Takes a line that a function, or the access log, has written. */
  readonly onLine: (name: string, line: string) => void;
  readonly onFailure: (error: unknown) => void;
  readonly clock: () => number;
  /**
   * What runs the rules of the template that go by the clock.
   *
   * @default - timers
   */
  readonly every?: Every | undefined;
  /** AWS calls that fail on purpose, from `armFaults` on. */
  readonly faults?: readonly PlannedFault[] | undefined;
  /** Stop a function's process between invocations, as Lambda does. */
  readonly freeze?: boolean | undefined;
}

export interface Emulator extends Stoppable {
  /** e.g. `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Invokes a function by name, or by the start of its logical id, as IAM would allow an administrator. */
  readonly invoke: (name: string, event: unknown) => Promise<unknown>;
  /** Runs a rule that goes by the clock now, by the start of its logical id. */
  readonly runRule: (name: string) => Promise<void>;
  /** The AWS calls since the last reset, at most the newest 10,000. */
  readonly awsCalls: () => readonly AwsCall[];
  readonly resetAwsCalls: () => void;
  /** From now on the planned faults happen. */
  readonly armFaults: () => void;
}

const EXPIRY_EVERY_MS = 3_600_000;
/** How long running requests may still take when the server stops. */
const GRACE_MS = 500;

/** Fails with the error of the listening socket, `EADDRINUSE` say, when the port is taken. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  return opened((closers) => open(options, closers));
}

async function open(options: EmulatorOptions, closers: Closer[]): Promise<Omit<Emulator, 'stop'>> {
  const { model, dynamodb, onFailure, onLine, clock } = options;
  await ensureTables(dynamodb, model.tables);
  const faults = createFaults(options.faults ?? []);
  const aws = await startAws(model, { dynamodb, material: options.material, onFailure, clock, faults });
  closers.push(aws.stop);
  const functions = createFunctions(model, {
    aws,
    node: options.node ?? process.execPath,
    code: options.code ?? {},
    variables: options.variables ?? {},
    routes: options.routes ?? {},
    system: options.system ?? {},
    maxEnvironments: options.maxEnvironments,
    freeze: options.freeze ?? false,
    onLine,
    clock,
  });
  closers.push(functions.stop);

  const gateway = createGateway({
    api: model.api,
    place: model.place,
    invoke: (arn, event, caller) => functions.get(arn).invoke(event, caller),
    onAccess: (line) => onLine('access', line),
    onFailure,
    clock,
  });
  const port = await listen(gateway, options.port);
  closers.push(() => shut(gateway, GRACE_MS));
  await functions.warm();
  const sweep = setInterval(() => {
    Promise.all(model.tables.map((table) => removeExpired(dynamodb, table, clock()))).catch(onFailure);
  }, EXPIRY_EVERY_MS).unref();
  closers.push(() => clearInterval(sweep));
  const schedule = startSchedule(model.schedules, {
    place: model.place,
    invoke: (arn, event) => functions.get(arn).invoke(event),
    onFailure,
    clock,
    every: options.every ?? everyInterval,
  });
  closers.push(schedule.stop);
  return {
    url: `http://127.0.0.1:${port}`,
    invoke: (name, event) => invokeByName(model, functions, name, event),
    runRule: schedule.run,
    awsCalls: aws.calls,
    resetAwsCalls: aws.resetCalls,
    armFaults: faults.arm,
  };
}

async function invokeByName(model: Model, functions: Functions, name: string, event: unknown): Promise<unknown> {
  const fn = model.functions.find((one) => one.name === name || one.logicalId.startsWith(name));
  if (fn === undefined) throw new Error(`There is no function ${name}.`);
  const result = await functions.get(fn.arn).invoke(event);
  if (result.kind === 'buffered') return JSON.parse(result.payload.toString('utf8')) as unknown;
  throw new Error(`${name} ${result.kind === 'failed' ? `failed: ${result.error.message}` : 'gave no answer'}`);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
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
