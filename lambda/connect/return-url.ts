/**
 * Where the person goes after connecting. The address comes from the ticket, where it was put after comparing it with
 * the client's allow-list; nothing in a request to the page can change it, and no credential is ever added to it.
 */
import type { Ticket } from '../core/ticket.ts';

/** The address with the outcome added, or undefined when there is none that a browser should follow. */
export function returnAddress(
  { returnUrl, provider, connection }: Pick<Ticket, 'returnUrl' | 'provider' | 'connection'>,
  problem?: string,
): URL | undefined {
  const url = safe(returnUrl);
  url?.searchParams.set('status', problem === undefined ? 'connected' : 'failed');
  if (problem !== undefined) url?.searchParams.set('error', problem);
  url?.searchParams.set('provider_key', provider);
  url?.searchParams.set('connection', connection);
  return url;
}

/** The origin the form may lead to after it was sent. */
export function returnOrigin(ticket: Ticket): string | undefined {
  return safe(ticket.returnUrl)?.origin;
}

function safe(returnUrl: string | undefined): URL | undefined {
  if (returnUrl === undefined || !URL.canParse(returnUrl)) return undefined;
  const url = new URL(returnUrl);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const fit = url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
  return fit && url.username === '' && url.password === '' ? url : undefined;
}
