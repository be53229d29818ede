/**
 * What clients write for what they leave out: many serialize an optional field as null, some fill in "". Both are absent,
 * in the parameters of every method, before the protocol's strict schemas see them. What stands in a tool's arguments is
 * not touched: only the tool's own schema says what is optional there.
 */
import { takeArguments } from '../../../core/call/take-arguments.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a person answered, or what is sealed: not the client's to leave parts of out. */
const AS_SENT = new Set(['inputResponses', 'requestState']);

/** @param body a message or a batch of them, or anything else, which the protocol refuses. */
export function withoutAbsent(body: unknown): unknown {
  return Array.isArray(body) ? body.map(ofMessage) : ofMessage(body);
}

function ofMessage(message: unknown): unknown {
  if (!isFields(message) || typeof message['method'] !== 'string') return message;
  const { params, id, ...rest } = message;
  const { method } = message;
  // A notification has no id; one that says null has none either.
  const isNamed = Object.hasOwn(message, 'id') && !(id === null && method.startsWith('notifications/'));
  return {
    ...rest,
    ...(isNamed ? { id } : {}),
    ...(params === undefined || params === null ? {} : { params: ofParams(method, params) }),
  };
}

function ofParams(method: string, params: unknown): unknown {
  if (!isFields(params)) return params;
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => {
      if (value === null || (value === '' && (name === 'cursor' || name === 'arguments'))) return [];
      if (AS_SENT.has(name)) return [[name, value]];
      if (name !== 'arguments') return [[name, withoutNulls(value)]];
      const given = takeArguments({ type: 'object' }, value);
      return [[name, method === 'prompts/get' ? withoutNulls(given) : given]];
    }),
  );
}

/** Fields of objects, at any depth; what stands in a list keeps its place. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (field === null ? [] : [[name, withoutNulls(field)]])),
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
