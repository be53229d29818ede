/** Waiting events on a DynamoDB: what is found, and who has the right to it. */
import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAnnouncedConnections } from '../../../../adapters/aws/event/announced-connections.ts';
import { toItem, type Storable } from '../../../../adapters/aws/attributes.ts';
import { createEventQueue } from '../../../../adapters/aws/event/event-queue.ts';
import { createOutbox } from '../../../../adapters/aws/event/outbox.ts';
import { primaryKey } from '../../../../adapters/aws/rows.ts';
import { itemKeys } from '../../../../adapters/aws/schema.ts';
import type { TenantSessions } from '../../../../adapters/aws/tenant-session.ts';
import { pingEvent } from '../../../../core/event/connection-event.ts';
import { createLog } from '../../../../core/log.ts';
import { EVENT_TTL_MS, type EventQueue, type Outbox, type QueuedEvent } from '../../../../core/event/outbox.ts';
import { encodeId, tenantId } from '../../../../core/tenant/tenant.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const SINCE = new Date(NOW - 3_600_000).toISOString();

let db: TestDynamoDb;
let outbox: Outbox;
let queue: EventQueue;
const lines: string[] = [];
let sessions: TenantSessions;
/** A client of its own for each test: they share a table. */
let client = '';
let serial = 0;

beforeAll(async () => {
  db = await startDynamoDb();
  const kms = new KMSClient({ region: 'us-east-1' });
  sessions = async () => ({ dynamodb: db.client, kms });
  outbox = createOutbox({ sessions, table: db.tenantsTable });
  const log = createLog({ service: 'events', write: (line) => lines.push(line), clock: () => NOW });
  queue = createEventQueue({ dynamodb: db.client, table: db.tenantsTable, log });
});
afterAll(() => db.stop());
beforeEach(() => {
  client = `client#${(serial += 1)}`;
  lines.length = 0;
});

const announce = async (id: string, at = NOW, dueAt = at): Promise<void> =>
  outbox.put(tenantId({ client, user: 'ann' }), pingEvent(client, id, new Date(at).toISOString()), dueAt);
const due = (now = NOW, limit = 100, since = SINCE): Promise<readonly QueuedEvent[]> =>
  queue.due({ client, since }, now, limit);
const idsOf = (events: readonly QueuedEvent[]): readonly string[] => events.map(({ id }) => id);
async function first(now = NOW): Promise<QueuedEvent> {
  const [event] = await due(now);
  if (event === undefined) throw new Error('nothing is due');
  return event;
}

describe('waiting events', () => {
  it('are found as they were written, oldest first, as many as asked for', async () => {
    await announce('evt_b', NOW - 1_000);
    await announce('evt_c', NOW);
    await announce('evt_a', NOW - 2_000);
    const [event] = await due();
    expect(event).toEqual({
      client,
      id: 'evt_a',
      at: '2026-11-22T09:59:58.000Z',
      body: pingEvent(client, 'evt_a', '2026-11-22T09:59:58.000Z').body,
      attempts: 0,
      dueAt: NOW - 2_000,
      expiresAt: NOW - 2_000 + EVENT_TTL_MS,
    });
    expect(idsOf(await due())).toEqual(['evt_a', 'evt_b', 'evt_c']);
    expect(idsOf(await due(NOW, 2))).toEqual(['evt_a', 'evt_b']);
  });

  it('are found when due, for three days, and not from before the webhook', async () => {
    await announce('evt_later', NOW, NOW + 1);
    await announce('evt_before', Date.parse(SINCE) - 1, NOW);
    await announce('evt_since', Date.parse(SINCE), NOW);
    expect(idsOf(await due())).toEqual(['evt_since']);
    expect(idsOf(await due(NOW + 1))).toEqual(['evt_since', 'evt_later']);
    expect(idsOf(await due(NOW + EVENT_TTL_MS))).toEqual([]);
  });

  it("are those of one client, whose id may hold another's", async () => {
    await announce('evt_own');
    const other = `${client}#EVENT`;
    await outbox.put(tenantId({ client: other }), pingEvent(other, 'evt_other', new Date(NOW).toISOString()), NOW);
    expect(idsOf(await due())).toEqual(['evt_own']);
  });

  it('are found behind more than a page of others that wait for a later try', async () => {
    const body = 'x'.repeat(60_000);
    const solo = tenantId({ client });
    for (let i = 0; i < 20; i += 1)
      await outbox.put(
        solo,
        { id: `evt_${i}`, type: 'ping', at: new Date(NOW - 1_000 + i).toISOString(), body },
        NOW + 1,
      );
    await announce('evt_due');
    expect(idsOf(await due(NOW, 5))).toEqual(['evt_due']);
  });

  it('go when they are taken back or delivered', async () => {
    await announce('evt_1', NOW - 1);
    await announce('evt_2');
    await outbox.takeBack(tenantId({ client }), pingEvent(client, 'evt_1', new Date(NOW - 1).toISOString()));
    expect(idsOf(await due())).toEqual(['evt_2']);
    await queue.remove(await first());
    expect(await due()).toEqual([]);
  });
});

describe('a row that is not as it should be', () => {
  const at = new Date(NOW - 5_000).toISOString();
  const waiting = { id: 'evt_bad', at, body: 'private', attempts: 0, next_at: NOW, ttl: NOW / 1000 + 60 };
  const write = (fields: Readonly<Record<string, Storable | undefined>>) =>
    db.client.send(new PutItemCommand({ TableName: db.tenantsTable, Item: toItem(fields) }));
  const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it.each([
    ['no body', { body: undefined }],
    ['a count that is text', { attempts: 'many' }],
    ['an id that is no id', { id: 'a b' }],
    ['a time that is none', { at: 'yesterday' }],
    ['the id of another event', { id: 'evt_good' }],
  ])('is passed over with %s, and the events behind it are found', async (_what, wrong) => {
    const key = itemKeys.outbox.event(encodeId(client), at, 'evt_bad');
    await write({ ...key, ...waiting, ...wrong });
    await announce('evt_good');
    expect(idsOf(await due(NOW, 1))).toEqual(['evt_good']);
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        event: 'malformed row passed over',
        category: 'event',
        clientId: client,
      }),
    ]);
    expect(lines.join()).not.toMatch(/private|evt_/);
  });

  it('is passed over in the directory, and the clients beside it are found', async () => {
    await write({ ...itemKeys.client.eventDirectory(`${client}a`), client: 7, since: SINCE });
    await write({ ...itemKeys.client.eventDirectory(client), client, since: SINCE });
    expect(await queue.subscribers()).toContainEqual({ client, since: SINCE });
    expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', category: 'subscriber' })]);
    expect(lines.join()).not.toContain(client);
    for (const one of [client, `${client}a`]) {
      const Key = primaryKey(itemKeys.client.eventDirectory(one));
      await db.client.send(new DeleteItemCommand({ TableName: db.tenantsTable, Key }));
    }
  });
});

describe('the right to deliver', () => {
  it('goes to one of many, counts the try, and lapses', async () => {
    await announce('evt_1');
    const event = await first();
    const leased = await Promise.all(Array.from({ length: 8 }, () => queue.lease(event, NOW + 30_000)));
    expect(leased.filter((one) => one !== undefined)).toEqual([{ ...event, attempts: 1, dueAt: NOW + 30_000 }]);
    expect(await due(NOW + 29_999)).toEqual([]);
    expect(await first(NOW + 30_000)).toMatchObject({ attempts: 1, dueAt: NOW + 30_000 });
  });

  it('is not given for an event that is gone, and makes no row', async () => {
    await announce('evt_1');
    const event = await first();
    await queue.remove(event);
    expect(await queue.lease(event, NOW + 30_000)).toBeUndefined();
    await queue.retryAt({ ...event, attempts: 1 }, NOW + 60_000);
    expect(await due(NOW + EVENT_TTL_MS - 1_000)).toEqual([]);
  });

  it('lets its holder put the event back, and not one whose right has passed to another', async () => {
    await announce('evt_1');
    const earlier = await queue.lease(await first(), NOW + 30_000);
    if (earlier === undefined) throw new Error('not leased');
    await queue.retryAt(earlier, NOW + 60_000);
    expect(idsOf(await due(NOW + 59_999))).toEqual([]);
    const later = await queue.lease(await first(NOW + 60_000), NOW + 90_000);
    await queue.retryAt(earlier, NOW + 61_000);
    expect(idsOf(await due(NOW + 89_999))).toEqual([]);
    expect(await first(NOW + 90_000)).toEqual(later);
  });
});

describe('announced connections', () => {
  it('write the event of a change beside it, in the same session', async () => {
    const connections = createAnnouncedConnections({ sessions, table: db.tenantsTable, clock: () => NOW });
    const tenant = tenantId({ client, org: 'jsm', user: 'ann' });
    const bytes = Buffer.from('x');
    await connections.put(tenant, {
      provider: 'bitrix24',
      name: 'default',
      auth: 'webhook',
      accountName: 'Ann',
      facts: {},
      status: 'active',
      connectedAt: new Date(NOW).toISOString(),
      version: 'v1',
      envelope: { v: 1, edk: bytes, iv: bytes, ct: bytes, tag: bytes },
    });
    expect(await connections.needsReconnecting(tenant, 'bitrix24', 'default', 'v1')).toBe(true);
    expect(await connections.remove(tenant, 'bitrix24', 'default')).toBe(true);
    const said = (await due(NOW + 5_000)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(said.map(({ type }) => String(type)).toSorted()).toEqual([
      'connection.created',
      'connection.needs_reconnect',
      'connection.removed',
    ]);
    for (const event of said) expect(event).toMatchObject({ client_id: client, org_id: 'jsm', user_id: 'ann' });
  });
});

describe('the rows', () => {
  it('of events sort by when they happened', async () => {
    const { Items = [] } = await db.client.send(new ScanCommand({ TableName: db.tenantsTable }));
    const keys = Items.flatMap(({ sk }) => (sk?.S?.startsWith('EVENT#') === true ? [sk.S] : []));
    expect(keys.length).toBeGreaterThan(5);
    for (const key of keys) expect(key).toMatch(/^EVENT#\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#evt_[\w-]+/);
    expect(itemKeys.outbox.events('acme')).toEqual({ pk: 'Q#acme', prefix: 'EVENT#' });
  });
});
