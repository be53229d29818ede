/**
 * From a change of a connection to a receiver, on the laptop runtime: every function behind the template's roles, the
 * rule run by hand, and the test's own table so that it can move the time of what waits.
 */
import { ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startDynamoDb, type TestDynamoDb } from '../fakes/dynamodb.ts';
import { isSignedWith, startReceiver, type TestReceiver } from '../fakes/receiver.ts';
import { connect, startPortals, type TestPortal, type TestPortals } from './portals.ts';
import { callTool, closeConnections, send, type Target } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

const HOST = 'hooks.example.com';
const PATH = '/allmcp/token-in-the-path';
const RULE = 'EventDelivery';

let db: TestDynamoDb;
let receiver: TestReceiver;
let portals: TestPortals;
let runtime: E2eRuntime;
let key: string;
let secret: string;
let table: string;

beforeAll(async () => {
  [db, receiver, portals] = [await startDynamoDb(), await startReceiver(), await startPortals(4)];
  const routes = { ...portals.routes, [HOST]: receiver.url };
  runtime = await startE2e({ dynamodb: new URL(db.endpoint), routes });
  table = runtime.model.tables.find(({ name }) => name.includes('TenantsTable'))?.name ?? '';
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
  const set = await runtime.admin('PUT', '/clients/acme/events', { url: `https://${HOST}${PATH}` });
  expect(set.status).toBe(200);
  ({ secret } = (await set.json()) as { secret: string });
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  await portals.stop();
  await receiver.stop();
  await db.stop();
  closeConnections();
});
beforeEach(async () => {
  receiver.answers.length = 0;
  await deliverAll();
  receiver.received.length = 0;
});

const target = (user: string): Target => ({ url: runtime.mcp({ org_id: 'jsm', user_id: user }), key });
const portal = (at: number): TestPortal => {
  const found = portals.all[at];
  if (found === undefined) throw new Error(`no portal ${at}`);
  return found;
};

/** What waits. */
async function waiting() {
  const { Items = [] } = await db.client.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return Items.filter(({ pk }) => pk?.S?.startsWith('Q#'));
}

/** As if the time of everything that waits had come. */
async function letTimePass(): Promise<void> {
  for (const { pk, sk } of await waiting())
    await db.client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } },
        UpdateExpression: 'SET next_at = :now',
        ExpressionAttributeValues: { ':now': { N: String(Date.now() - 1) } },
      }),
    );
}

async function deliverAll(): Promise<void> {
  await letTimePass();
  await runtime.runRule(RULE);
}

const types = () => receiver.received.map(({ event }) => event['type']);

describe('an event', () => {
  it('of an account that an agent connects arrives signed, once its moment has come', async () => {
    await connect(target('ann'), portal(0));
    await runtime.runRule(RULE);
    expect(receiver.received).toEqual([]);
    await deliverAll();
    const [received, ...more] = receiver.received;
    if (received === undefined) throw new Error('nothing arrived');
    expect(more).toEqual([]);
    expect(received.path).toBe(PATH);
    expect(isSignedWith(secret, received)).toBe(true);
    expect(isSignedWith(`whsec_${Buffer.alloc(32).toString('base64')}`, received)).toBe(false);
    expect(received.headers['content-type']).toBe('application/json');
    expect(received.event).toEqual({
      id: received.headers['webhook-id'],
      type: 'connection.created',
      created_at: expect.any(String),
      client_id: 'acme',
      org_id: 'jsm',
      user_id: 'ann',
      provider_key: 'bitrix24',
      connection: 'default',
      account: portal(0).account,
      reconnected: false,
    });
    expect(await waiting()).toEqual([]);
    await deliverAll();
    expect(receiver.received).toHaveLength(1);
  });

  it('that the receiver cannot take now comes again with the same id', async () => {
    receiver.answers.push(500);
    await callTool(target('ann'), 'disconnect_provider', { provider_key: 'bitrix24' });
    await deliverAll();
    const [row] = await waiting();
    expect([row?.attempts?.N, Number(row?.next_at?.N) > Date.now() + 30_000]).toEqual(['1', true]);
    await runtime.runRule(RULE);
    expect(receiver.received).toHaveLength(1);
    await deliverAll();
    const [first, second, ...more] = receiver.received;
    if (first === undefined || second === undefined) throw new Error('it did not come again');
    expect(more).toEqual([]);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.text).toBe(first.text);
    expect(second.event).toMatchObject({ type: 'connection.removed', user_id: 'ann', account: portal(0).account });
    for (const one of [first, second]) expect(isSignedWith(secret, one)).toBe(true);
    expect(await waiting()).toEqual([]);
  });

  it('of an account that stops working comes once, however often it is called', async () => {
    await connect(target('bob'), portal(1));
    portal(1).control.revoke();
    const call = () => callTool(target('bob'), 'bitrix24_get_deal', { deal_id: 1 });
    expect((await call()).isError).toBe(true);
    await call();
    await call();
    await deliverAll();
    expect(types().map(String).toSorted()).toEqual(['connection.created', 'connection.needs_reconnect']);
    const dead = receiver.received.find(({ event }) => event['type'] === 'connection.needs_reconnect');
    expect(dead?.event).toMatchObject({ user_id: 'bob', connection: 'default', account: portal(1).account });
  });

  it('of an account connected on the page comes too, whatever its ids', async () => {
    const user = '社'.repeat(40);
    const query = new URLSearchParams({ org_id: 'jsm', user_id: user }).toString();
    const asked = await send(`${runtime.url}/connect-links?${query}`, {
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ provider_key: 'bitrix24' }),
    });
    const { url, code } = asked.json as { url: string; code: string };
    const page = await send(url, { method: 'GET' });
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page.text) ?? [];
    const fields = { code, form_token: token, api_key: portal(2).webhook };
    const done = await send(url, {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: (page.headers['set-cookie'] ?? '').replace(/;.*/, ''),
      },
      body: new URLSearchParams(fields).toString(),
    });
    expect(done.text).toContain('is connected');
    await deliverAll();
    expect(receiver.received.map(({ event }) => event)).toEqual([
      expect.objectContaining({ type: 'connection.created', org_id: 'jsm', user_id: user, account: portal(2).account }),
    ]);
  });

  it('of an account that is connected again says so', async () => {
    await connect(target('eve'), portal(3));
    await connect(target('eve'), portal(3));
    await deliverAll();
    const reconnected = receiver.received.map(({ event }) => event['reconnected']);
    expect(reconnected.map(String).toSorted()).toEqual(['false', 'true']);
  });

  it('is delivered when the receiver said yes, whatever it does with the rest of its answer', async () => {
    receiver.answers.push((response) => void response.writeHead(202).write('and then nothing'));
    await runtime.admin('POST', '/clients/acme/events/test');
    await deliverAll();
    expect(types()).toEqual(['ping']);
    expect(await waiting()).toEqual([]);
  });

  it('goes to nobody when the webhook is removed, and not later either', async () => {
    await runtime.admin('DELETE', '/clients/acme/events');
    await connect(target('gus'), portal(0));
    await deliverAll();
    expect(receiver.received).toEqual([]);
    const set = await runtime.admin('PUT', '/clients/acme/events', { url: `https://${HOST}${PATH}` });
    expect(((await set.json()) as { secret: string }).secret).not.toBe(secret);
    await deliverAll();
    expect(receiver.received).toEqual([]);
  });
});

describe('what is left behind', () => {
  it('is no address, body or secret in any log', () => {
    const logs = readdirSync(join(runtime.data, 'logs')).map((name) =>
      readFileSync(join(runtime.data, 'logs', name), 'utf8'),
    );
    const text = [...logs, ...runtime.warnings].join('\n');
    expect(text).toContain('"event":"event tried"');
    for (const part of ['token-in-the-path', HOST, secret.slice(6, 20), portal(0).account])
      expect(text).not.toContain(part);
  });

  it('is no call to AWS that was denied', () => {
    const calls = runtime.awsCalls();
    expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(calls.some(({ role }) => role.includes('EventsRole'))).toBe(true);
  });
});
