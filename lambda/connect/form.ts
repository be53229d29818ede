/**
 * The form's wire format, both ways round: `code`, `way`, `form_token` and one value per field of the chosen way of
 * signing in. What is wrong with a value is said by naming the field, never by quoting the value.
 */
import type { CatalogAuth, CatalogProvider } from '../../core/catalog/catalog.ts';
import { fieldProblems, UNSENDABLE, type FieldProblem } from '../../core/provider/fields.ts';
import type { Credential } from '../../core/vault/vault.ts';

export const CODE = 'code';
export const AUTH = 'way';
export const TOKEN = 'form_token';
export const SCOPE = 'scope';

export interface Submission {
  readonly code: string;
  readonly token: string;
  readonly auth: CatalogAuth;
  /** The fields of that way that were filled in, without blanks around them. */
  readonly values: Credential;
  /** Permissions that were ticked; none that the page did not offer. */
  readonly scopes: readonly string[];
}

/** Why a provider cannot be shown on this page: one of its fields is named like one of the page's own. */
export function reservedField(provider: CatalogProvider): string | undefined {
  const keys = provider.auth.flatMap(({ fields }) => fields.map(({ key }) => key));
  return keys.find((key) => [CODE, AUTH, TOKEN, SCOPE].includes(key));
}

export function readSubmission(body: URLSearchParams, provider: CatalogProvider): Submission | undefined {
  const auth = chosenAuth(body, provider.auth);
  if (auth === undefined) return undefined;
  const given = auth.fields
    .map(({ key }) => [key, valueOf(body, provider.auth, auth, key)] as const)
    .filter(([, value]) => value !== '');
  return {
    code: body.get(CODE)?.trim() ?? '',
    token: body.get(TOKEN) ?? '',
    auth,
    values: Object.fromEntries(given),
    scopes: [...new Set(body.getAll(SCOPE))].filter((given) => auth.permissions?.some(({ scope }) => scope === given)),
  };
}

/** What is wrong, in words for a person, by the field's key; empty when nothing is. */
export function fieldWords(auth: Parameters<typeof fieldProblems>[0], values: Credential): ReadonlyMap<string, string> {
  return new Map(fieldProblems(auth, values).map((problem) => [problem.field.key, wordsOf(problem)]));
}

/**
 * The provider's pattern for the browser's own check, or undefined where that would say something else than ours:
 * browsers compile with the `v` flag and do not cut off blanks.
 */
export function browserPattern(pattern: string | undefined): string | undefined {
  const inner = /^\^([^|]*)\$$/.exec(pattern ?? '')?.[1];
  if (inner === undefined || inner.endsWith('\\')) return undefined;
  const tolerant = String.raw`\s*${inner}\s*`;
  try {
    return new RegExp(`^(?:${tolerant})$`, 'v').source === '' ? undefined : tolerant;
  } catch {
    return undefined;
  }
}

/** The one named; without a name, the first that has every field which was filled in. */
function chosenAuth(body: URLSearchParams, auths: readonly CatalogAuth[]): CatalogAuth | undefined {
  const named = body.get(AUTH);
  if (named !== null) return auths.find(({ id }) => id === named);
  const known = new Set(auths.flatMap(({ fields }) => fields.map(({ key }) => key)));
  const filled = [...body].filter(([key, value]) => known.has(key) && value.trim() !== '').map(([key]) => key);
  return auths.find(({ fields }) => filled.every((key) => fields.some((field) => field.key === key))) ?? auths[0];
}

/** Ways may share a key; the page then sends one value for each of them, in the order of the ways. */
function valueOf(body: URLSearchParams, auths: readonly CatalogAuth[], auth: CatalogAuth, key: string): string {
  const given = body.getAll(key);
  const sharing = auths.filter(({ fields }) => fields.some((field) => field.key === key));
  const at = given.length === sharing.length ? sharing.indexOf(auth) : 0;
  return given[at]?.trim() ?? '';
}

function wordsOf({ kind, field: { label, example } }: FieldProblem): string {
  switch (kind) {
    case 'missing':
      return `${label} is missing.`;
    case 'too_long':
      return `${label} is too long.`;
    case 'malformed':
      return `${label} does not look right.${example === undefined ? '' : ` It looks like this: ${example}`}`;
    case 'unsendable':
      return `${label} ${UNSENDABLE}.`;
  }
}
