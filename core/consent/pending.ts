/**
 * A consent that was asked for and not yet given: what the callback must fit. It is found by the hash of its `state`
 * and taken once. Neither the state, the browser's secret nor the PKCE verifier can be read from it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Facts } from '../provider/auth.ts';
import { hashSecret } from '../vault/random-secret.ts';
import type { TenantId, TenantParts } from '../tenant/tenant.ts';
import type { EpochMs } from '../time.ts';

export interface PendingGrant extends TenantParts {
  /** SHA-256 of the state, hex. */
  readonly hash: string;
  readonly tenant: TenantId;
  readonly provider: string;
  /** Which of the provider's ways of signing in. */
  readonly auth: string;
  /** The name the connection will have. */
  readonly connection: string;
  /** The app that asked, by its client id. */
  readonly clientId: string;
  readonly redirectUri: string;
  /** SHA-256 of the secret in the browser's cookie, hex. */
  readonly browserHash: string;
  /** Facts of the fields asked before the redirect. */
  readonly facts: Facts;
  /** Every scope that was asked for. */
  readonly scopes: readonly string[];
  /** The connect link this began from, by its hash, for the page that goes on afterwards. */
  readonly linkHash?: string | undefined;
  /** Where the person goes afterwards; allow-listed when the link was made. */
  readonly returnUrl?: string | undefined;
  readonly expiresAt: EpochMs;
}

export interface PendingGrants {
  put(grant: PendingGrant): Promise<void>;
  /** Removes the grant and gives it, to one caller only. Undefined: unknown, taken and expired look the same. */
  take(hash: string): Promise<PendingGrant | undefined>;
}

export const GRANT_TTL_MS = 600_000;

/**
 * One cookie per consent, so that two tabs do not take each other's. `__Host-`: this host only, https only; on a laptop,
 * where the callback is plain http on loopback, browsers refuse that prefix.
 */
export function consentCookieName(state: string, redirectUri: string): string {
  const prefix = redirectUri.startsWith('https:') ? '__Host-' : '';
  return `${prefix}allmcp-consent-${hashSecret(state).slice(0, 12)}`;
}

/** The PKCE verifier of a state in one browser: derived, so that nothing that proves possession is stored. */
export function verifierOf(browserSecret: string, state: string): string {
  return createHmac('sha256', browserSecret).update(`pkce|${state}`).digest('base64url');
}

export function isBrowserOf(grant: PendingGrant, browserSecret: string): boolean {
  return timingSafeEqual(Buffer.from(grant.browserHash, 'hex'), Buffer.from(hashSecret(browserSecret), 'hex'));
}
