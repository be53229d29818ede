/** AWS fails on purpose under real functions: what an agent is told is what happened at the provider. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlannedFault } from '../../emulator/faults.ts';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { callTool, closeConnections, rpc } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e } from './runtime.ts';

const data = mkdtempSync(join(tmpdir(), 'allmcp-faults-'));
const QUIET_MS = 3_000;
const world: { portals?: TestPortals; key?: string } = {};
beforeAll(async () => {
  world.portals = await startPortals(1, 'faulty');
  const runtime = await startE2e({ data, routes: world.portals.routes });
  ({ key: world.key } = await runtime.createKey({ client: 'acme', type: 'client' }));
  for (const portal of world.portals.all)
    await connect({ url: runtime.mcp({ user_id: 'ann' }), key: world.key }, portal);
  await runtime.stop();
  // Connecting took slots of the provider's pace: in a quiet account the next call takes them with one write.
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await world.portals?.stop();
  closeConnections();
  rmSync(data, { recursive: true, force: true });
});

/** Starts anew over the same data with a fault, and makes a change. */
async function changeWith(fault: PlannedFault) {
  const { portals, key = '' } = world;
  const [portal] = portals?.all ?? [];
  if (portals === undefined || portal === undefined) throw new Error('no portal');
  const title = `fault ${JSON.stringify(fault)}`;
  const runtime = await startE2e({ data, routes: portals.routes, faults: [fault] });
  try {
    const target = { url: runtime.mcp({ user_id: 'ann' }), key };
    const { isError, value } = await callTool(target, 'bitrix24_create_deal', { title });
    const made = [...portal.portal.deals.values()].filter(({ TITLE }) => TITLE === title).length;
    return { told: isError ? value['code'] : 'done', wait: value['retry_after'], made };
  } finally {
    await runtime.stop();
  }
}

describe('a change while AWS fails', () => {
  it('is told as done when the counter after it is throttled', async () => {
    // The first notes the use of the key, the second takes the pace of the provider, the third counts the call.
    const fault = { service: 'dynamodb', operation: 'UpdateItem', kind: 'throttle', nth: 3 } as const;
    expect(await changeWith(fault)).toEqual({ told: 'done', wait: undefined, made: 1 });
  });

  it.each([
    { service: 'kms', operation: 'Decrypt', kind: 'throttle' },
    { service: 'sts', operation: '*', kind: 'down' },
    { service: 'dynamodb', operation: 'UpdateItem', kind: 'down', nth: 2 },
  ] as const)('is not made, and says when to try again: $service $operation $kind', async (fault) => {
    const { told, wait, made } = await changeWith(fault);
    expect([told, wait, made]).toEqual(['unavailable', expect.any(Number), 0]);
  });
});

describe('a list while AWS fails', () => {
  it('is 503 with Retry-After', async () => {
    const { portals, key = '' } = world;
    const fault = { service: 'dynamodb', operation: 'Query', kind: 'down' } as const;
    const runtime = await startE2e({ data, routes: portals?.routes ?? {}, faults: [fault] });
    try {
      const answer = await rpc({ url: runtime.mcp({ user_id: 'ann' }), key }, 'tools/list');
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    } finally {
      await runtime.stop();
    }
  });
});
