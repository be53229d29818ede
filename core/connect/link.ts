/**
 * An invitation to connect one account of one tenant: a secret in a URL, a short code shown elsewhere, ten minutes,
 * one use. Stored by hash, so that reading the table opens nothing.
 */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { hashSecret, mintSecret } from '../vault/random-secret.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Clock, EpochMs } from '../time.ts';
import type { PublicUrl } from '../public-url.ts';

export interface ConnectLink {
  /** SHA-256 of the secret in the URL, hex. */
  readonly hash: string;
  readonly tenant: TenantId;
  readonly client: string;
  readonly org?: string | undefined;
  readonly user?: string | undefined;
  readonly provider: string;
  readonly connection: string;
  /** SHA-256 of secret and code: the code alone is short enough to be guessed from a plain hash. */
  readonly codeHash: string;
  /** Where the person goes afterwards; allow-listed per client when the link is made. */
  readonly returnUrl?: string | undefined;
  readonly expiresAt: EpochMs;
  /** Wrong codes so far. */
  readonly tries: number;
}

export const LINK_TTL_MS = 600_000;
export const MAX_TRIES = 5;

/** What the connect function may do with links: it acts for the tenant that the link itself belongs to. */
export interface ConnectLinkStore {
  /** The link behind a hash, or undefined: unknown, used, expired and worn out look the same. */
  find(hash: string): Promise<ConnectLink | undefined>;
  /** Counts a wrong code; at MAX_TRIES the link is gone. */
  countWrongCode(link: ConnectLink): Promise<void>;
  /** Uses the link up. False when it was used, or has ended, meanwhile: then nothing may be stored. */
  take(link: ConnectLink): Promise<boolean>;
}

/** What may make links: the tenant's own session. */
export interface ConnectLinkWriter {
  put(link: ConnectLink): Promise<void>;
}

export type ConnectLinkRequest = Pick<
  ConnectLink,
  'tenant' | 'client' | 'org' | 'user' | 'provider' | 'connection' | 'returnUrl'
>;

/** The only time the secret and the code exist in clear. The address is for the person, not for logs. */
export interface IssuedConnectLink {
  readonly hash: string;
  readonly url: string;
  /** Shown where the person talks to the agent, and typed on the page. */
  readonly code: string;
  readonly expiresAt: EpochMs;
}

/** Letters and digits that are not mistaken for one another: 31^6 codes, of which five may be tried. */
const CODE_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ2345678';

export async function issueConnectLink(
  deps: { readonly links: ConnectLinkWriter; readonly clock: Clock },
  request: ConnectLinkRequest,
  publicUrl: PublicUrl,
): Promise<IssuedConnectLink> {
  const secret = mintSecret();
  const code = mintCode();
  const hash = hashSecret(secret);
  const expiresAt = deps.clock() + LINK_TTL_MS;
  await deps.links.put({ ...request, hash, codeHash: hashCode(secret, code), expiresAt, tries: 0 });
  return { hash, url: `${publicUrl}/connect/${secret}`, code, expiresAt };
}

/** The hash of the link that a link of `issueConnectLink` opens. */
export function hashOfLink(url: string): string {
  return hashSecret(url.slice(url.lastIndexOf('/') + 1));
}

/** Such as `K7M-2PX`. */
function mintCode(): string {
  const half = (): string => Array.from({ length: 3 }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('');
  return `${half()}-${half()}`;
}

export function hashCode(secret: string, code: string): string {
  return createHash('sha256')
    .update(`${secret}|${normalCode(code)}`)
    .digest('hex');
}

/** True for the code the link was made with; compared without telling how much of it fits. */
export function isRightCode(link: ConnectLink, secret: string, code: string): boolean {
  return timingSafeEqual(Buffer.from(link.codeHash, 'hex'), Buffer.from(hashCode(secret, code), 'hex'));
}

/** What a person, or the keyboard, may change while typing: case, spaces, any dash, quotes, full-width letters. */
function normalCode(code: string): string {
  return code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
}
