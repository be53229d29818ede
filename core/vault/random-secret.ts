/**
 * Secrets that stand for one thing for a few minutes: in a link, in a consent's state, in a cookie. They are stored by
 * hash only; with 256 random bits a plain hash cannot be turned back.
 */
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

export function mintSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** SHA-256, hex. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
