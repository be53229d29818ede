/** `why` against the real admin app: from a reference, or a user, to what failed, where and why. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createUsageStore } from '../../adapters/aws/meter/usage-store.ts';
import type { Io } from '../../cli/terminal/io.ts';
import { tenantMark } from '../../core/log.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import { fakeKms } from '../fakes/kms.ts';
import { allmcp, startCliServer, type CliServer } from './set-up.ts';

let server: CliServer;
let over: Partial<Io>;
const ann = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
beforeAll(async () => {
  server = await startCliServer();
  over = { env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey } };
  await allmcp(['clients', 'create', '--client', 'acme'], over);
  const sessions = async () => ({ dynamodb: server.db.client, kms: fakeKms() });
  const store = createUsageStore({ sessions, table: server.db.tenantsTable, clock: Date.now });
  await store.noteFailure(ann, {
    reference: '-kq3vX0m2bR1',
    tool: 'kommo_list_leads',
    provider: 'kommo',
    code: 'provider_down',
    at: new Date().toISOString(),
    keyId: 'k_1',
    org: 'jsm',
    user: 'ann',
    cause: { host: 'acme.kommo.com', status: 503, vendorCode: 'DOWN' },
  });
});
afterAll(() => server.stop());

describe('why', () => {
  it('turns a reference back into client, organization, user and cause', async () => {
    const { code, out } = await allmcp(['why', '--ref', '-kq3vX0m2bR1', '--json'], over);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      [
        expect.objectContaining({
          client: 'acme',
          org: 'jsm',
          user: 'ann',
          tenant: tenantMark(ann),
          cause: { host: 'acme.kommo.com', status: 503, vendor_code: 'DOWN', broke: null },
        }),
      ],
    ]);
  });

  it('says in words what failed, where, and whose it was', async () => {
    const { code, out, err } = await allmcp(['why', '--client', 'acme', '--org', 'jsm', '--user', 'ann'], over);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/provider_down {2}kommo_list_leads {2}\(reference -kq3vX0m2bR1\)/);
    expect(out).toContain('acme.kommo.com: answered HTTP 503, code DOWN');
    expect(out).toContain(`client acme, user ann of jsm; key k_1; in the logs tenant ${tenantMark(ann)}`);
  });

  it('is refused for an unknown reference, and needs a reference or a client', async () => {
    const unknown = await allmcp(['why', '--ref', 'nothing'], over);
    expect([unknown.code, unknown.out]).toEqual([1, '']);
    expect(unknown.err).toContain('7 days');
    for (const args of [[], ['--user', 'ann'], ['--ref', 'a b'], ['--client', 'acme', '--limit', '101']])
      expect((await allmcp(['why', ...args], over)).code).toBe(2);
  });

  it('of a user without failures says so, and prints an empty list', async () => {
    const none = await allmcp(['why', '--client', 'acme', '--user', 'bob', '--json'], over);
    expect([none.code, JSON.parse(none.out)]).toEqual([0, []]);
  });
});
