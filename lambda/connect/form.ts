/**
 * The form's wire format, both ways round: `code`, `way`, `form_token` and one value per field of the chosen way of
 * signing in. What is wrong with a value is said by naming the field, never by quoting the value.
 */
import type { CatalogAuth, CatalogProvider } from '../core/catalog.ts';
import type { CredentialField } from '../core/provider.ts';
import type { Credential } from '../core/vault.ts';

export const CODE = 'code';
export const WAY = 'way';
export const TOKEN = 'form_token';
export const SCOPE = 'scope';

const MAX_LENGTH = 4_000;

export interface Submission {
  readonly code: string;
  readonly token: string;
  readonly way: CatalogAuth;
  /** The fields of that way that were filled in, without blanks around them. */
  readonly values: Credential;
  /** Permissions that were ticked; none that the page did not offer. */
  readonly scopes: readonly string[];
}

/** Why a provider cannot be shown on this page: one of its fields is named like one of the page's own. */
export function reservedField(provider: CatalogProvider): string | undefined {
  const keys = provider.auth.flatMap(({ fields }) => fields.map(({ key }) => key));
  return keys.find((key) => [CODE, WAY, TOKEN, SCOPE].includes(key));
}

export function readSubmission(body: URLSearchParams, provider: CatalogProvider): Submission | undefined {
  const way = chosenWay(body, provider.auth);
  if (way === undefined) return undefined;
  const given = way.fields
    .map(({ key }) => [key, valueOf(body, provider.auth, way, key)] as const)
    .filter(([, value]) => value !== '');
  return {
    code: body.get(CODE)?.trim() ?? '',
    token: body.get(TOKEN) ?? '',
    way,
    values: Object.fromEntries(given),
    scopes: [...new Set(body.getAll(SCOPE))].filter((given) => way.permissions?.some(({ scope }) => scope === given)),
  };
}

/** What is wrong, by the field's key; empty when nothing is. */
export function fieldProblems(way: CatalogAuth, values: Credential): ReadonlyMap<string, string> {
  const problems = way.fields.map((field) => [field.key, problemOf(field, values)] as const);
  return new Map(problems.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
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
function chosenWay(body: URLSearchParams, ways: readonly CatalogAuth[]): CatalogAuth | undefined {
  const named = body.get(WAY);
  if (named !== null) return ways.find(({ id }) => id === named);
  const known = new Set(ways.flatMap(({ fields }) => fields.map(({ key }) => key)));
  const filled = [...body].filter(([key, value]) => known.has(key) && value.trim() !== '').map(([key]) => key);
  return ways.find(({ fields }) => filled.every((key) => fields.some((field) => field.key === key))) ?? ways[0];
}

/** Ways may share a key; the page then sends one value for each of them, in the order of the ways. */
function valueOf(body: URLSearchParams, ways: readonly CatalogAuth[], way: CatalogAuth, key: string): string {
  const given = body.getAll(key);
  const sharing = ways.filter(({ fields }) => fields.some((field) => field.key === key));
  const at = given.length === sharing.length ? sharing.indexOf(way) : 0;
  return given[at]?.trim() ?? '';
}

function problemOf(field: CredentialField, values: Credential): string | undefined {
  const { key, label, pattern, example, optional } = field;
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  if (value === undefined) return optional === true ? undefined : `${label} is missing.`;
  if (value.length > MAX_LENGTH) return `${label} is too long.`;
  const fits = !/\p{Cc}/u.test(value) && (pattern === undefined || new RegExp(pattern).test(value));
  if (fits) return undefined;
  return `${label} does not look right.${example === undefined ? '' : ` It looks like this: ${example}`}`;
}
