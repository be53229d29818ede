/**
 * The laptop runtime as one object: the emulator over a data folder, and the first keys.
 * Invariant: a start that fails leaves nothing running and the data folder free.
 */
import { readModel, type Model } from '../emulator/cloudformation/model.ts';
import { openDynamoDb, type DynamoDb } from '../emulator/dynamodb/dynamodb.ts';
import { forwardDynamoDb } from '../emulator/dynamodb/dynamodb-forward.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from '../emulator/emulator.ts';
import { StartRefused } from '../emulator/start-refused.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import { firstKeys } from './first-keys.ts';
import { openFunctionLogs } from './function-log.ts';
import { opened, type Closer } from '../emulator/opened.ts';

export interface RuntimeOptions extends Pick<
  EmulatorOptions,
  'port' | 'routes' | 'code' | 'node' | 'system' | 'maxEnvironments' | 'every' | 'faults' | 'freeze'
> {
  /** Folder of a cloud assembly. */
  readonly assembly: string;
  /** Data folder; made when it does not exist. */
  readonly data: string;
  /** A DynamoDB-compatible endpoint to use instead of the built-in engine. */
  readonly dynamodbEndpoint?: URL | undefined;
  /** Receives warnings and errors for a person. */
  readonly warn: (line: string) => void;
  readonly clock?: () => number;
}

export interface Runtime extends Emulator {
  readonly model: Model;
  /** Undefined when the template has no bootstrap function. */
  readonly operatorKey: string | undefined;
  /** A ready key of client `local`, on the first start over a data folder only. */
  readonly firstKey: string | undefined;
}

/**
 * Time limits that fit a laptop: its processes, its tables and everything else share a few processors, so an answer that
 * DynamoDB gives in ten milliseconds can take seconds while many calls begin at once.
 */
const VARIABLES = { KeyAuthorizer: { LOOKUP_MS: '3000' } } as const;

/** The output of the template that names the function which mints the first operator key. */
const BOOTSTRAP_OUTPUT = 'BootstrapFunctionName';

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  return opened((closers) => open(options, closers));
}

async function open(options: RuntimeOptions, closers: Closer[]): Promise<Runtime> {
  const { warn, clock = Date.now } = options;
  const model = readModel(options.assembly);
  const folder = openDataFolder(options.data);
  closers.push(folder.release);
  const material = folder.keyMaterial(model.keys.map(({ id }) => id));
  const dynamodb = await openDatabase(options, model, folder, clock);
  closers.push(dynamodb.close);
  const logs = openFunctionLogs(folder.logs, warn);
  closers.push(logs.close);
  const emulator = await startEmulator({
    ...options,
    model,
    dynamodb,
    material,
    variables: VARIABLES,
    onLine: logs.write,
    onFailure: (error) => warn(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    clock,
  }).catch((error: unknown) => {
    throw isTaken(error) ? portTaken(options.port) : error;
  });
  closers.push(emulator.stop);
  const { url, invoke } = emulator;
  const keys = await firstKeys(folder, { url, bootstrapFunction: model.output(BOOTSTRAP_OUTPUT), invoke });
  folder.announce(url);
  // What the start itself needs does not fail on purpose.
  emulator.armFaults();
  return { ...emulator, model, ...keys };
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

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function portTaken(port: number): StartRefused {
  return new StartRefused(
    `Port ${port} is in use by another program. Stop it, or choose another port: npm start -- --port N.`,
  );
}
