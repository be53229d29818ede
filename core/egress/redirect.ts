/** When a provider says that what was asked for is at another address: an account was renamed, a service has moved. */
import { egressProblem, type OutgoingRequest, type TransportResponse } from './egress.ts';

/** A chain as long as this leads nowhere. */
export const MOST_REDIRECTS = 3;

/**
 * The same read at the address that a redirect names, or undefined where it is none or may not be followed: it must be one
 * of the provider's own hosts, because the credential goes along. For reads only: whether a write was done is not known.
 */
export function redirected(
  request: OutgoingRequest,
  { status, headers }: TransportResponse,
  hosts: readonly string[],
): OutgoingRequest | undefined {
  const location = headers['location'];
  if (!isRedirect(status) || location === undefined || !URL.canParse(location, request.url)) return undefined;
  const { body: _body, headers: sent, ...rest } = request;
  const { 'content-type': _type, ...bodiless } = sent;
  const url = new URL(location, request.url);
  // 303 is an answer that is read by GET (RFC 9110, section 15.4.4); elsewhere a read that is a POST stays one.
  const next: OutgoingRequest =
    status === 303 ? { ...rest, url, method: 'GET', headers: bodiless } : { ...request, url };
  return egressProblem(next, hosts) === undefined ? next : undefined;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
