/**
 * An invitation to connect one account of one tenant: a secret in a URL, a short code shown elsewhere, ten minutes,
 * one use. Stored by hash, so that reading the table opens nothing. No I/O.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
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

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
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

/** What a person may add or leave out while typing: case, spaces, the dash. */
function normalCode(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, '');
}
