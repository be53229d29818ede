/** Keys while they are in use: revoked and rotated by the command line as people run it, and expired. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allmcpProcess } from '../cli/set-up.ts';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { accountsOf, closeConnections, rpc, type Target } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

let portals: TestPortals;
let runtime: E2eRuntime;
beforeAll(async () => {
  portals = await startPortals(1);
  runtime = await startE2e({ routes: portals.routes });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  closeConnections();
});

const targetOf = (key: string): Target => ({ url: runtime.mcp({ org_id: 'jsm', user_id: 'u' }), key });
const status = async (key: string): Promise<number> => (await rpc(targetOf(key), 'tools/list')).status;

/** The real program, over the data folder of the running server. */
async function allmcp(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, out, err } = await allmcpProcess([...args, '--json', '--data', runtime.data]);
  if (code !== 0) throw new Error(`allmcp ${args.join(' ')}: ${code} ${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

describe('a key made by the command line', () => {
  it('works at once, and fails on the very next request after its revocation', async () => {
    const made = await allmcp('keys', 'create', '--client', 'acme', '--type', 'platform');
    const [id, key] = [String(made['id']), String(made['key'])];
    expect(await status(key)).toBe(200);
    expect(await status(key)).toBe(200);
    const revoked = await allmcp('keys', 'revoke', '--id', id, '--yes');
    expect(revoked).toMatchObject({ id, status: 'revoked' });
    expect(await status(key)).toBe(401);
  });

  it('is refused for every request that begins after its revocation, however many are under way', async () => {
    const made = await runtime.createKey({ client: 'acme', type: 'platform' });
    let revokedAt = Infinity;
    const late: number[] = [];
    const callers = Array.from({ length: 4 }, async () => {
      // By the number of late requests, not by the time: a busy machine takes longer for the same proof.
      while (late.length < 20) {
        const begun = performance.now();
        const got = await status(made.key);
        if (begun > revokedAt) late.push(got);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await runtime.admin('POST', `/keys/${made.id}/revoke`)).status).toBe(200);
    revokedAt = performance.now();
    await Promise.all(callers);
    expect(new Set(late)).toEqual(new Set([401]));
  });

  it('is rotated: the new one sees the same connections, the old one fails', async () => {
    const old = await allmcp('keys', 'create', '--client', 'acme', '--type', 'platform', '--org', 'jsm');
    const [portal] = portals.all;
    if (portal === undefined) throw new Error('there is no portal');
    await connect(targetOf(String(old['key'])), portal);
    const fresh = await allmcp('keys', 'rotate', '--id', String(old['id']), '--yes');
    expect(await accountsOf(targetOf(String(fresh['key'])))).toEqual([portal.account]);
    expect(await status(String(old['key']))).toBe(401);
    expect(fresh).toMatchObject({ type: 'platform', orgs: ['jsm'], client: 'acme' });
    const other = { url: runtime.mcp({ org_id: 'other', user_id: 'u' }), key: String(fresh['key']) };
    expect((await rpc(other, 'tools/list')).status).toBe(403);
  });

  it('that is rotated with a grace works until the grace ends', async () => {
    const old = await allmcp('keys', 'create', '--client', 'acme', '--type', 'platform');
    const fresh = await allmcp('keys', 'rotate', '--id', String(old['id']), '--grace', '3s', '--yes');
    expect(await status(String(old['key']))).toBe(200);
    expect(await status(String(fresh['key']))).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await status(String(old['key']))).toBe(401);
    expect(await status(String(fresh['key']))).toBe(200);
  });

  it('that expires works until then and no longer', async () => {
    const made = await allmcp('keys', 'create', '--client', 'acme', '--type', 'platform', '--expires', '3s');
    const ends = Date.parse(String(made['expires_at']));
    expect(await status(String(made['key']))).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, ends - Date.now()) + 50));
    expect(await status(String(made['key']))).toBe(401);
  });
});
