/**
 * Inviting a person to connect an account on the hosted page: for one tenant, one provider and one name. Address and
 * code are for that person; together they let somebody connect an account and nothing else. They are never logged.
 */
import type { Invitation } from './errors.ts';
import type { TenantPrincipal } from './principal.ts';
import { issueTicket, type IssuedTicket, type TicketRequest, type TicketWriter } from './ticket.ts';

export interface InviteDeps {
  readonly tickets: TicketWriter;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** @param publicUrl where this service is reached from outside, without a slash at its end. */
export function invite(
  deps: InviteDeps,
  { tenant, clientId, org, user }: TenantPrincipal,
  account: Pick<TicketRequest, 'provider' | 'connection' | 'returnUrl'>,
  publicUrl: string,
): Promise<IssuedTicket> {
  return issueTicket(deps, { ...account, tenant, client: clientId, org, user }, publicUrl);
}

export function shown({ url, code, expiresAt }: Pick<IssuedTicket, 'url' | 'code' | 'expiresAt'>): Invitation {
  return { url, code, expires_at: new Date(expiresAt).toISOString() };
}
