/** Disconnecting tells the provider where it can be told, and never waits for it. */
import { describe, expect, it } from '@jest/globals';
import type { CatalogProvider } from '../../../core/catalog/catalog.ts';
import { disconnect, type DisconnectDeps } from '../../../core/connect/disconnect.ts';
import { createLog } from '../../../core/log.ts';
import { fakeApps } from '../../fakes/oauth-ports.ts';
import { startVendor } from '../../fakes/oauth-provider.ts';
import { createWorld } from '../oauth/set-up.ts';

const clock = Date.now;

async function connected(names: readonly string[] = ['default']) {
  const server = startVendor(clock, { rotation: 'none' });
  const world = createWorld({ provider: server.provider, transport: server.transport, clock });
  for (const connection of names) {
    const finished = await world.finish(server.consent(await world.beginAt({ connection })));
    if (!finished.ok) throw new Error(finished.fault.problem);
  }
  const [listed] = world.deps.catalog.providers;
  const lines: string[] = [];
  const log = createLog({ service: 'test', write: (line) => lines.push(line), clock });
  const end = (connection?: string, more: Partial<DisconnectDeps> = {}, patienceMs?: number) =>
    disconnect({ ...world.deps, ...more }, log, {
      tenant: world.principal.tenant,
      provider: listed as CatalogProvider,
      connection,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
  return { server, world, lines, end };
}

describe('disconnecting an account that was connected by consent', () => {
  it('revokes its token at the provider and removes it here', async () => {
    const { server, world, end } = await connected();
    const token = (await world.stored())?.credential['refresh_token'] ?? '';
    expect(await end()).toEqual({ kind: 'done', connection: 'default', revoked: true });
    expect([server.counts.revoked, server.isLive(token), await world.stored()]).toEqual([1, false, undefined]);
    expect(await end()).toEqual({ kind: 'none' });
  });

  it('revokes the token of the account that is named and of no other', async () => {
    const { server, world, end } = await connected(['default', 'work']);
    expect(await end()).toEqual({ kind: 'several', names: ['default', 'work'] });
    expect(await end('home')).toEqual({ kind: 'none' });
    expect(server.counts.revoked).toBe(0);
    const kept = (await world.stored())?.credential['refresh_token'] ?? '';
    expect(await end('work')).toEqual({ kind: 'done', connection: 'work', revoked: true });
    expect([server.isLive(kept), await world.stored('work')]).toEqual([true, undefined]);
  });

  const broken = new Error('canary');
  it.each<[string, Partial<DisconnectDeps>]>([
    ['the provider is away', { transport: async () => Promise.reject(broken) }],
    ['the app is not set up any more', { oauthApps: fakeApps([]) }],
    ['no apps are known', { oauthApps: undefined }],
    [
      'the apps cannot be read',
      { oauthApps: { list: async () => Promise.reject(broken), secret: async () => undefined } },
    ],
    ['the provider cannot be loaded', { loadProvider: async () => Promise.reject(broken) }],
  ])('removes it here also when %s, and says that it was not revoked', async (_when, more) => {
    const { world, lines, end } = await connected();
    expect(await end(undefined, more)).toEqual({ kind: 'done', connection: 'default', revoked: false });
    expect(await world.stored()).toBeUndefined();
    expect(lines.join()).not.toContain('canary');
  });

  it('removes it here also when the credential cannot be opened', async () => {
    const { world, end } = await connected();
    const vault = { ...world.deps.vault, open: async () => Promise.reject(broken) };
    expect(await end(undefined, { vault })).toMatchObject({ kind: 'done', revoked: false });
  });

  it('revokes the token of a reconnect that came in between too, before it removes it', async () => {
    const { server, world, end } = await connected();
    const first = (await world.stored())?.credential['refresh_token'];
    const back = server.consent(await world.beginAt());
    let reads = 0;
    const connections: DisconnectDeps['connections'] = {
      ...world.deps.connections,
      async get(...given) {
        const row = await world.deps.connections.get(...given);
        if ((reads += 1) === 1) await world.finish(back);
        return row;
      },
    };
    const wasRemoved: (string | undefined)[] = [];
    const remove: typeof connections.remove = async (...given) => {
      wasRemoved.push((await world.stored())?.credential['refresh_token']);
      return world.deps.connections.remove(...given);
    };
    expect(await end(undefined, { connections: { ...connections, remove } })).toMatchObject({
      kind: 'done',
      revoked: true,
    });
    expect([wasRemoved.length, wasRemoved.includes(first), await world.stored()]).toEqual([2, false, undefined]);
    expect([first, wasRemoved[1]].map((token) => server.isLive(token))).toEqual([false, false]);
  });

  it('removes an account that is replaced again and again, and then claims nothing about its token', async () => {
    const { server, world, end } = await connected();
    const { tenant } = world.principal;
    let serial = 0;
    const get: DisconnectDeps['connections']['get'] = async (...given) => {
      const row = await world.deps.connections.get(...given);
      // What is given is never what is stored by then.
      if (row !== undefined) await world.deps.connections.put(tenant, { ...row, version: `v${(serial += 1)}` });
      return row;
    };
    const list: DisconnectDeps['connections']['list'] = async () => {
      const row = await get(tenant, 'vendor', 'default');
      return row === undefined ? [] : [row];
    };
    expect(await end(undefined, { connections: { ...world.deps.connections, get, list } })).toEqual({
      kind: 'done',
      connection: 'default',
      revoked: false,
    });
    expect([await world.stored(), server.counts.revoked]).toEqual([undefined, 3]);
  });

  it('finds nothing to remove where somebody else has removed it meanwhile', async () => {
    const { world, end } = await connected();
    const { connections } = world.deps;
    const list: DisconnectDeps['connections']['list'] = async (...given) => {
      const rows = await connections.list(...given);
      await connections.remove(world.principal.tenant, 'vendor', 'default');
      return rows;
    };
    expect(await end(undefined, { connections: { ...connections, list } })).toEqual({ kind: 'none' });
  });

  it('waits no longer than it is told to for a provider that does not answer', async () => {
    const { world, end } = await connected();
    const transport = (): Promise<never> => new Promise<never>(() => undefined);
    expect(await end(undefined, { transport }, 20)).toEqual({ kind: 'done', connection: 'default', revoked: false });
    expect(await world.stored()).toBeUndefined();
  });
});
