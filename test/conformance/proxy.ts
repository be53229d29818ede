/**
 * A loopback proxy that adds the API key, because the suite cannot send a header of its own. Everything else passes
 * as it came: a foreign Host and Origin too, so that what refuses them is the gateway.
 */
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface KeyProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startKeyProxy(target: string, key: string): Promise<KeyProxy> {
  const server = createServer((incoming, outgoing) => forward(new URL(target), key, incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function forward(target: URL, key: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url: path } = incoming;
  const headers = { ...incoming.headers, host: hostFor(incoming, target), 'x-api-key': key };
  const onward = request(new URL(path ?? '/', target), { method, headers: headers as IncomingHttpHeaders });
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

/** A client that names this proxy means the target; any other name is the client's own affair. */
function hostFor({ headers: { host }, socket }: IncomingMessage, target: URL): string | undefined {
  return host?.endsWith(`:${socket.localPort}`) ? target.host : host;
}
