/**
 * Ties a form to the browser it was shown in. The browser keeps a random secret in a cookie; the form carries an
 * HMAC of the link under that secret. Another site can neither read the cookie nor make the HMAC, and a token of
 * one link or one browser fits no other. Nothing is stored on our side.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Consent } from '../../core/consent/begin.ts';
import type { PublicUrl } from '../../core/public-url.ts';

export interface BrowserSecret {
  readonly value: string;
  /** True when the browser brought it along, false when it was made for this answer. */
  readonly brought: boolean;
}

const SECRET_BYTES = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/**
 * A `__Host-` cookie is bound to this very host over https. On a laptop the service is plain http on loopback, where
 * browsers refuse that prefix.
 */
export function cookieName(publicUrl: PublicUrl): string {
  return isHttps(publicUrl) ? '__Host-allmcp-connect' : 'allmcp-connect';
}

/** The secret in the request's cookie, or undefined: none, or not one of ours. */
export function readSecret(cookies: string | null, publicUrl: PublicUrl): BrowserSecret | undefined {
  const value = readCookie(cookies, cookieName(publicUrl));
  return value !== undefined && SECRET.test(value) ? { value, brought: true } : undefined;
}

/** The value of a cookie of the request, as it was sent. */
export function readCookie(cookies: string | null, name: string): string | undefined {
  const prefix = `${name}=`;
  return (cookies ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length);
}

export function mintBrowserSecret(random: (bytes: number) => Uint8Array): BrowserSecret {
  return { value: Buffer.from(random(SECRET_BYTES)).toString('base64url'), brought: false };
}

/**
 * The `Set-Cookie` value; it lives as long as the browser's session.
 * @param framed the page is shown inside a product's page of another site. Browsers send a `Lax` cookie there never,
 *   and a partitioned one only inside that same product.
 */
export function cookieHeader(secret: BrowserSecret, publicUrl: PublicUrl, framed: boolean): string {
  const site = framed && isHttps(publicUrl) ? 'SameSite=None; Partitioned' : 'SameSite=Lax';
  return `${cookieName(publicUrl)}=${secret.value}; ${attributes(publicUrl)}; ${site}`;
}

/** The `Set-Cookie` value that a consent's return is compared with; that return is a top-level GET. */
export function consentCookieHeader({ name, value, maxAgeSeconds }: Consent['cookie'], publicUrl: PublicUrl): string {
  return `${name}=${value.reveal()}; Max-Age=${maxAgeSeconds}; ${attributes(publicUrl)}; SameSite=Lax`;
}

/** Ends the cookie of a consent that has come back: it has proved what it was for. */
export function endedCookieHeader(name: string, publicUrl: PublicUrl): string {
  return `${name}=; Max-Age=0; ${attributes(publicUrl)}; SameSite=Lax`;
}

/** What the form must carry. */
export function formToken(secret: BrowserSecret, linkHash: string): string {
  return createHmac('sha256', secret.value).update(`connect|${linkHash}`).digest('base64url');
}

export function isFormToken(given: string, secret: BrowserSecret, linkHash: string): boolean {
  const [wanted, got] = [formToken(secret, linkHash), given].map((text) => Buffer.from(text));
  return wanted !== undefined && got !== undefined && wanted.length === got.length && timingSafeEqual(wanted, got);
}

function attributes(publicUrl: PublicUrl): string {
  return `Path=/; HttpOnly${isHttps(publicUrl) ? '; Secure' : ''}`;
}

function isHttps(publicUrl: PublicUrl): boolean {
  return new URL(publicUrl).protocol === 'https:';
}
