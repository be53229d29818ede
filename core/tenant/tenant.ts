/**
 * Who a request acts for. A TenantId is the partition key of everything a tenant owns, and its three parts are
 * the session tags and the encryption context that IAM and KMS compare.
 *
 * Invariant: two different (client, org, user) tuples never give the same TenantId, and no part can reach into
 * the next one, whatever Unicode it holds.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

declare const tenantBrand: unique symbol;

/** `T#<client>#<org>#<user>`, each part encoded. Made by `tenantId` only. */
export type TenantId = string & { readonly [tenantBrand]: true };

export interface TenantParts {
  readonly client: string;
  readonly org?: string | undefined;
  readonly user?: string | undefined;
}

/** The encoded parts: legal STS tag values, equal to the pieces between the `#` of the TenantId. */
export interface TenantTags {
  readonly client: string;
  readonly org: string;
  readonly user: string;
}

/** Longest id a caller may send, in Unicode code points. */
export const MAX_ID_LENGTH = 200;

/**
 * Longer encodings are hashed. STS packs the tags of a session into a space that ends, as far as is known, at 370 to
 * 455 characters of names and values together; three parts of this length and their names are 304 (docs/decisions/0010).
 */
const MAX_ENCODED_LENGTH = 90;
const ABSENT = '=';
const HASHED = '=h';

const PLAIN_BYTE = /[A-Za-z0-9_.@:/+-]/;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * Why an id from outside cannot be used, or undefined when it can.
 * U+FFFD is refused because it is what every undecodable byte turns into: two broken ids would become one tenant.
 */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (Array.from(id).length > MAX_ID_LENGTH) return `is longer than ${MAX_ID_LENGTH} characters`;
  if (/\p{Cc}/u.test(id)) return 'contains a control character';
  if (/[\p{Cs}\uFFFD]/u.test(id)) return 'is not valid Unicode';
  return undefined;
}

/** Encodes one id; undefined becomes `=`, which no id encodes to. */
export function encodeId(id: string | undefined): string {
  if (id === undefined) return ABSENT;
  const problem = idProblem(id);
  if (problem !== undefined) throw new RangeError(`an id ${problem}`);
  let encoded = '';
  for (const byte of Buffer.from(id, 'utf8')) {
    const char = String.fromCharCode(byte);
    encoded += byte < 0x80 && PLAIN_BYTE.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded.length <= MAX_ENCODED_LENGTH ? encoded : HASHED + base32(createHash('sha256').update(id).digest());
}

/** Reads an encoded part back; undefined for an absent or a hashed one (whose original is kept in the item). */
export function decodeId(encoded: string): string | undefined {
  if (encoded === ABSENT || encoded.startsWith(HASHED)) return undefined;
  const bytes: number[] = [];
  for (let i = 0; i < encoded.length; i += 1) {
    if (encoded[i] === '=') {
      bytes.push(Number.parseInt(encoded.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(encoded.charCodeAt(i));
  }
  return Buffer.from(bytes).toString('utf8');
}

/** The parts that count, as they were sent: an organization without a user is the client's one default user. */
export function tenantLevel({ client, org, user }: TenantParts): TenantParts {
  return user === undefined ? { client } : { client, org, user };
}

/** The only way to make a TenantId. */
export function tenantId(sent: TenantParts): TenantId {
  const { client, org, user } = tenantLevel(sent);
  const parts = [client, org, user];
  const encoded = parts.map(encodeId);
  for (const [i, part] of encoded.entries()) remember(part, parts[i]);
  return `T#${encoded.join('#')}` as TenantId;
}

/**
 * The ids a TenantId was made of. Only `tenantId` makes one, so the originals of hashed ids have been seen by this
 * process; one of so many that it was forgotten is named by its encoding, which is the same every time.
 */
export function tenantParts(tenant: TenantId): TenantParts {
  const { client, org, user } = tenantTags(tenant);
  const original = (encoded: string): string => decodeId(encoded) ?? originals.get(encoded) ?? encoded;
  return {
    client: original(client),
    org: org === ABSENT ? undefined : original(org),
    user: user === ABSENT ? undefined : original(user),
  };
}

/** Originals of the ids that cannot be read back. */
const originals = new LRUCache<string, string>({ max: 2_000 });

function remember(encoded: string, id: string | undefined): void {
  if (id !== undefined && encoded.startsWith(HASHED)) originals.set(encoded, id);
}

export function tenantTags(tenant: TenantId): TenantTags {
  const [, client, org, user] = tenant.split('#');
  if (client === undefined || org === undefined || user === undefined) throw new TypeError('not a tenant id');
  return { client, org, user };
}

function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let out = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      out += BASE32[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? out + BASE32[(value << (5 - bits)) & 31] : out;
}
