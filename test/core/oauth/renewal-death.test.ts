/** A process that dies at any step of a renewal: only the provider may have used the token up. */
import { describe, expect, it } from '@jest/globals';
import { RENEWAL_LEASE_MS } from '../../../core/oauth/refresh.ts';
import { setUpConnected } from './set-up.ts';

const HOUR = 3_600_000;

describe('a process that dies while it renews', () => {
  /** Every port call counts; after the nth one nothing of this environment does anything any more. */
  function mortal(limit: number) {
    let calls = 0;
    const names: string[] = [];
    const step = <A extends readonly unknown[], R>(name: string, work: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (calls >= limit) throw new Error('dead');
        calls += 1;
        names.push(name);
        const done = await work(...args);
        // Done, and nobody left to hear of it.
        if (calls >= limit) throw new Error('dead');
        return done;
      };
    };
    const wrap = <T extends object>(port: T): T =>
      Object.fromEntries(
        Object.entries(port).map(([name, value]) => [
          name,
          typeof value === 'function' ? step(name, value as never) : value,
        ]),
      ) as T;
    return { wrap, names };
  }

  async function dieAfter(limit: number) {
    const { time, vendor, world, environment, connections, dataKeys } = await setUpConnected({});
    const before = (await world.stored())?.credential['refresh_token'];
    time.ahead = 2 * HOUR;
    const { wrap, names } = mortal(limit);
    const { transport } = wrap({ transport: vendor.transport });
    const doomed = environment({ connections: wrap(connections), dataKeys: wrap(dataKeys), transport });
    Object.assign(doomed.deps, { sleep: async () => undefined });
    const died = await doomed.call().then(
      (result) => (result.ok ? 'lived' : result.fault.code),
      () => 'died',
    );
    const after = (await world.stored())?.credential['refresh_token'];
    const isLost = !vendor.isLive(after);
    time.ahead += RENEWAL_LEASE_MS + 1;
    const next = await environment().call();
    const status = (await world.stored())?.row.status;
    return { died, isLost, names, next, status, wasStored: after !== before, vendor };
  }

  it('never loses the account unless the provider has used the token up, and then says so plainly', async () => {
    const seen: string[] = [];
    let limit = 1;
    for (; limit < 40; limit += 1) {
      const { died, isLost, names, next, status, wasStored } = await dieAfter(limit);
      if (died === 'lived') break;
      const last = names.at(-1) ?? '';
      seen.push(`${last}${isLost ? ': lost' : ''}`);
      expect([limit, last, next.ok]).toEqual([limit, last, !isLost]);
      if (!next.ok) expect([next.fault.code, status]).toEqual(['reconnect_required', 'needs_reconnecting']);
      else expect(status).toBe('active');
      // What was stored is never what was lost.
      expect(isLost && wasStored).toBe(false);
    }
    // Between the provider's answer and the write there is no step of ours that could fail.
    expect(seen).toEqual(['first', 'decrypt', 'lease', 'generate', 'transport: lost', 'storeRenewed', 'transport']);
  }, 60_000);
});
