/** An answer on its way to the client, and how headers of functions are renamed on that way. */
import type { Readable } from 'node:stream';

export interface HttpResponse {
  readonly status: number;
  /** Names as they will be sent; a list sends one line per value. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer | StreamedBody;
  /** The gateway response this is, for the access log. */
  readonly gatewayResponse?: string;
}

export interface StreamedBody {
  /** What has been read behind the prelude. */
  readonly first: Buffer;
  readonly rest: Readable;
  /** True when the function failed while it wrote: the client must see a cut connection, not a short answer. */
  readonly failed: Promise<boolean>;
}

/** REST APIs keep these for themselves and pass the function's value on under another name. */
const REMAPPED = new Set([
  'connection',
  'content-length',
  'date',
  'server',
  'trailer',
  'max-forwards',
  'www-authenticate',
  'host',
]);
const DROPPED = new Set(['transfer-encoding', 'upgrade', 'via', 'te', 'keep-alive', 'proxy-authenticate']);

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Undefined when a header cannot be sent, which makes the function's answer malformed. */
export function functionHeaders(
  headers: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> | undefined {
  const sent: Record<string, readonly string[]> = {};
  for (const [name, values] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!NAME.test(name) || !values.every((value) => VALUE.test(value))) return undefined;
    if (DROPPED.has(lower)) continue;
    sent[REMAPPED.has(lower) ? `x-amzn-Remapped-${name}` : name] = values;
  }
  return sent;
}

export function hasHeader(headers: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.keys(headers).some((given) => given.toLowerCase() === name);
}
