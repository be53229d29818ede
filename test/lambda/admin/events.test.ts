/** Webhooks of clients through the admin API. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createConnectionStore } from '../../../adapters/aws/vault/connection-store.ts';
import { createEventQueue } from '../../../adapters/aws/event/event-queue.ts';
import { createWebhookReader } from '../../../adapters/aws/event/webhook-store.ts';
import { createLog } from '../../../core/log.ts';
import type { EventQueue } from '../../../core/event/outbox.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { EVERYONE, onlyOf, setUpAdmin, type AdminSetUp } from './set-up.ts';

const CLIENT = '/admin/v1/clients/%C3%A4%2Fb/events';
const ID = 'ä/b';
const url = 'https://hooks.example.com/allmcp?tenant=1';

const log = createLog({ service: 'events', write: () => undefined, clock: Date.now });
let world: AdminSetUp;
let queue: EventQueue;
beforeAll(async () => {
  world = await setUpAdmin();
  queue = createEventQueue({ dynamodb: world.db.client, table: world.db.tenantsTable, log });
  await world.call('POST', '/admin/v1/clients', { id: ID });
});
afterAll(() => world.stop());

async function secretsOf(client: string): Promise<readonly string[] | undefined> {
  const { db, kms } = world;
  const open = createWebhookReader({
    sessions: async () => ({ dynamodb: db.client, kms }),
    table: db.tenantsTable,
    keyArn: 'key',
    clock: () => world.now,
  });
  return (await open(client))?.secrets.map((secret) => secret.reveal());
}

describe("a client's webhook", () => {
  it('is not there until it is set', async () => {
    for (const [method, path] of [
      ['GET', CLIENT],
      ['DELETE', CLIENT],
      ['POST', `${CLIENT}/test`],
    ] as const)
      expect(await world.call(method, path)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found', next: expect.stringContaining('events set') } },
      });
  });

  it('is set with an address, and tells its secret that once', async () => {
    const set = await world.call('PUT', CLIENT, { url }, onlyOf(ID));
    const at = new Date(world.now).toISOString();
    expect([set.status, set.body]).toEqual([
      200,
      { client: ID, url, since: at, changed_at: at, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) },
    ]);
    expect(await secretsOf(ID)).toEqual([set.body['secret']]);
    const shown = await world.call('GET', CLIENT, undefined, onlyOf(ID));
    expect([shown.status, shown.body]).toEqual([200, { client: ID, url, since: at, changed_at: at }]);
    expect(world.lines.join()).not.toContain(String(set.body['secret']).slice(6, 20));
    expect(world.lines.join()).not.toContain('hooks.example.com');
  });

  it('set again has a new secret beside the old one, and keeps what waits', async () => {
    const [before] = (await secretsOf(ID)) ?? [];
    const { since } = (await world.call('GET', CLIENT)).body;
    world.now += 60_000;
    const again = await world.call('PUT', CLIENT, { url: 'https://other.example.com/' });
    const changed_at = new Date(world.now).toISOString();
    expect(again.body).toMatchObject({ url: 'https://other.example.com/', since, changed_at });
    expect(await secretsOf(ID)).toEqual([again.body['secret'], before]);
    expect(await queue.subscribers()).toEqual([{ client: ID, since }]);
  });

  it('is set by one of two operators at once; the other is told', async () => {
    const before = await secretsOf(ID);
    const sealing = jest.spyOn(world.kms, 'send');
    const meanwhile = async (command: never) => {
      expect((await world.call('PUT', CLIENT, { url: 'https://first.example.com/' })).status).toBe(200);
      return world.kms.send(command);
    };
    sealing.mockImplementationOnce(meanwhile as never);
    const { status, body, text } = await world.call('PUT', CLIENT, { url: 'https://second.example.com/' });
    expect([status, sealing.mock.calls.length]).toEqual([409, 3]);
    sealing.mockRestore();
    expect(body).toMatchObject({ error: { code: 'conflict', next: expect.stringContaining('Read the webhook') } });
    expect(text).not.toContain('whsec_');
    expect((await world.call('GET', CLIENT)).body).toMatchObject({ url: 'https://first.example.com/' });
    expect((await secretsOf(ID))?.[1]).toBe(before?.[0]);
  });

  it('is tried with an event of type ping', async () => {
    const tried = await world.call('POST', `${CLIENT}/test`);
    expect([tried.status, tried.body]).toEqual([201, { client: ID, id: expect.stringMatching(/^evt_/) }]);
    const [subscriber] = await queue.subscribers();
    if (subscriber === undefined) throw new Error('nobody receives');
    const [event] = await queue.due(subscriber, world.now, 10);
    expect(JSON.parse(event?.body ?? '')).toMatchObject({ id: tried.body['id'], type: 'ping', client_id: ID });
  });

  it('hears of an account that an operator removes', async () => {
    const tenant = tenantId({ client: ID, user: 'ann' });
    const bytes = Buffer.from('x');
    await createConnectionStore({ sessions: world.sessions, table: world.db.tenantsTable }).put(tenant, {
      provider: 'kommo',
      name: 'default',
      auth: 'oauth',
      accountName: 'Ann',
      facts: {},
      status: 'active',
      connectedAt: new Date(world.now).toISOString(),
      version: 'v1',
      envelope: { v: 1, edk: bytes, iv: bytes, ct: bytes, tag: bytes },
    });
    const removed = await world.call('DELETE', '/admin/v1/connections?client=%C3%A4%2Fb&user=ann&provider=kommo');
    expect(removed.status).toBe(200);
    const [subscriber] = await queue.subscribers();
    if (subscriber === undefined) throw new Error('nobody receives');
    const said = (await queue.due(subscriber, world.now + 5_000, 10)).map(({ body }) => JSON.parse(body) as object);
    expect(said).toContainEqual(
      expect.objectContaining({ type: 'connection.removed', client_id: ID, user_id: 'ann', account: 'Ann' }),
    );
  });

  it('is removed', async () => {
    const removed = await world.call('DELETE', CLIENT);
    expect([removed.status, removed.body]).toEqual([200, { client: ID, status: 'removed' }]);
    expect((await world.call('GET', CLIENT)).status).toBe(404);
    expect(await queue.subscribers()).toEqual([]);
  });

  it.each([
    [{}],
    [{ url: 'http://hooks.example.com/' }],
    [{ url: 'https://127.0.0.1/' }],
    [{ url: 'https://[::1]:8443/' }],
    [{ url: 'https://user:pw@hooks.example.com/' }],
    [{ url: 'https://metadata/latest' }],
    [{ url, secret: 'whsec_mine' }],
    [{ url: 7 }],
  ])('is not set by %j', async (body) => {
    expect((await world.call('PUT', CLIENT, body)).status).toBe(400);
    expect((await world.call('GET', CLIENT)).status).toBe(404);
  });

  it('says what is wrong with an address, and does not quote it', async () => {
    const { body, text } = await world.call('PUT', CLIENT, { url: 'https://10.0.0.1/hooks/token' });
    expect(body).toMatchObject({
      error: { code: 'invalid_input', message: 'url: the address does not lead to the public internet' },
    });
    expect(text).not.toContain('token');
  });

  it('belongs to a client that is there', async () => {
    for (const [method, path, body] of [
      ['GET', 'events', undefined],
      ['PUT', 'events', { url }],
      ['DELETE', 'events', undefined],
      ['POST', 'events/test', undefined],
    ] as const)
      expect((await world.call(method, `/admin/v1/clients/nobody/${path}`, body, EVERYONE)).status).toBe(404);
  });
});
