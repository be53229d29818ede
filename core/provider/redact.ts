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
  return [...new Set(values)].filter(({ length }) => length >= SHORTEST);
}

function addressParts(value: string): readonly string[] {
  if (!URL.canParse(value)) return [];
  const { pathname, searchParams, username, password } = new URL(value);
  return [...pathname.split('/'), ...searchParams.values(), username, password];
}

/** The forms that a text takes on its way through headers, addresses and logs. Compared without regard to case. */
const FORMS: readonly ((value: string) => readonly string[])[] = [
  (value) => [value, encodeURIComponent(value), new URLSearchParams([['', value]]).toString().slice(1)],
  (value) => [Buffer.from(value).toString('hex'), percentEncoded(value)],
  base64Forms,
];

/** Every byte as `%xx`, for those who encode letters too. */
function percentEncoded(value: string): string {
  return Buffer.from(value).toString('hex').replaceAll(/../g, '%$&');
}

/**
 * What stands in Base64 of anything that holds the value: three texts, by where it begins in a group of three bytes, without
 * the letters at both ends that its neighbours share.
 */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const sure = whole.toString('base64').slice(before === 0 ? 0 : before + 1, Math.floor((whole.length * 8) / 6));
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')].filter(({ length }) => length >= SHORTEST);
  });
}

/**
 * The same value, with every text in it that is one of `secrets` replaced, in whatever case and in each form that `FORMS`
 * knows; the value itself when there is none.
 */
export function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  const written = secrets.flatMap((secret) => FORMS.flatMap((form) => form(secret.toWellFormed())));
  const forms = [...new Set(written.map((text) => text.toLowerCase()))].toSorted((a, b) => b.length - a.length);
  return forms.length === 0 ? value : without(value, forms);
}

function without(value: unknown, forms: readonly string[]): unknown {
  if (typeof value === 'string') return withoutForms(value, forms);
  if (Array.isArray(value)) return value.map((item) => without(item, forms));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [withoutForms(key, forms), without(item, forms)]),
  );
}

/** @param forms in lower case, the longest first. */
function withoutForms(text: string, forms: readonly string[]): string {
  if (text.length < SHORTEST) return text;
  const lower = text.toLowerCase();
  const found = forms.filter((form) => lower.includes(form));
  return found.length === 0 ? text : text.replaceAll(new RegExp(found.map(literally).join('|'), 'gi'), SHOWN);
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
