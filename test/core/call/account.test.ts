import { describe, expect, it } from '@jest/globals';
import { findAccount, lackOf } from '../../../core/call/account.ts';
import { fault } from '../../../core/fault.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import type { Connection } from '../../../core/vault/connection.ts';

const tenant = tenantId({ client: 'c' });
const connection = (name: string, status: Connection['status'] = 'active') =>
  ({ provider: 'example', name, status, version: `v_${name}` }) as Connection;
const find = (rows: readonly Connection[], wanted?: string) =>
  findAccount(
    {
      list: async () => rows,
      first: async () => rows[0],
      get: async (_tenant, _provider, name) => rows.find((row) => row.name === name),
    },
    tenant,
    'example',
    wanted,
  );

describe('the account of a call', () => {
  const [first, work] = [connection('default'), connection('work')];

  it('is the one that was named, else the first', async () => {
    expect(await find([first, work])).toEqual({ ok: true, value: first });
    expect(await find([first, work], 'work')).toEqual({ ok: true, value: work });
  });

  it('is one read when it is there, and none of its siblings is looked at', async () => {
    const read: string[] = [];
    const connections = {
      list: async () => (read.push('list'), [first, work]),
      first: async () => (read.push('first'), first),
      get: async (_tenant: string, _provider: string, name: string) => (read.push(`get ${name}`), work),
    };
    await findAccount(connections, tenant, 'example', 'work');
    await findAccount(connections, tenant, 'example', undefined);
    expect(read).toEqual(['get work', 'first']);
  });

  it.each([
    ['nothing is connected', [], undefined, { code: 'not_connected', missing: { connection: 'default' } }],
    ['nothing is connected', [], 'work', { code: 'not_connected', missing: { connection: 'work' } }],
    ['no account can have that name', [], 'No Name!', { code: 'not_connected', missing: undefined }],
    ['others are connected', [first, work], 'home', { code: 'invalid_input', names: ['default', 'work'] }],
    [
      'its credential is dead',
      [first, connection('work', 'needs_reconnecting')],
      'work',
      { code: 'reconnect_required', missing: { connection: 'work', version: 'v_work' } },
    ],
  ] as const)('is missing, as data, when %s', async (_when, rows, wanted, lack) => {
    expect(await find(rows, wanted)).toMatchObject({ ok: false, fault: lack });
  });

  it('was missing when a run failed by its credential, and only then', () => {
    const refusal = fault('reconnect_required', 'm');
    const missing = { connection: 'work', version: 'v_work' };
    expect(lackOf(refusal, work)).toEqual({ code: 'reconnect_required', missing, refusal });
    expect(lackOf(fault('not_connected', 'm'), work)).toEqual({
      code: 'not_connected',
      missing: { connection: 'work', version: undefined },
    });
    expect(lackOf(fault('provider_down', 'm'), work)).toBeUndefined();
  });
});
