/**
 * Where the person goes after connecting. The address comes from the link, where it was put after comparing it with
 * the client's allow-list; nothing in a request to the page can change it, and no credential is ever added to it.
 */
import { isReturnUrl } from '../../core/tenant/settings.ts';
import type { ConnectLink } from '../../core/connect/link.ts';

/** The address with the outcome added, or undefined when there is none that a browser should follow. */
export function returnAddress(
  { returnUrl, provider, connection }: Pick<ConnectLink, 'returnUrl' | 'provider' | 'connection'>,
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
export function returnOrigin(link: ConnectLink): string | undefined {
  return safe(link.returnUrl)?.origin;
}

/** Held to the rule of the allow-list once more, because browsers follow it. */
function safe(returnUrl: string | undefined): URL | undefined {
  return returnUrl !== undefined && isReturnUrl(returnUrl) ? new URL(returnUrl) : undefined;
}
