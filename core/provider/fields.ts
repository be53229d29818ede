/** The check of what a person fills in to authenticate at a provider, the same for tools and pages. */
import type { Auth } from './auth.ts';
import type { Credential } from '../vault/vault.ts';

const MAX_FIELD_LENGTH = 4_000;

/** What is wrong with the fields, naming the field and never its value. */
export function fieldProblem({ fields }: Auth, given: Credential): string | undefined {
  const unknown = Object.keys(given).find((key) => !fields.some((field) => field.key === key));
  const known = fields.map(({ key }) => key).join(', ');
  if (unknown !== undefined) return `This provider takes these fields: ${known}.`;
  for (const { key, label, pattern, example, optional } of fields) {
    const value = Object.hasOwn(given, key) ? given[key] : undefined;
    if (value === undefined || value === '') {
      if (optional === true) continue;
      return `The field ${key} (${label}) is missing.`;
    }
    if (value.length > MAX_FIELD_LENGTH) return `The field ${key} (${label}) is too long.`;
    if (pattern !== undefined && !new RegExp(pattern).test(value))
      return `The field ${key} (${label}) does not look right.${example === undefined ? '' : ` It looks like ${example}`}`;
  }
  return undefined;
}
