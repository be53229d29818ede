/**
 * What a request costs in calls to AWS, as the runtime counts them. The warm figure is three and a fifth: the rate limit
 * of a provider is taken in blocks of five, so every fifth call of an account writes it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintKey } from '../../core/keys/api-key.ts';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { callTool, closeConnections, rpc, send, type Target } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

/** Fewer than a block's lifetime of ten seconds needs, so that no block is given up half used. */
const CALLS = 10;
/**
 * Connecting took a block of five at two a second. A process that knows nothing takes the account for quiet; where
 * it is not, one write more is needed, so a cold call costs seven right after another process has used the account.
 */
const QUIET_MS = 3_000;

const data = mkdtempSync(join(tmpdir(), 'allmcp-calls-'));
let portals: TestPortals;
let runtime: E2eRuntime;
let key: string;
const targetOf = (user: string): Target => ({ url: runtime.mcp({ user_id: user }), key });

beforeAll(async () => {
  portals = await startPortals(2);
  runtime = await startE2e({ data, routes: portals.routes });
  ({ key } = await runtime.createKey({ client: 'acme', type: 'client' }));
  for (const [i, portal] of portals.all.entries()) await connect(targetOf(`u${i}`), portal);
  // New processes: nothing of any tenant is in memory.
  await runtime.stop();
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  runtime = await startE2e({ data, routes: portals.routes });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  closeConnections();
  rmSync(data, { recursive: true, force: true });
});

/** The AWS actions that `run` causes, in order. */
async function actionsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  runtime.resetAwsCalls();
  await run();
  const calls = runtime.awsCalls();
  expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
  return calls.map(({ action }) => action);
}

const read = (user: string) => () => callTool(targetOf(user), 'bitrix24_get_deal', { deal_id: 1 });
const LOOKUP = 'dynamodb:GetItem';
const print = (what: string, actions: readonly string[], calls = 1): void =>
  void process.stderr.write(`  ${what}: ${actions.length / calls} AWS calls: ${[...new Set(actions)].join(', ')}\n`);

describe('a tool call', () => {
  it('of the first tenant of a process and key costs six, and the note of the day', async () => {
    const actions = await actionsOf(read('u0'));
    print('cold, first of the day', actions);
    expect(actions.filter((action) => action === 'dynamodb:UpdateItem')).toHaveLength(3);
    expect(actions).toHaveLength(7);
  });

  it('of any other cold tenant costs six: key, session, connection, credential, rate limit, count', async () => {
    const actions = await actionsOf(read('u1'));
    print('cold', actions);
    expect(actions[0]).toBe(LOOKUP);
    expect(actions.toSorted()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'dynamodb:UpdateItem',
      'kms:Decrypt',
      'sts:AssumeRole',
    ]);
  });

  it('of a warm tenant costs three, and one write of the rate limit in every fifth', async () => {
    const calls: (readonly string[])[] = [];
    for (let i = 0; i < CALLS; i += 1) calls.push(await actionsOf(read('u1')));
    const all = calls.flat();
    print(`warm, mean of ${CALLS}`, all, CALLS);
    const plain = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];
    const paced = [...plain, 'dynamodb:UpdateItem'];
    expect(calls.filter((actions) => actions.length === paced.length)).toHaveLength(CALLS / 5);
    for (const actions of calls) expect([plain, paced]).toContainEqual([...actions].toSorted());
    expect(all).toHaveLength(3 * CALLS + CALLS / 5);
  });
});

describe('tools/list', () => {
  it('of a warm tenant costs two: the key and the connections', async () => {
    const actions = await actionsOf(() => rpc(targetOf('u1'), 'tools/list'));
    print('tools/list, warm', actions);
    expect(actions).toEqual([LOOKUP, 'dynamodb:Query']);
  });

  it('of system tools only costs one', async () => {
    const url = runtime.mcp({ user_id: 'u1', system_only: 'true' });
    const actions = await actionsOf(() => rpc({ url, key }, 'tools/list'));
    print('tools/list?system_only=true, warm', actions);
    expect(actions).toEqual([LOOKUP]);
  });
});

describe('a tenant key', () => {
  it('costs two lookups more than the key it was made with, which stays at one', async () => {
    const url = new URL('/tenant-keys?user_id=u1', runtime.url);
    let made = '';
    const making = await actionsOf(async () => {
      const answer = await send(url, { headers: { 'x-api-key': key }, body: '{"ttl_seconds":60}' });
      ({ key: made } = answer.json as { key: string });
    });
    expect(making).toEqual([LOOKUP, 'dynamodb:PutItem']);
    const list = (by: string) => {
      const target = { url: runtime.mcp({ user_id: 'u1', system_only: 'true' }), key: by };
      return actionsOf(() => rpc(target, 'tools/list'));
    };
    const [own, ordinary] = [await list(made), await list(key)];
    print('tools/list?system_only=true with a tenant key, warm', own);
    expect([own, ordinary]).toEqual([[LOOKUP, LOOKUP, LOOKUP], [LOOKUP]]);
  });
});

describe('a request without a good key', () => {
  it('costs none when the key cannot be one, and one or two lookups when it could', async () => {
    const bad = { url: runtime.mcp(), key: 'allmcp_nothing' };
    expect(await actionsOf(() => rpc(bad, 'tools/list'))).toEqual([]);
    const { id, key: revoked } = await runtime.createKey({ client: 'acme', type: 'client' });
    await runtime.admin('POST', `/keys/${id}/revoke`);
    expect(await actionsOf(() => rpc({ url: runtime.mcp(), key: revoked }, 'tools/list'))).toEqual([LOOKUP]);
    const unknown = { url: runtime.mcp(), key: mintKey() };
    expect(await actionsOf(() => rpc(unknown, 'tools/list'))).toEqual([LOOKUP, LOOKUP]);
  });
});
