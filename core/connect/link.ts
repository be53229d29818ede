/**
 * A link by which a person connects one account of one tenant: a secret in a URL, a short code shown elsewhere, ten minutes,
 * one use. Stored by hash, so that reading the table opens nothing.
 */
import { hashSecret, mintSecret } from '../vault/random-secret.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Clock, EpochMs } from '../time.ts';
import type { PublicUrl } from '../public-url.ts';
import { hashCode, mintCode } from './link-code.ts';

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
  /** Codes tried so far that were not right. */
  readonly tries: number;
}

export const LINK_TTL_MS = 600_000;
export const MAX_TRIES = 5;

/** What the connect function may do with links: it acts for the tenant that the link itself belongs to. */
export interface ConnectLinkStore {
  /** The link behind a hash, or undefined: unknown, used, expired and worn out look the same. */
  find(hash: string): Promise<ConnectLink | undefined>;
  /**
   * Counts a code that is about to be compared, so that guesses sent at the same time are no more than those sent one
   * after the other. Gives how many that makes, this one included; undefined when MAX_TRIES were counted before, or the
   * link is gone: then nothing may be compared.
   */
  countTry(link: ConnectLink): Promise<number | undefined>;
  /** Takes one back: the code was right. */
  giveTryBack(link: ConnectLink): Promise<void>;
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
