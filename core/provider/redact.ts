/**
 * Takes a credential out of what a provider answered. A refusal may quote the address it was asked at or the token
 * it was sent; nothing of that may reach a result, an error or a stored record.
 */
import type { CredentialField } from './auth.ts';
import type { Credential } from '../vault/vault.ts';

const SHOWN = '[secret]';
/** Shorter texts would be found where they mean something else. */
const SHORTEST = 8;

/**
 * The secret texts of a credential: every value but those of fields that are declared not to be secret, and of an
 * address also the parts of its path and query, because that is where a webhook has its secret.
 */
export function secretTexts(credential: Credential, fields: readonly CredentialField[]): readonly string[] {
  const isSecret = (key: string): boolean =>
    !key.endsWith('_at') && (fields.find((field) => field.key === key)?.secret ?? true);
  const values = Object.entries(credential).flatMap(([key, value]) =>
    isSecret(key) ? [value, ...addressParts(value)] : [],
  );
  const written = values.flatMap((value) => [value, encodeURIComponent(value)]);
  return [...new Set(written)].filter(({ length }) => length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

function addressParts(value: string): readonly string[] {
  if (!URL.canParse(value)) return [];
  const { pathname, searchParams, username, password } = new URL(value);
  return [...pathname.split('/'), ...searchParams.values(), username, password];
}

/** The same value, with every text in it that is one of `secrets` replaced; the value itself when there is none. */
export function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    let text = value;
    for (const secret of secrets) text = text.replaceAll(secret, SHOWN);
    return text;
  }
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [withoutSecrets(key, secrets), withoutSecrets(item, secrets)]),
  );
}
