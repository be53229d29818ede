import { describe, expect, it } from '@jest/globals';
import { createConnectionPool, LONGEST_IDLE_MS } from '../../../adapters/http/connection-pool.ts';

describe('connections kept between requests', () => {
  const setUp = () => {
    const time = { now: 0 };
    return { time, pool: createConnectionPool(() => time.now) };
  };

  it('are used again by a request that follows soon', () => {
    const { time, pool } = setUp();
    const first = pool.take();
    first.done();
    time.now += LONGEST_IDLE_MS;
    expect(pool.take().agent).toBe(first.agent);
  });

  it('are never used again after an idle time in which a provider may have hung up', () => {
    const { time, pool } = setUp();
    const first = pool.take();
    first.done();
    time.now += LONGEST_IDLE_MS + 1;
    expect(pool.take().agent).not.toBe(first.agent);
  });

  it('are shared with a request that has been running for long', () => {
    const { time, pool } = setUp();
    const slow = pool.take();
    time.now += 20_000;
    expect(pool.take().agent).toBe(slow.agent);
  });

  it('are closed when they are given up', () => {
    const { time, pool } = setUp();
    const { agent, done } = pool.take();
    const ended: string[] = [];
    const socket = { destroy: () => void ended.push('closed') };
    Object.assign(agent.freeSockets, { 'api.example.com:443': [socket] });
    done();
    time.now += LONGEST_IDLE_MS + 1;
    pool.take();
    expect(ended).toEqual(['closed']);
  });
});
