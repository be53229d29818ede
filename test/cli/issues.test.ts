/** `issues list` and `close` against the real admin app, and lists of more than one page. */
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Io } from '../../cli/terminal/io.ts';
import { createUsageStore } from '../../adapters/aws/meter/usage-store.ts';
import { issueId } from '../../core/tenant/issue.ts';
import { fakeKms } from '../fakes/kms.ts';
import { principalOf } from '../fakes/principal.ts';
import { allmcp, startCliServer, type CliServer } from './set-up.ts';

const CLIENTS = 60;
let server: CliServer;
let over: Partial<Io>;
let id: string;

beforeAll(async () => {
  server = await startCliServer();
  over = { env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey }, cwd: tmpdir() };
  for (let i = 0; i < CLIENTS; i += 1) await allmcp(['clients', 'create', '--client', `c${i}`], over);
  const sessions = async () => ({ dynamodb: server.db.client, kms: fakeKms() });
  const usage = createUsageStore({ sessions, table: server.db.tenantsTable, clock: Date.now });
  const at = Date.now();
  id = issueId(at, 'r1');
  const principal = principalOf({ client: 'c7', user: 'ann' }, { clientId: 'c7' });
  await usage.report(principal, { id, at, summary: 'It \u001b[31mfails', description: 'd', references: [] });
});
afterAll(() => server.stop());

describe('issues', () => {
  it('list shows what was reported, wherever it is among many clients', async () => {
    const { code, out } = await allmcp(['issues', 'list'], over);
    expect(code).toBe(0);
    expect(out).toContain(id);
    expect(out).not.toContain('\u001b');
    const listed = JSON.parse((await allmcp(['issues', 'list', '--json'], over)).out) as unknown[];
    expect(listed).toMatchObject([{ id, client: 'c7', status: 'open' }]);
  });

  it('close closes one by its id, with a note', async () => {
    const closed = await allmcp(['issues', 'close', '--id', id, '--note', 'fixed', '--json'], over);
    expect(JSON.parse(closed.out)).toMatchObject({ id, client: 'c7', status: 'closed', note: 'fixed' });
    const open = await allmcp(['issues', 'list', '--status', 'open'], over);
    expect([open.code, open.out]).toEqual([0, '']);
    expect((await allmcp(['issues', 'close', '--id', 'nothing.here'], over)).code).toBe(1);
    expect((await allmcp(['issues', 'list', '--status', 'lost'], over)).code).toBe(2);
  });
});

describe('a list of more than one page', () => {
  it('is printed as one', async () => {
    const listed = JSON.parse((await allmcp(['clients', 'list', '--json'], over)).out) as { id: string }[];
    expect(new Set(listed.map((client) => client.id)).size).toBe(CLIENTS);
    expect(listed).toHaveLength(CLIENTS);
  });
});
