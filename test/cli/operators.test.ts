/** `operators` against the real admin app: keys of those who manage, each shown once. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Io } from '../../cli/terminal/io.ts';
import { allmcp, startCliServer, type CliServer } from './set-up.ts';

let server: CliServer;
let over: Partial<Io>;
beforeAll(async () => {
  server = await startCliServer();
  over = { env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey } };
});
afterAll(() => server.stop());

async function json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await allmcp([...args, '--json'], over);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}
const as = (key: unknown): Partial<Io> => ({ env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: String(key) } });

describe('operators', () => {
  it('are created for one client or every client, listed without their keys, and revoked', async () => {
    const one = await json('operators', 'create', '--client', 'acme', '--name', 'Ann', '--expires', '90d');
    expect(one).toMatchObject({ scope: 'client', client: 'acme', name: 'Ann', expires_at: expect.any(String) });
    const all = await json('operators', 'create');
    const rows = await json<Record<string, unknown>[]>('operators', 'list');
    expect(rows).toContainEqual(expect.objectContaining({ id: one['id'], status: 'active', client: 'acme' }));
    for (const { operator_key: key } of [one, all]) expect(JSON.stringify(rows)).not.toContain(key);

    const key = all['operator_key'] as string;
    expect((await allmcp(['clients', 'list'], as(key))).code).toBe(0);
    expect(await json('operators', 'revoke', '--id', all['id'] as string, '--yes')).toMatchObject({
      status: 'revoked',
    });
    expect((await allmcp(['clients', 'list'], as(key))).code).toBe(1);
  });

  it('show a key once, in words', async () => {
    const { code, out } = await allmcp(['operators', 'create', '--client', 'acme'], over);
    expect(code).toBe(0);
    expect(out).toMatch(/^Operator key op_[A-Za-z0-9]{12}, for client acme:/);
    expect(out.match(/allmcp_[A-Za-z0-9]{32}/g)).toHaveLength(1);
    const listed = await allmcp(['operators', 'list'], over);
    expect(listed.out).toMatch(/^ID +MANAGES +STATUS +NAME +CREATED +EXPIRES$/m);
    expect(listed.out).toContain('every client');
  });

  it('are refused to an operator of one client, and revoked only after a yes', async () => {
    const one = await json('operators', 'create', '--client', 'acme');
    expect((await allmcp(['operators', 'list'], as(one['operator_key']))).code).toBe(1);
    const unasked = await allmcp(['operators', 'revoke', '--id', one['id'] as string], over);
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining('--yes')]);
    expect((await allmcp(['operators', 'revoke', '--id', 'op_none', '--yes'], over)).code).toBe(1);
  });

  it.each([[['create', '--expires', '90']], [['create', '--client', '']], [['create', '--name', '']], [['revoke']]])(
    'with %j is wrong usage',
    async (args) => {
      expect((await allmcp(['operators', ...args], over)).code).toBe(2);
    },
  );
});
