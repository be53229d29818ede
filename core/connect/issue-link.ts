/**
 * Inviting a person to connect an account on the hosted page: for one tenant, one provider and one name. Address and
 * code are for that person; together they let somebody connect an account and nothing else. They are never logged.
 */
import type { ConnectLinkJson } from '../errors.ts';
import type { TenantPrincipal } from '../keys/principal.ts';
import { issueConnectLink, type IssuedConnectLink, type ConnectLinkRequest, type ConnectLinkWriter } from './link.ts';

export interface ConnectLinkDeps {
  readonly links: ConnectLinkWriter;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** @param publicUrl where this service is reached from outside, without a slash at its end. */
export function issueLinkFor(
  deps: ConnectLinkDeps,
  { tenant, clientId, org, user }: TenantPrincipal,
  account: Pick<ConnectLinkRequest, 'provider' | 'connection' | 'returnUrl'>,
  publicUrl: string,
): Promise<IssuedConnectLink> {
  return issueConnectLink(deps, { ...account, tenant, client: clientId, org, user }, publicUrl);
}

export function toConnectLinkJson({
  url,
  code,
  expiresAt,
}: Pick<IssuedConnectLink, 'url' | 'code' | 'expiresAt'>): ConnectLinkJson {
  return { url, code, expires_at: new Date(expiresAt).toISOString() };
}
