/**
 * The life of a token over four function processes: whatever happens at once, a single-use refresh token is used once.
 * The processes are those of the laptop runtime with the deployed bundles; the provider says who asked, by connection.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeProcesses, mcpProcesses } from './function-processes.ts';
import { isLead, setUpKommo, type KommoSetUp } from './kommo-set-up.ts';
import { callTool, type ToolAnswer } from './rpc.ts';
import { START_TIMEOUT_MS } from './runtime.ts';

/** One caller gets half of the environments at most. */
const PROCESSES = 4;
const CALLS = 200;
/** The rate limit of the vendor takes a third of this; the rest is for a busy machine. */
const PATIENCE_MS = 100_000;

let world: KommoSetUp;

/**
 * Calls for the leads 1, 2, 3, ... at once. The provider answers the request for new tokens only when every process has
 * read the token that has ended.
 */
async function callDuringRefresh(user: string, count: number): Promise<readonly ToolAnswer[]> {
  const hold = world.accountOf(user).holdToken('before_use');
  let calls: readonly Promise<ToolAnswer>[] = [];
  await world.untilRead(PROCESSES, () => {
    calls = Array.from({ length: count }, (_, i) => world.getLead(user, i + 1));
  });
  await hold.reached;
  hold.end('go_on');
  return Promise.all(calls);
}

const bad = (answers: readonly ToolAnswer[]): readonly ToolAnswer[] =>
  answers.filter((answer, i) => !isLead(answer, i + 1));

describeProcesses()('parallel calls over four processes', () => {
  beforeAll(async () => {
    const users = [{ user: 'warm' }, { user: 'expired', lives: 1 }, { user: 'ended' }, { user: 'busy', lives: 1 }];
    world = await setUpKommo(users, { maxEnvironments: 2 * PROCESSES });
    await world.startProcesses('warm', PROCESSES);
  }, START_TIMEOUT_MS);
  afterAll(() => world.stop());

  it(
    `that are ${CALLS} on one expired single-use token make one refresh and ${CALLS} results`,
    async () => {
      const account = world.accountOf('expired');
      account.endAccess();
      const processes = mcpProcesses();
      const began = performance.now();
      const answers = await callDuringRefresh('expired', CALLS);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const served = processes.map((pid) => account.served.get(pid) ?? 0);
      const { counts, askedForTokens } = account;
      process.stderr.write(
        `  ${CALLS} calls in ${seconds} s, ${counts.refreshed} refresh, ${counts.throttled} throttled, calls by process: ${served.join(' + ')}\n`,
      );
      expect(answers).toHaveLength(CALLS);
      expect(bad(answers)).toEqual([]);
      expect(counts).toMatchObject({ exchanged: 1, refreshed: 1, reused: 0 });
      expect(askedForTokens).toHaveLength(2);
      // Connecting asks once; all other calls came from the same four processes. Others are for whoever else may come.
      expect(mcpProcesses()).toEqual(processes);
      expect(served.filter((calls) => calls > 0)).toHaveLength(PROCESSES);
      expect(served.reduce((sum, calls) => sum + calls)).toBe(CALLS);
      expect(counts.answered).toBe(1 + CALLS);
    },
    PATIENCE_MS,
  );

  it('make exactly one refresh too when only the provider knows that the token has ended', async () => {
    const account = world.accountOf('ended');
    account.endAccess();
    expect(bad(await callDuringRefresh('ended', 3 * PROCESSES))).toEqual([]);
    expect(account.counts).toMatchObject({ refreshed: 1, reused: 0 });
    expect(account.counts.refused).toBeGreaterThan(0);
  });

  it('lose nothing when the provider fails one refresh', async () => {
    const account = world.accountOf('busy');
    account.endAccess();
    account.tokenFailures.push(503);
    const failures = bad(await callDuringRefresh('busy', 3 * PROCESSES));
    expect(failures.map(({ value }) => value['code'])).toEqual(['provider_down']);
    expect(account.counts).toMatchObject({ refreshed: 1, reused: 0 });
    const { value } = await callTool(world.targetOf('busy'), 'list_connections');
    expect(value['connections']).toMatchObject([{ provider_key: 'kommo', status: 'active' }]);
  });
});
