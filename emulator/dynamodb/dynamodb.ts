/**
 * DynamoDB behind the policy check: dynalite's engine in this process, on disk, or an endpoint the user brings.
 * Invariant: a call that was answered survives a killed process; nothing is deleted but expired rows.
 */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type LevelDb, type Store } from 'dynalite/db/index.js';
import { checkTypes, checkValidations } from 'dynalite/validations/index.js';
import { AwsError } from '../wire/aws-error.ts';

export type Payload = Readonly<Record<string, unknown>>;

/** Answers one operation of the DynamoDB API in its JSON form. Throws AwsError. */
export interface DynamoDb {
  readonly call: (operation: string, payload: Payload) => Promise<Payload>;
  readonly close: () => Promise<void>;
}

interface ServiceError {
  readonly statusCode?: number;
  readonly body?: { readonly __type?: string; readonly message?: string; readonly Message?: string };
}
type Action = (store: Store, data: object, done: (error: ServiceError | null, data?: Payload) => void) => void;

/**
 * Bytes. Small, so that they are full after some hundred requests instead of some ten thousand: what the server takes
 * is then what it goes on taking. Its rows are few and small.
 */
const BUFFERS = { cacheSize: 1024 * 1024, writeBufferSize: 1024 * 1024 };

const load = createRequire(import.meta.url);
const OPERATIONS: ReadonlySet<string> = new Set(
  'BatchGetItem BatchWriteItem CreateTable DeleteItem DescribeTable DescribeTimeToLive GetItem ListTables PutItem Query Scan UpdateItem'.split(
    ' ',
  ),
);

/** Opens the database, in memory when no folder is given. Throws when it is damaged or held by another process. */
export async function openDynamoDb(options: {
  readonly folder?: string | undefined;
  readonly account: string;
  readonly region: string;
}): Promise<DynamoDb> {
  const { folder } = options;
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const noDelay = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const store = create({ ...noDelay, ...(folder === undefined ? {} : { path: folder }) });
  closeIterators(store.db);
  await store.db.open(BUFFERS);
  store.tableDb.awsAccountId = options.account;
  store.tableDb.awsRegion = options.region;
  const call = (operation: string, payload: Payload) => run(store, operation, payload);
  return {
    call: async (operation, payload) => {
      try {
        return await call(operation, payload);
      } catch (error) {
        throw await withOldItem(error, payload, call);
      }
    },
    close: () => store.db.close(),
  };
}

/**
 * The engine ends an iterator by `return`, which this database calls `close`. One that is left open keeps memory, and
 * every version of a row that it could still have read: some 10 KB for each query that was ever made.
 */
export function closeIterators(db: LevelDb): void {
  for (const kind of ['keys', 'values'] as const) {
    const open = db[kind].bind(db);
    db[kind] = (options) => {
      const iterator = open(options);
      iterator.return = () => iterator.close();
      return iterator;
    };
  }
}

async function run(store: Store, operation: string, payload: Payload): Promise<Payload> {
  if (!OPERATIONS.has(operation))
    throw new AwsError('UnknownOperationException', `dynamodb:${operation} is not served on the laptop`);
  const name = operation.charAt(0).toLowerCase() + operation.slice(1);
  const { types, custom } = load(`dynalite/validations/${name}.js`) as { types: unknown; custom: unknown };
  const action = load(`dynalite/actions/${name}.js`) as Action;
  try {
    // The engine works on its argument, and the caller's may be needed again.
    const data = checkTypes(structuredClone(payload) as object, types);
    checkValidations(data, types, custom, store);
    return await new Promise<Payload>((resolve, reject) => {
      action(store, data, (error, answer) =>
        error === null || error === undefined ? resolve(answer ?? {}) : reject(error),
      );
    });
  } catch (error) {
    throw asAwsError(error as ServiceError);
  }
}

function asAwsError(error: ServiceError): unknown {
  if (error.statusCode === undefined) return error;
  const type = error.body?.__type ?? 'InternalServerError';
  return new AwsError(
    type.slice(type.indexOf('#') + 1),
    error.body?.message ?? error.body?.Message ?? '',
    error.statusCode,
  );
}

/** A failed condition together with the row it failed on. */
export class ConditionFailed extends AwsError {
  readonly item: unknown;

  constructor(message: string, item: unknown) {
    super('ConditionalCheckFailedException', message);
    this.item = item;
  }
}

/** The engine does not know `ReturnValuesOnConditionCheckFailure`. */
async function withOldItem(
  error: unknown,
  payload: Payload,
  call: (operation: string, payload: Payload) => Promise<Payload>,
): Promise<unknown> {
  if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException') return error;
  if (payload['ReturnValuesOnConditionCheckFailure'] !== 'ALL_OLD') return error;
  const { TableName, Item, Key } = payload;
  const { Table } = await call('DescribeTable', { TableName });
  const { KeySchema } = Table as { KeySchema: readonly { AttributeName: string }[] };
  const row = (Key ?? Item) as Payload;
  const key = Object.fromEntries(KeySchema.map(({ AttributeName }) => [AttributeName, row[AttributeName]]));
  const found = await call('GetItem', { TableName, Key: key, ConsistentRead: true });
  return new ConditionFailed(error.message, found['Item']);
}
