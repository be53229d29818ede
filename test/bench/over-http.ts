/**
 * The whole laptop runtime over HTTP: authorizer, tenant role, stores and the function's own process, and the floor
 * behind a plain `node:http` server. The driver, the runtime and the provider's fake share this machine.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startPortals, connect } from '../e2e/portals.ts';
import { closeConnections, send } from '../e2e/rpc.ts';
import { startE2e } from '../e2e/runtime.ts';
import { sdkServer, TEXT } from './in-process.ts';
import type { Ask, Row } from './measure.ts';
import { check, message } from './wire.ts';

export interface HttpTargets {
  readonly rows: readonly Row[];
  readonly stop: () => Promise<void>;
}

/** Within the first burst of the provider's pace; beyond it a call waits for its turn, which is not our time. */
const PROVIDER_CALLS = 40;

/** Throws when the runtime does not start. */
export async function startHttpTargets(): Promise<HttpTargets> {
  const floor = await startFloor();
  const portals = await startPortals(1, 'bench');
  const runtime = await startE2e({ routes: portals.routes });
  const { key } = await runtime.createKey({ client: 'bench', type: 'platform' });
  const target = { url: runtime.mcp({ org_id: 'o', user_id: 'u' }), key };
  const [portal] = portals.all;
  if (portal !== undefined) await connect(target, portal);

  const over = (method: string, expected: string, params: Readonly<Record<string, unknown>> = {}): Ask =>
    asks(target.url, { 'x-api-key': key }, expected, method, params);
  return {
    rows: [
      {
        name: 'http floor call',
        ask: asks(floor.url, {}, TEXT, 'tools/call', { name: 'echo_0', arguments: { record_id: 1 } }),
      },
      { name: 'http gateway list', ask: over('tools/list', 'bitrix24_list_deals') },
      {
        name: 'http gateway system call',
        ask: over('tools/call', 'bitrix24', { name: 'list_connections', arguments: {} }),
      },
      {
        name: 'http gateway provider call',
        ask: over('tools/call', 'items', { name: 'bitrix24_list_deals', arguments: {} }),
        atMost: PROVIDER_CALLS,
      },
    ],
    stop: async () => {
      closeConnections();
      await Promise.all([runtime.stop(), portals.stop(), floor.stop()]);
    },
  };
}

function asks(
  url: URL | string,
  key: Readonly<Record<string, string>>,
  expected: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Ask {
  const { headers, body } = message('2025-11-25', method, params);
  return async () => {
    const { status, text } = await send(url, { headers: { ...headers, ...key }, body });
    check(status, Buffer.from(text), expected);
  };
}

async function startFloor(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const serve = sdkServer(1);
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
      void serve(new Request('http://localhost/mcp', { method: 'POST', headers, body: Buffer.concat(chunks) }))
        .then(async (answer) => {
          const text = await answer.text();
          outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
        })
        .catch(() => outgoing.writeHead(500).end());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
