/**
 * The check of what a person fills in to authenticate at a provider: one for tools, pages and consents. Each says it in its
 * own words, by the field and never by its value.
 */
import type { Auth, CredentialField } from './auth.ts';
import { isHeaderValue } from '../text.ts';
import type { Credential } from '../vault/vault.ts';

/** Long-lived tokens that vendors sign have 1,000 to 2,000 characters. */
export const MAX_FIELD_LENGTH = 4_000;

export interface FieldProblem {
  /** `unsendable`: it looks right, and holds a character that no header can or that nobody sees. */
  readonly kind: 'missing' | 'too_long' | 'malformed' | 'unsendable';
  readonly field: CredentialField;
}

/** Where the fields are known without what they are for, only what they look like is checked. */
type Fields = Pick<Auth, 'fields'> & Partial<Pick<Auth, 'kind' | 'derive' | 'inject'>>;

/** What is wrong with the fields that are asked for, in their order; empty when nothing is. */
export function fieldProblems(auth: Fields, given: Credential): readonly FieldProblem[] {
  const { fields } = auth;
  const problems = fields.flatMap((field): readonly FieldProblem[] => {
    const kind = problemOf(field, Object.hasOwn(given, field.key) ? given[field.key] : undefined);
    return kind === undefined ? [] : [{ kind, field }];
  });
  return problems.length > 0 || areSendable(auth, given) ? problems : unsendable(auth, given);
}

function unsendable({ fields }: Fields, given: Credential): readonly FieldProblem[] {
  return fields.filter(({ key }) => !isHeaderValue(given[key] ?? '')).map((field) => ({ kind: 'unsendable', field }));
}

/** For a credential that a provider refused: which field holds letters that such things are not made of, if one does. */
export function suspicion(auth: Fields, given: Credential): string | undefined {
  const [problem] = unsendable(auth, given);
  return problem === undefined ? undefined : messageOf(problem);
}

/** Whether the headers that are made of the fields can hold them. Fields before a consent go into addresses only. */
function areSendable({ kind, derive, inject }: Fields, given: Credential): boolean {
  if (derive === undefined || inject === undefined || kind === 'oauth2') return true;
  return Object.values(inject(given, derive(given)).headers ?? {}).every(isHeaderValue);
}

/** What an unsendable character is, in words: people copy them without seeing them. */
export const UNSENDABLE =
  'holds a character that cannot be sent: an invisible one, a curly quote or dash, or a letter of another alphabet that looks like a Latin one. Copy it again from where it was issued';

/** The first thing that is wrong in words for an agent, a field that nobody asked for before all others. */
export function fieldMessage(auth: Fields, given: Credential): string | undefined {
  const keys = auth.fields.map(({ key }) => key);
  if (Object.keys(given).some((key) => !keys.includes(key)))
    return `This provider takes these fields: ${keys.join(', ')}.`;
  const [problem] = fieldProblems(auth, given);
  return problem === undefined ? undefined : messageOf(problem);
}

function messageOf({ kind, field: { key, label, example } }: FieldProblem): string {
  switch (kind) {
    case 'missing':
      return `The field ${key} (${label}) is missing.`;
    case 'too_long':
      return `The field ${key} (${label}) is too long.`;
    case 'malformed':
      return `The field ${key} (${label}) does not look right.${example === undefined ? '' : ` It looks like ${example}`}`;
    case 'unsendable':
      return `The field ${key} (${label}) ${UNSENDABLE}.`;
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
  if (!fits) return 'malformed';
  // Zero-width letters and marks of direction come along with a copied text; no vendor issues them.
  return /\p{Cf}/u.test(value) || !value.isWellFormed() ? 'unsendable' : undefined;
}
