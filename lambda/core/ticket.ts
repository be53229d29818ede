/**
 * An invitation to connect one account of one tenant: a secret in a URL, a short code shown elsewhere, ten minutes,
 * one use. Stored by hash, so that reading the table opens nothing. No I/O.
 */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { hashSecret, mintSecret } from './random-secret.ts';
import type { TenantId } from './tenant.ts';

export interface Ticket {
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
  /** Where the person goes afterwards; allow-listed per client when the ticket is made. */
  readonly returnUrl?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Wrong codes so far. */
  readonly tries: number;
}

export const TICKET_TTL_MS = 600_000;
export const MAX_TRIES = 5;

/** What the connect function may do with tickets: it acts for the tenant that the ticket itself belongs to. */
export interface TicketStore {
  /** The ticket behind a hash, or undefined: unknown, used, expired and worn out look the same. */
  find(hash: string): Promise<Ticket | undefined>;
  /** Counts a wrong code; at MAX_TRIES the ticket is gone. */
  countWrongCode(ticket: Ticket): Promise<void>;
  /** Uses the ticket up. False when it was used, or has ended, meanwhile: then nothing may be stored. */
  take(ticket: Ticket): Promise<boolean>;
}

/** What may make tickets: the tenant's own session. */
export interface TicketWriter {
  put(ticket: Ticket): Promise<void>;
}

export type TicketRequest = Pick<
  Ticket,
  'tenant' | 'client' | 'org' | 'user' | 'provider' | 'connection' | 'returnUrl'
>;

/** The only time the secret and the code exist in clear. The address is for the person, not for logs. */
export interface IssuedTicket {
  readonly hash: string;
  readonly url: string;
  /** Shown where the person talks to the agent, and typed on the page. */
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Letters and digits that are not mistaken for one another: 31^6 codes, of which five may be tried. */
const CODE_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ2345678';

/** @param publicUrl where this service is reached from outside, without a slash at its end. */
export async function issueTicket(
  deps: { readonly tickets: TicketWriter; readonly clock: () => number },
  request: TicketRequest,
  publicUrl: string,
): Promise<IssuedTicket> {
  const secret = mintSecret();
  const code = mintCode();
  const hash = hashSecret(secret);
  const expiresAt = deps.clock() + TICKET_TTL_MS;
  await deps.tickets.put({ ...request, hash, codeHash: hashCode(secret, code), expiresAt, tries: 0 });
  return { hash, url: `${publicUrl}/connect/${secret}`, code, expiresAt };
}

/** The hash of the ticket that a link of `issueTicket` opens. */
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

/** True for the code the ticket was made with; compared without telling how much of it fits. */
export function isRightCode(ticket: Ticket, secret: string, code: string): boolean {
  return timingSafeEqual(Buffer.from(ticket.codeHash, 'hex'), Buffer.from(hashCode(secret, code), 'hex'));
}

/** What a person, or the keyboard, may change while typing: case, spaces, any dash, quotes, full-width letters. */
function normalCode(code: string): string {
  return code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
}
