/** Where a webhook may lead, with the way out that is deployed. Nothing here leaves this machine. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createLog } from '../../../core/log.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { mintWebhookSecret } from '../../../core/event/webhook.ts';
import { createDeliver } from '../../../lambda/events/app.ts';
import { createHttpsTransport } from '../../../adapters/http/https.ts';
import { fakeEvents } from '../../fakes/events.ts';

let server: Server;
let connections = 0;
beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

describe('a delivery', () => {
  it('a webhook cannot reach a private address, whatever its address says when it is set', async () => {
    const { port } = server.address() as AddressInfo;
    const lines: string[] = [];
    const events = fakeEvents();
    const addresses = [
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
    ];
    for (const [i] of addresses.entries()) {
      events.receivers.push({ client: String(i), since: new Date(0).toISOString() });
      events.add(String(i), `evt_${i}`, Date.now() - 1_000);
    }
    const deliver = createDeliver({
      queue: events,
      webhookOf: async (client) => ({
        url: new URL(addresses[Number(client)] ?? ''),
        secrets: [new Secret(mintWebhookSecret())],
      }),
      transport: createHttpsTransport({ body: 'ignore' }),
      log: createLog({ service: 'events', write: (line) => lines.push(line), clock: Date.now }),
      clock: Date.now,
      random: Math.random,
    });
    await deliver(Date.now() + 60_000);
    const outcomes = lines.map((line) => (JSON.parse(line) as { outcome: string }).outcome);
    expect(outcomes).toEqual(addresses.map(() => 'blocked'));
    expect(connections).toBe(0);
    expect(events.rows.size).toBe(addresses.length);
  });
});
