/**
 * The check of what a person fills in to authenticate at a provider: one for tools, pages and consents. Each says it in its
 * own words, by the field and never by its value.
 */
import type { Auth, CredentialField } from './auth.ts';
import type { Credential } from '../vault/vault.ts';

/** Long-lived tokens that vendors sign have 1,000 to 2,000 characters. */
export const MAX_FIELD_LENGTH = 4_000;

export interface FieldProblem {
  readonly kind: 'missing' | 'too_long' | 'malformed';
  readonly field: CredentialField;
}

type Fields = Pick<Auth, 'fields'>;

/** What is wrong with the fields that are asked for, in their order; empty when nothing is. */
export function fieldProblems({ fields }: Fields, given: Credential): readonly FieldProblem[] {
  return fields.flatMap((field) => {
    const kind = problemOf(field, Object.hasOwn(given, field.key) ? given[field.key] : undefined);
    return kind === undefined ? [] : [{ kind, field }];
  });
}

/** The first thing that is wrong in words for an agent, a field that nobody asked for before all others. */
export function fieldMessage(auth: Fields, given: Credential): string | undefined {
  const keys = auth.fields.map(({ key }) => key);
  if (Object.keys(given).some((key) => !keys.includes(key)))
    return `This provider takes these fields: ${keys.join(', ')}.`;
  const [problem] = fieldProblems(auth, given);
  if (problem === undefined) return undefined;
  const { key, label, example } = problem.field;
  switch (problem.kind) {
    case 'missing':
      return `The field ${key} (${label}) is missing.`;
    case 'too_long':
      return `The field ${key} (${label}) is too long.`;
    case 'malformed':
      return `The field ${key} (${label}) does not look right.${example === undefined ? '' : ` It looks like ${example}`}`;
  }
}

function problemOf(
  { pattern, optional }: CredentialField,
  value: string | undefined,
): FieldProblem['kind'] | undefined {
  if (value === undefined || value === '') return optional === true ? undefined : 'missing';
  if (value.length > MAX_FIELD_LENGTH) return 'too_long';
  // A line break in the middle of a token is a slip of the hand; no header could carry it.
  const fits = !/\p{Cc}/u.test(value) && (pattern === undefined || new RegExp(pattern).test(value));
  return fits ? undefined : 'malformed';
}
