/** What is announced, what is not, and what is left when something ends in between. */
import { describe, expect, it } from '@jest/globals';
import { announceChanges, SETTLE_MS } from '../../../core/event/announce.ts';
import type { Connection, ConnectionStore } from '../../../core/vault/connection.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { fakeEvents } from '../../fakes/events.ts';
import { fakeConnections } from '../../fakes/stores.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const tenant = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
const SECRET = 'the-credential';
const bytes = Buffer.from(SECRET);
const connection: Connection = {
  provider: 'bitrix24',
  name: 'work',
  auth: 'webhook',
  accountName: 'Ann',
  facts: { portal: 'acme.bitrix24.com' },
  status: 'active',
  connectedAt: new Date(NOW).toISOString(),
  version: 'v1',
  envelope: { v: 1, edk: bytes, iv: bytes, ct: bytes, tag: bytes },
};

/** A store whose changes can be made to fail, before or after they are made. */
function setUpAnnounced(over: (inner: ConnectionStore) => Partial<ConnectionStore> = () => ({})) {
  const events = fakeEvents();
  const inner = fakeConnections();
  let serial = 0;
  const store = announceChanges(
    { ...inner, ...over(inner) },
    { outbox: events, newId: () => `evt_${(serial += 1)}`, clock: () => NOW },
  );
  const said = () => [...events.rows.values()].map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const types = () => said().map(({ type }) => type);
  return { events, inner, store, said, types };
}

describe('a change of a connection', () => {
  it('is announced with the ids that the caller sent', async () => {
    const long = '社'.repeat(60);
    const { store, said } = setUpAnnounced();
    await store.put(tenantId({ client: 'acme', org: long, user: 'a#b' }), connection);
    expect(said()).toEqual([
      {
        id: 'evt_1',
        type: 'connection.created',
        created_at: '2026-11-22T10:00:00.000Z',
        client_id: 'acme',
        org_id: long,
        user_id: 'a#b',
        provider_key: 'bitrix24',
        connection: 'work',
        account: 'Ann',
        reconnected: false,
      },
    ]);
  });

  it('that stores an account again says that it is a reconnect', async () => {
    const { store, said } = setUpAnnounced();
    await store.put(tenant, connection);
    await store.put(tenant, { ...connection, version: 'v2' });
    expect(said().map(({ type, reconnected }) => [type, reconnected])).toEqual([
      ['connection.created', false],
      ['connection.created', true],
    ]);
  });

  it('that marks a dead credential is announced by the one call that marked it', async () => {
    const { store, types } = setUpAnnounced();
    await store.put(tenant, connection);
    expect(await store.needsReconnecting(tenant, 'bitrix24', 'work', 'v0')).toBe(false);
    const marked = await Promise.all([1, 2, 3].map(() => store.needsReconnecting(tenant, 'bitrix24', 'work', 'v1')));
    expect(marked.filter(Boolean)).toHaveLength(1);
    expect(types()).toEqual(['connection.created', 'connection.needs_reconnect']);
    expect(await store.needsReconnecting(tenant, 'bitrix24', 'work', 'v1')).toBe(false);
    expect(types()).toHaveLength(2);
  });

  it('that removes an account is announced with whose it was, and only when there was one', async () => {
    const { store, said } = setUpAnnounced();
    await store.put(tenant, connection);
    expect(await store.remove(tenant, 'bitrix24', 'other')).toBe(false);
    expect(await store.remove(tenant, 'bitrix24', 'work')).toBe(true);
    expect(await store.remove(tenant, 'bitrix24', 'work')).toBe(false);
    expect(said().slice(1)).toEqual([
      expect.objectContaining({ type: 'connection.removed', account: 'Ann', connection: 'work' }),
    ]);
  });

  it('that would remove another version than is stored is neither made nor announced', async () => {
    const { store, inner, types } = setUpAnnounced();
    await store.put(tenant, { ...connection, version: 'v2' });
    expect(await store.remove(tenant, 'bitrix24', 'work', 'v1')).toBe(false);
    expect([types(), inner.rows.size]).toEqual([['connection.created'], 1]);
    expect(await store.remove(tenant, 'bitrix24', 'work', 'v2')).toBe(true);
    expect(types()).toEqual(['connection.created', 'connection.removed']);
  });

  it('that was replaced between the look and the removal takes its announcement back', async () => {
    const { store, inner, types } = setUpAnnounced((held) => ({
      remove: async (...given) => {
        await held.put(tenant, { ...connection, version: 'v2' });
        return held.remove(...given);
      },
    }));
    await store.put(tenant, connection);
    expect(await store.remove(tenant, 'bitrix24', 'work', 'v1')).toBe(false);
    expect([types(), inner.rows.size]).toEqual([['connection.created'], 1]);
  });

  it('waits a moment before it is sent, so that a receiver who looks at once sees it', async () => {
    const { store, events } = setUpAnnounced();
    await store.put(tenant, connection);
    expect([...events.rows.values()].map(({ dueAt }) => dueAt)).toEqual([NOW + SETTLE_MS]);
  });

  it('is not announced when it only renews a token, or leases or reads the row', async () => {
    const { store, events } = setUpAnnounced();
    await store.put(tenant, connection);
    events.rows.clear();
    const lease = { holder: 'h', now: NOW, until: NOW + 1 };
    await store.lease(tenant, connection, lease);
    await store.release(tenant, connection, 'h');
    await store.storeRenewed(tenant, { ...connection, version: 'v2' }, 'v1');
    await store.get(tenant, 'bitrix24', 'work');
    await store.list(tenant);
    expect(events.rows.size).toBe(0);
  });

  it('an event holds no credential and nothing derived from one', async () => {
    const { store, events } = setUpAnnounced();
    await store.put(tenant, connection);
    await store.needsReconnecting(tenant, 'bitrix24', 'work', 'v1');
    await store.remove(tenant, 'bitrix24', 'work');
    const text = JSON.stringify([...events.rows.values()]);
    expect(events.rows.size).toBe(3);
    for (const part of [SECRET, bytes.toString('base64'), bytes.toString('hex'), 'acme.bitrix24.com', 'v1'])
      expect(text).not.toContain(part);
  });
});

describe('when something ends in between', () => {
  const broken = (): Promise<never> => Promise.reject(new Error('broken'));

  it('a change whose event could not be written is not made', async () => {
    const { store, events, inner } = setUpAnnounced();
    events.put = broken;
    await expect(store.put(tenant, connection)).rejects.toThrow('broken');
    expect(inner.rows.size).toBe(0);
  });

  it('the event of a change that failed is taken back', async () => {
    const { store, events } = setUpAnnounced(() => ({ put: broken }));
    await expect(store.put(tenant, connection)).rejects.toThrow('broken');
    expect(events.rows.size).toBe(0);
  });

  it('a change whose answer was lost is told as made, and its event stays', async () => {
    const lost = setUpAnnounced((inner) => ({
      put: (...given) => inner.put(...given).then(broken),
      needsReconnecting: (...given) => inner.needsReconnecting(...given).then(broken),
      remove: (...given) => inner.remove(...given).then(broken),
    }));
    await lost.store.put(tenant, connection);
    expect(await lost.store.needsReconnecting(tenant, 'bitrix24', 'work', 'v1')).toBe(true);
    expect(await lost.store.remove(tenant, 'bitrix24', 'work')).toBe(true);
    expect(lost.types()).toEqual(['connection.created', 'connection.needs_reconnect', 'connection.removed']);
  });

  it('the event stays when nobody can tell whether the change was made', async () => {
    let reads = 0;
    const { store, types } = setUpAnnounced((inner) => ({
      put: broken,
      get: (...given) => ((reads += 1) > 1 ? broken() : inner.get(...given)),
    }));
    await expect(store.put(tenant, connection)).rejects.toThrow('broken');
    expect(types()).toEqual(['connection.created']);
  });

  it('an event that cannot be taken back hides neither the answer nor the error', async () => {
    const { store, events } = setUpAnnounced(() => ({ needsReconnecting: async () => false, remove: broken }));
    await store.put(tenant, connection);
    events.takeBack = broken;
    expect(await store.needsReconnecting(tenant, 'bitrix24', 'work', 'v1')).toBe(false);
    await expect(store.remove(tenant, 'bitrix24', 'work')).rejects.toThrow('broken');
  });

  it('a process that dies after writing the event leaves an announcement of what did not happen', async () => {
    const { store, types, inner } = setUpAnnounced(() => ({ put: () => new Promise<void>(() => undefined) }));
    void store.put(tenant, connection);
    await new Promise((resolve) => setImmediate(resolve));
    expect([types(), inner.rows.size]).toEqual([['connection.created'], 0]);
  });
});
