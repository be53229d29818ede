/**
 * What may leave for a provider. The check is on the rendered URL; the transport adds the checks that need DNS.
 * No I/O.
 */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface IncomingAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text of the body, at most `MAX_ANSWER_BYTES`. */
  readonly text: string;
}

/**
 * How sending failed. `sent: false` promises that no byte of the request left, so that even a write may be repeated.
 */
export class TransportError extends Error {
  readonly kind: 'timeout' | 'unreachable' | 'blocked' | 'too_large';
  readonly sent: boolean;

  constructor(kind: TransportError['kind'], sent: boolean) {
    super(kind);
    this.kind = kind;
    this.sent = sent;
  }
}

/** Sends one request; never follows a redirect. Throws TransportError only. */
export type Transport = (request: OutgoingRequest, signal: AbortSignal) => Promise<IncomingAnswer>;

export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

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
  return reserved === undefined ? undefined : `the header ${reserved} is reserved`;
}

/** `*.bitrix24.com` stands for exactly one label in place of the star. */
export function hostMatches(host: string, allowed: string): boolean {
  const wanted = allowed.split('.');
  const given = host.toLowerCase().split('.');
  return (
    wanted.length === given.length && wanted.every((label, i) => (label === '*' ? given[i] !== '' : label === given[i]))
  );
}

/** True for addresses that are not on the public internet: loopback, private, link-local, metadata, multicast. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const v4 = (mapped ?? address).split('.').map(Number);
  if (v4.length === 4) return isPrivateV4(v4);
  const groups = expandV6(address.toLowerCase());
  const [first = 0, second = 0] = groups;
  if (groups.length !== 8) return true;
  if (groups.slice(0, 5).every((group) => group === 0)) return true; // ::, ::1, mapped and compatible v4 in hex
  if (first === 0x64 && second === 0xff9b) return true; // NAT64 reaches v4 addresses
  if (first === 0x2002) return true; // 6to4 wraps v4 addresses
  if (first === 0x2001 && second < 0x200) return true; // Teredo and other special-purpose blocks
  return first < 0x2000 || first >= 0x4000; // only 2000::/3 is global unicast
}

function isPrivateV4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113)
  );
}

function expandV6(address: string): readonly number[] {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => 0), ...right];
}
