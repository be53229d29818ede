/**
 * Access and refresh tokens as they lie in a sealed credential, and when they are due. The pair before the last
 * renewal stays usable for a minute: a vendor's servers may not all know a new token at once.
 */
import type { RenewableAuth } from '../provider/auth.ts';
import { Secret } from '../vault/secret.ts';
import type { Credential } from '../vault/vault.ts';
import type { EpochMs } from '../time.ts';

/** What a token endpoint gave. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Seconds. */
  readonly expiresIn?: number | undefined;
}

export const OLD_PAIR_MS = 60_000;
/** Signed tokens have some thousand characters; four of them must lie in one row, of 400 KB at most. */
export const MAX_TOKEN_LENGTH = 50_000;
const TOKEN_KEYS = /^(access_token|expires_at|issued_at|previous_.*)$/;

/**
 * The credential with new tokens in it. What the answer leaves out of a refresh token stays as it was.
 */
export function withTokens(credential: Credential, issued: IssuedTokens, now: EpochMs): Credential {
  const kept = Object.entries(credential).filter(([key]) => !TOKEN_KEYS.test(key));
  const { access_token: before, expires_at: beforeEnds, refresh_token: beforeRefresh } = credential;
  return {
    ...Object.fromEntries(kept),
    access_token: issued.accessToken,
    issued_at: String(now),
    ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
    ...(issued.expiresIn === undefined ? {} : { expires_at: String(now + issued.expiresIn * 1000) }),
    ...(before === undefined ? {} : { previous_access_token: before }),
    ...(before === undefined || beforeEnds === undefined ? {} : { previous_expires_at: beforeEnds }),
    ...(beforeRefresh === undefined || issued.refreshToken === undefined
      ? {}
      : { previous_refresh_token: beforeRefresh }),
  };
}

export function isExpired({ expires_at }: Credential, now: EpochMs): boolean {
  return expires_at !== undefined && Number(expires_at) <= now;
}

/** Whether to renew before the next call; a skew longer than half the token's life would renew on every call. */
export function isDue(credential: Credential, auth: RenewableAuth, now: EpochMs): boolean {
  if (auth.kind === 'oauth2' && auth.refresh.when === 'when_refused') return false;
  const { expires_at: ends, issued_at: issued } = credential;
  if (ends === undefined) return false;
  const skewMs = (auth.kind === 'oauth2' ? auth.refresh.skewSeconds : auth.skewSeconds) * 1000;
  const life = issued === undefined ? Number.POSITIVE_INFINITY : Number(ends) - Number(issued);
  return Number(ends) - Math.min(skewMs, life / 2) <= now;
}

/** The credential with the access token before the last renewal, while that is recent and the token has not ended. */
export function previousPair(secret: Secret<Credential>, now: EpochMs): Secret<Credential> | undefined {
  const credential = secret.reveal();
  const { previous_access_token: token, previous_expires_at: ends, issued_at: issued = '0' } = credential;
  if (token === undefined || Number(issued) + OLD_PAIR_MS <= now) return undefined;
  if (ends !== undefined && Number(ends) <= now) return undefined;
  return new Secret({ ...credential, access_token: token });
}
