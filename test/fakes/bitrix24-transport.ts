/** Sends what is meant for the portal to its fake on loopback, with the promises of the real transport. Test code. */
import { request as httpRequest } from 'node:http';
import {
  MAX_RESPONSE_BYTES,
  TransportError,
  type TransportResponse,
  type Transport,
} from '../../core/egress/egress.ts';

/** @param url where the fake listens. */
export function toFake(url: string): Transport {
  return (outgoing, signal) =>
    new Promise<TransportResponse>((resolve, reject) => {
      let sent = false;
      const target = new URL(outgoing.url.pathname + outgoing.url.search, url);
      const request = httpRequest(
        target,
        { method: outgoing.method, headers: outgoing.headers, signal, agent: false },
        (answer) => {
          const chunks: Buffer[] = [];
          let size = 0;
          answer.on('data', (chunk: Buffer) => {
            size += chunk.length;
            chunks.push(chunk);
            if (size > MAX_RESPONSE_BYTES) {
              reject(new TransportError('too_large', true));
              answer.destroy();
            }
          });
          answer.on('error', () => reject(new TransportError(signal.aborted ? 'timeout' : 'unreachable', true)));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      request.on('socket', (socket) => socket.once('connect', () => (sent = true)));
      request.on('error', () => reject(new TransportError(signal.aborted ? 'timeout' : 'unreachable', sent)));
      request.end(outgoing.body);
    });
}
