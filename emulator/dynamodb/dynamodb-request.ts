/**
 * What IAM is asked for a DynamoDB call: one access request per table, with the condition keys of
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html.
 * Invariant: a call whose leading keys cannot be read carries none, so a policy that asks for them denies it.
 */
import { attributeNames, hashKeyValues, type Names, type Values } from './dynamodb-expression.ts';
import { requestContext, type ContextValue } from '../iam/context.ts';
import type { AccessRequest } from '../iam/evaluate.ts';

/** What the mapping knows of a table: its ARN and its key attributes, by index name (`''` is the table itself). */
export interface TableShape {
  readonly arn: string;
  readonly hashKeys: Readonly<Record<string, string>>;
}

type Payload = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, unknown>>;

interface Subject {
  readonly table: string;
  readonly index?: string | undefined;
  /** The IAM action without its prefix, when it is not the operation's own name. */
  readonly action?: string;
  readonly keys: readonly unknown[];
  readonly attributes: readonly string[];
}

const ITEM_OPERATIONS: Readonly<Record<string, (payload: Payload, shape: ShapeOf) => readonly Subject[]>> = {
  GetItem: single('Key'),
  PutItem: single('Item'),
  UpdateItem: single('Key'),
  DeleteItem: single('Key'),
  Query: (payload, shapeOf) => {
    const table = text(payload['TableName']);
    const index = optionalText(payload['IndexName']);
    const hashKey = shapeOf(table)?.hashKeys[index ?? ''];
    const keys = hashKey === undefined ? [] : queryKeys(payload, hashKey);
    return [{ table, index, keys, attributes: mentioned(payload) }];
  },
  Scan: (payload) => [
    {
      table: text(payload['TableName']),
      index: optionalText(payload['IndexName']),
      keys: [],
      attributes: mentioned(payload),
    },
  ],
  BatchGetItem: (payload, shapeOf) =>
    entries(payload['RequestItems']).map(([table, asked]) => {
      const rows = list(record(asked)['Keys']).map(record);
      return {
        table,
        keys: leading(rows, shapeOf(table)),
        attributes: [...rows.flatMap(Object.keys), ...mentioned(record(asked))],
      };
    }),
  BatchWriteItem: (payload, shapeOf) =>
    entries(payload['RequestItems']).map(([table, asked]) => {
      const rows = list(asked).map((write) => {
        const { PutRequest, DeleteRequest } = record(write);
        return record(record(PutRequest)['Item'] ?? record(DeleteRequest)['Key']);
      });
      return { table, keys: leading(rows, shapeOf(table)), attributes: rows.flatMap(Object.keys) };
    }),
  TransactGetItems: (payload, shapeOf) =>
    list(payload['TransactItems']).map((item) => one('GetItem', record(record(item)['Get']), 'Key', shapeOf)),
  TransactWriteItems: (payload, shapeOf) =>
    list(payload['TransactItems']).map((item) => {
      const [kind = '', body] = Object.entries(record(item))[0] ?? [];
      const action = kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`;
      return one(action, record(body), kind === 'Put' ? 'Item' : 'Key', shapeOf);
    }),
  DescribeTable: (payload) => [{ table: text(payload['TableName']), keys: [], attributes: [] }],
  DescribeTimeToLive: (payload) => [{ table: text(payload['TableName']), keys: [], attributes: [] }],
};

type ShapeOf = (table: string) => TableShape | undefined;

/**
 * The access requests of a call, or undefined for an operation that is not served here. A table the template does not
 * have gets an ARN that only a wildcard can match.
 */
export function dynamodbRequests(
  operation: string,
  payload: Payload,
  deps: { readonly shapeOf: ShapeOf; readonly arnOf: (table: string) => string },
): readonly AccessRequest[] | undefined {
  const subjects = ITEM_OPERATIONS[operation]?.(payload, deps.shapeOf);
  return subjects?.map((subject) => {
    const arn = deps.shapeOf(subject.table)?.arn ?? deps.arnOf(subject.table);
    return {
      action: `dynamodb:${subject.action ?? operation}`,
      resource: subject.index === undefined ? arn : `${arn}/index/${subject.index}`,
      context: requestContext(contextOf(operation, payload, subject)),
    };
  });
}

function contextOf(operation: string, payload: Payload, subject: Subject): Record<string, ContextValue | undefined> {
  const transaction = operation.startsWith('Transact');
  return {
    'dynamodb:LeadingKeys': subject.keys.map(scalar).filter((key) => key !== undefined),
    'dynamodb:Attributes': [...new Set(subject.attributes)],
    'dynamodb:Select': select(operation, payload),
    'dynamodb:ReturnValues': optionalText(payload['ReturnValues']),
    'dynamodb:ReturnConsumedCapacity': optionalText(payload['ReturnConsumedCapacity']),
    'dynamodb:EnclosingOperation': transaction ? operation : undefined,
    'dynamodb:FullTableScan': operation === 'Scan' ? 'true' : undefined,
  };
}

/** Reads without a projection return every attribute, which is what `Select` is there to forbid. */
function select(operation: string, payload: Payload): string | undefined {
  if (!['GetItem', 'Query', 'Scan', 'BatchGetItem'].includes(operation)) return undefined;
  const asked = optionalText(payload['Select']);
  if (asked !== undefined) return asked;
  const projected = payload['ProjectionExpression'] !== undefined || payload['AttributesToGet'] !== undefined;
  return projected ? 'SPECIFIC_ATTRIBUTES' : undefined;
}

function single(rowField: 'Key' | 'Item') {
  return (payload: Payload, shapeOf: ShapeOf): readonly Subject[] => {
    const { action: _own, ...subject } = one('', payload, rowField, shapeOf);
    return [subject];
  };
}

function one(action: string, payload: Payload, rowField: 'Key' | 'Item', shapeOf: ShapeOf) {
  const table = text(payload['TableName']);
  const row = record(payload[rowField]);
  return {
    table,
    action,
    keys: leading([row], shapeOf(table)),
    attributes: [...Object.keys(row), ...mentioned(payload)],
  };
}

function leading(rows: readonly Row[], shape: TableShape | undefined): readonly unknown[] {
  const hashKey = shape?.hashKeys[''];
  return hashKey === undefined ? [] : rows.map((row) => row[hashKey]);
}

function queryKeys(payload: Payload, hashKey: string): readonly unknown[] {
  const legacy = record(record(payload['KeyConditions'])[hashKey]);
  if (legacy['ComparisonOperator'] === 'EQ') return list(legacy['AttributeValueList']);
  const expression = optionalText(payload['KeyConditionExpression']) ?? '';
  return hashKeyValues(expression, hashKey, names(payload), values(payload));
}

function mentioned(payload: Payload): readonly string[] {
  const expressions = [
    'ProjectionExpression',
    'UpdateExpression',
    'ConditionExpression',
    'FilterExpression',
    'KeyConditionExpression',
  ];
  return [
    ...list(payload['AttributesToGet']).filter((name) => typeof name === 'string'),
    ...expressions.flatMap((field) => attributeNames(optionalText(payload[field]) ?? '', names(payload))),
  ];
}

const names = (payload: Payload): Names => record(payload['ExpressionAttributeNames']) as Names;
const values = (payload: Payload): Values => record(payload['ExpressionAttributeValues']);

/** The text IAM compares: the string, the number as written, or the bytes in base64. */
function scalar(value: unknown): string | undefined {
  const { S, N, B } = record(value);
  return [S, N, B].find((form) => typeof form === 'string');
}

const record = (value: unknown): Payload => (typeof value === 'object' && value !== null ? (value as Payload) : {});
const entries = (value: unknown): readonly [string, unknown][] => Object.entries(record(value));
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const optionalText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A table may be named by its ARN. */
function text(value: unknown): string {
  const name = optionalText(value) ?? '';
  return name.startsWith('arn:') ? name.slice(name.indexOf('/') + 1) : name;
}
