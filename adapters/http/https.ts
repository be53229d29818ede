/**
 * The only way out to providers: one HTTPS request, no redirects, answers capped, and a name lookup that refuses
 * addresses off the public internet at the moment of connecting, so that a name cannot be re-pointed in between.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { request as httpsRequest, type Agent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import {
  isPrivateAddress,
  MAX_RESPONSE_BYTES,
  TransportError,
  type TransportResponse,
  type OutgoingRequest,
  type Transport,
} from '../../core/egress/egress.ts';
import type { Clock } from '../../core/time.ts';
import { createConnectionPool } from './connection-pool.ts';
import { ACCEPT_ENCODING, textOfBody } from './response-body.ts';

const BLOCKED = 'EGRESS_BLOCKED';

/** Every address of a name. */
export type ResolveName = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Resolves like the system does, then fails the connection if any address is private. */
export function createPublicLookup(resolve: ResolveName = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(Object.assign(new Error(BLOCKED), { code: BLOCKED }), []);
      }
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

export interface HttpsOptions {
  /** `ignore` answers with the status as soon as it is there, and with no text: what a receiver says does not matter. */
  readonly body?: 'read' | 'ignore';
  /**
   * Tells how long connections have been idle.
   *
   * @default - the system's
   */
  readonly clock?: Clock;
  /**
   * How a name becomes an address.
   *
   * @default - as the system does, and to no private one
   */
  readonly lookup?: LookupFunction;
}

/** What of an ignored body is taken off the connection, so that it can be used again. */
const MAX_IGNORED_BYTES = 64 * 1024;

export function createHttpsTransport({
  body = 'read',
  clock = Date.now,
  lookup = createPublicLookup(),
}: HttpsOptions = {}): Transport {
  const pool = createConnectionPool(clock);
  return async (outgoing, signal) => {
    const { agent, done } = pool.take();
    try {
      return await send(agent, { body, lookup }, outgoing, signal);
    } finally {
      done();
    }
  };
}

function send(
  agent: Agent,
  { body, lookup }: Required<Omit<HttpsOptions, 'clock'>>,
  outgoing: OutgoingRequest,
  signal: AbortSignal,
): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    const host = outgoing.url.hostname.replace(/^\[|\]$/g, '');
    // A literal address skips the lookup, so it is checked here.
    if (isIP(host) !== 0 && isPrivateAddress(host)) return reject(new TransportError('blocked', false));
    let sent = false;
    const request = httpsRequest(
      outgoing.url,
      {
        method: outgoing.method,
        agent,
        lookup,
        signal,
        headers: {
          'accept-encoding': body === 'read' ? ACCEPT_ENCODING : 'identity',
          'user-agent': 'allmcp-private',
          ...outgoing.headers,
          ...(outgoing.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(outgoing.body)) }),
        },
      },
      (response) => {
        const limit = body === 'read' ? MAX_RESPONSE_BYTES : MAX_IGNORED_BYTES;
        const chunks: Buffer[] = [];
        let size = 0;
        const read = (): void => {
          const { statusCode: status = 0, headers } = response;
          textOfBody(Buffer.concat(chunks), headers, limit).then(
            (text) =>
              resolve({
                status,
                headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
                text,
              }),
            reject,
          );
        };
        // Whatever happens to the body after this changes nothing.
        if (body === 'ignore') read();
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > limit) {
            reject(new TransportError('too_large', true));
            response.destroy();
          } else if (body === 'read') chunks.push(chunk);
        });
        response.on('error', () => reject(new TransportError(signal.aborted ? 'timeout' : 'unreachable', true)));
        response.on('end', read);
      },
    );
    request.on('socket', (socket) => {
      // Bytes can only leave once the connection stands; a failure before that left nothing behind.
      // Under TLS that is after the handshake, in which a certificate may still be refused.
      const stands = 'encrypted' in socket ? 'secureConnect' : 'connect';
      if (socket.connecting) socket.once(stands, () => (sent = true));
      else sent = true;
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === BLOCKED) reject(new TransportError('blocked', false));
      else reject(new TransportError(signal.aborted ? 'timeout' : 'unreachable', sent));
    });
    request.end(outgoing.body);
  });
}
