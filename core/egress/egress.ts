/**
 * What may leave for a provider. The check is on the rendered URL; the transport adds the checks that need DNS.
 */
import { BlockList, isIP } from 'node:net';
import { isHeaderValue } from '../text.ts';

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text of the body, of at most `MAX_RESPONSE_BYTES`. */
  readonly text: string;
}

/**
 * How sending failed. `sent: false` promises that no byte of the request left, so that even a write may be repeated.
 */
export class TransportError extends Error {
  readonly kind: 'timeout' | 'unreachable' | 'blocked' | 'too_large' | 'unreadable';
  readonly sent: boolean;

  constructor(kind: TransportError['kind'], sent: boolean) {
    super(kind);
    this.kind = kind;
    this.sent = sent;
  }
}

/** Sends one request; never follows a redirect. Throws TransportError only. */
export type Transport = (request: OutgoingRequest, signal: AbortSignal) => Promise<TransportResponse>;

/** Counted as it is read, which is after unpacking: menus and directories that vendors give as a whole have some megabytes. */
export const MAX_RESPONSE_BYTES = 12 * 1024 * 1024;

/** Headers a provider definition or a tool may not set. */
const RESERVED_HEADERS = /^(host|content-length|transfer-encoding|connection|cookie|x-forwarded-.*|mcp-.*)$/i;

/** Why a rendered request may not be sent, or undefined. Never quotes the URL: it may hold a secret. */
export function egressProblem(request: OutgoingRequest, allowedHosts: readonly string[]): string | undefined {
  const { url, headers } = request;
  if (url.protocol !== 'https:') return 'the address is not https';
  if (url.username !== '' || url.password !== '') return 'the address holds a user name';
  if (url.port !== '') return 'the address names a port';
  if (!allowedHosts.some((allowed) => hostMatches(url.hostname, allowed)))
    return "the host is not one of the provider's";
  const reserved = Object.keys(headers).find((name) => RESERVED_HEADERS.test(name));
  if (reserved !== undefined) return `the header ${reserved} is reserved`;
  const unsendable = Object.keys(headers).find((name) => !isHeaderValue(headers[name] ?? ''));
  return unsendable === undefined
    ? undefined
    : `the header ${unsendable} cannot hold every character of what was given`;
}

/** `*.bitrix24.com` stands for exactly one label in place of the star. */
export function hostMatches(host: string, allowed: string): boolean {
  const wanted = allowed.split('.');
  const given = host.toLowerCase().split('.');
  return (
    wanted.length === given.length && wanted.every((label, i) => (label === '*' ? given[i] !== '' : label === given[i]))
  );
}

/**
 * Everything that is not the public internet (IANA special-purpose registries, RFC 6890). Two lists, because a
 * BlockList compares a v4 address with v6 rules as well.
 */
const PRIVATE_V4 = blockList('ipv4', {
  '0.0.0.0': 8,
  '10.0.0.0': 8,
  '100.64.0.0': 10,
  '127.0.0.0': 8,
  '169.254.0.0': 16,
  '172.16.0.0': 12,
  '192.0.0.0': 24,
  '192.0.2.0': 24,
  '192.88.99.0': 24,
  '192.168.0.0': 16,
  '198.18.0.0': 15,
  '198.51.100.0': 24,
  '203.0.113.0': 24,
  '224.0.0.0': 3,
});
/** Global unicast is 2000::/3; of it, these wrap or tunnel v4 addresses or are documentation. */
const PRIVATE_V6 = blockList('ipv6', {
  '::': 3,
  '4000::': 2,
  '8000::': 1,
  '2001::': 23,
  '2001:db8::': 32,
  '2002::': 16,
});

function blockList(family: 'ipv4' | 'ipv6', subnets: Readonly<Record<string, number>>): BlockList {
  const list = new BlockList();
  for (const [net, bits] of Object.entries(subnets)) list.addSubnet(net, bits, family);
  return list;
}

/** True for an address that is not on the public internet, and for text that is no address at all. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return PRIVATE_V4.check(address, 'ipv4');
  return family === 0 || PRIVATE_V6.check(address.replace(/%.*$/, ''), 'ipv6');
}
