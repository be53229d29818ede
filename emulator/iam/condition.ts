/**
 * IAM condition operators (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 * Invariant: an operator that is not in the table is an error. A silently ignored condition would allow too much.
 */
import type { PolicyContext } from './context.ts';
import type { ConditionTest } from './document.ts';
import { literal, matchesArn, matchesPattern, pattern } from './pattern.ts';

/** Whether one value of the request equals one value of the policy. */
type Compare = (given: string, wanted: string, context: PolicyContext) => boolean;

interface Operator {
  readonly compare: Compare;
  /** `…Not…` operators hold when no policy value compares equal, and when the key is absent. */
  readonly negated: boolean;
}

const stringEquals: Compare = (given, wanted, context) => {
  const pieces = pattern(wanted, context);
  return pieces !== undefined && given === literal(pieces);
};
const stringEqualsIgnoreCase: Compare = (given, wanted, context) => {
  const pieces = pattern(wanted, context);
  return pieces !== undefined && given.toLowerCase() === literal(pieces).toLowerCase();
};
const stringLike: Compare = (given, wanted, context) => {
  const pieces = pattern(wanted, context);
  return pieces !== undefined && matchesPattern(given, pieces);
};
const bool: Compare = (given, wanted) => given.toLowerCase() === wanted.toLowerCase();
const numeric =
  (holds: (given: number, wanted: number) => boolean): Compare =>
  (given, wanted) => {
    const [left, right] = [number(given), number(wanted)];
    return left !== undefined && right !== undefined && holds(left, right);
  };

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { compare: stringEquals, negated: false },
  StringNotEquals: { compare: stringEquals, negated: true },
  StringEqualsIgnoreCase: { compare: stringEqualsIgnoreCase, negated: false },
  StringNotEqualsIgnoreCase: { compare: stringEqualsIgnoreCase, negated: true },
  StringLike: { compare: stringLike, negated: false },
  StringNotLike: { compare: stringLike, negated: true },
  ArnEquals: { compare: matchesArn, negated: false },
  ArnLike: { compare: matchesArn, negated: false },
  ArnNotEquals: { compare: matchesArn, negated: true },
  ArnNotLike: { compare: matchesArn, negated: true },
  Bool: { compare: bool, negated: false },
  NumericEquals: { compare: numeric((a, b) => a === b), negated: false },
  NumericNotEquals: { compare: numeric((a, b) => a === b), negated: true },
  NumericLessThan: { compare: numeric((a, b) => a < b), negated: false },
  NumericLessThanEquals: { compare: numeric((a, b) => a <= b), negated: false },
  NumericGreaterThan: { compare: numeric((a, b) => a > b), negated: false },
  NumericGreaterThanEquals: { compare: numeric((a, b) => a >= b), negated: false },
};

const OPERATOR_NAME = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/** Whether a condition holds for a request. Throws for an operator, or a use of one, that is not supported. */
export function conditionHolds(test: ConditionTest, context: PolicyContext): boolean {
  const given = context.get(test.key);
  if (test.operator === 'Null') return nullHolds(test, given !== undefined);
  const { set, operator, ifExists } = operatorOf(test);
  const one = (value: string): boolean =>
    test.values.some((wanted) => operator.compare(value, wanted, context)) !== operator.negated;
  if (given === undefined) return ifExists || (set === undefined ? operator.negated : set === 'ForAllValues');
  if (set !== undefined) {
    const values = typeof given === 'string' ? [given] : given;
    return set === 'ForAllValues' ? values.every(one) : values.some(one);
  }
  if (typeof given !== 'string')
    throw new TypeError(`${test.key} holds a list: ${test.operator} needs ForAllValues: or ForAnyValue:`);
  return one(given);
}

function operatorOf(test: ConditionTest) {
  const [, set, name = '', ifExists] = OPERATOR_NAME.exec(test.operator) ?? [];
  const operator = OPERATORS[name];
  if (operator === undefined)
    throw new TypeError(`the policy operator ${test.operator} is not supported on the laptop`);
  return { set, operator, ifExists: ifExists !== undefined };
}

function nullHolds(test: ConditionTest, present: boolean): boolean {
  return test.values.some((wanted) => {
    if (wanted !== 'true' && wanted !== 'false') throw new TypeError('the policy operator Null takes true or false');
    return (wanted === 'true') === !present;
  });
}

function number(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? undefined : value;
}
