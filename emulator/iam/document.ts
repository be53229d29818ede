/**
 * IAM policy documents as the evaluator wants them: every list a list, every condition value a string.
 * Invariant: an element this file does not know is an error, never ignored.
 */
export type Effect = 'Allow' | 'Deny';

/** `'*'`, or what stands under `AWS` (ARNs, account ids, `*`) and `Service` (service names). */
export interface Principals {
  readonly anyone: boolean;
  readonly aws: readonly string[];
  readonly services: readonly string[];
}

export interface ConditionTest {
  /** As written, e.g. `ForAllValues:StringEquals`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: Effect;
  readonly principals: Principals | undefined;
  readonly actions: readonly string[] | undefined;
  readonly notActions: readonly string[] | undefined;
  readonly resources: readonly string[] | undefined;
  readonly notResources: readonly string[] | undefined;
  readonly conditions: readonly ConditionTest[];
}

export interface Policy {
  readonly statements: readonly Statement[];
}

const KNOWN_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** Reads a resolved policy document (no CloudFormation intrinsics left). Throws on anything it does not know. */
export function parsePolicy(document: unknown): Policy {
  const statements = isRecord(document) ? document['Statement'] : undefined;
  if (statements === undefined) throw new TypeError('a policy document without Statement');
  return { statements: (Array.isArray(statements) ? statements : [statements]).map(parseStatement) };
}

function parseStatement(source: unknown): Statement {
  if (!isRecord(source)) throw new TypeError('a policy statement that is not an object');
  const unknown = Object.keys(source).find((element) => !KNOWN_ELEMENTS.has(element));
  if (unknown !== undefined) throw new TypeError(`the policy element ${unknown} is not supported on the laptop`);
  const effect = source['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') throw new TypeError('a policy statement without Effect');
  if (source['Action'] === undefined && source['NotAction'] === undefined)
    throw new TypeError('a policy statement without Action');
  return {
    sid: typeof source['Sid'] === 'string' ? source['Sid'] : undefined,
    effect,
    principals: source['Principal'] === undefined ? undefined : parsePrincipals(source['Principal']),
    actions: optionalList(source['Action']),
    notActions: optionalList(source['NotAction']),
    resources: optionalList(source['Resource']),
    notResources: optionalList(source['NotResource']),
    conditions: parseConditions(source['Condition']),
  };
}

function parsePrincipals(source: unknown): Principals {
  if (source === '*') return { anyone: true, aws: [], services: [] };
  if (!isRecord(source)) throw new TypeError('a policy Principal that is neither "*" nor an object');
  const unknown = Object.keys(source).find((kind) => kind !== 'AWS' && kind !== 'Service');
  if (unknown !== undefined)
    throw new TypeError(`a policy Principal of kind ${unknown} is not supported on the laptop`);
  const aws = optionalList(source['AWS']) ?? [];
  return { anyone: aws.includes('*'), aws, services: optionalList(source['Service']) ?? [] };
}

function parseConditions(source: unknown): readonly ConditionTest[] {
  if (source === undefined) return [];
  if (!isRecord(source)) throw new TypeError('a policy Condition that is not an object');
  return Object.entries(source).flatMap(([operator, tests]) => {
    if (!isRecord(tests)) throw new TypeError(`the policy condition ${operator} is not an object`);
    return Object.entries(tests).map(([key, values]) => ({ operator, key, values: list(values) }));
  });
}

function optionalList(value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : list(value);
}

function list(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'boolean' || typeof item === 'number') return String(item);
    throw new TypeError('a policy value that is not a string, number or boolean');
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
