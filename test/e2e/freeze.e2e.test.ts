/**
 * Functions are stopped between calls, as Lambda stops them, and the vendor hangs up meanwhile: a change that follows is
 * made, once, and told as made.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { callTool, closeConnections, type Target } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

/** Longer than connections are kept that are used again, and than the vendor keeps an idle one. */
const PAUSE_MS = 1_500;
const IDLE_MS = 300;
const CHANGES = 5;

interface World {
  readonly portals: TestPortals;
  readonly runtime: E2eRuntime;
  readonly target: Target;
}
const world: { now?: World } = {};
beforeAll(async () => {
  const portals = await startPortals(1, 'frozen', { hangUpAfterMs: IDLE_MS });
  const runtime = await startE2e({ routes: portals.routes, freeze: true, maxEnvironments: 1 });
  const { key } = await runtime.createKey({ client: 'acme', type: 'client' });
  world.now = { portals, runtime, target: { url: runtime.mcp({ user_id: 'ann' }), key } };
}, START_TIMEOUT_MS);
afterAll(async () => {
  await world.now?.runtime.stop();
  await world.now?.portals.stop();
  closeConnections();
});

describe('a function that was frozen', () => {
  it('makes a change after the vendor has hung up, once, and says so', async () => {
    if (world.now === undefined) throw new Error('the runtime did not start');
    const { portals, target } = world.now;
    const [portal] = portals.all;
    if (portal === undefined) throw new Error('no portal');
    await connect(target, portal);
    const told: unknown[] = [];
    for (let i = 0; i < CHANGES; i += 1) {
      await delay(PAUSE_MS);
      const { isError, value } = await callTool(target, 'bitrix24_create_deal', { title: `frozen ${i}` });
      told.push(isError ? value['code'] : 'done');
    }
    expect(told).toEqual(Array.from({ length: CHANGES }, () => 'done'));
    const titles = [...portal.portal.deals.values()].map(({ TITLE }) => String(TITLE));
    expect(titles.filter((title) => title.startsWith('frozen'))).toHaveLength(CHANGES);
  });
});
