/** The life of a key, from its only showing to its end, as the authorizer and the operator each see it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { hashKey, isWellFormedKey } from '../../../core/keys/api-key.ts';
import { setUpAdmin, type AdminSetUp } from './set-up.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
});
afterAll(() => world.stop());

async function create(body: object): Promise<{ id: string; key: string } & Record<string, unknown>> {
  const { status, body: made } = await world.call('POST', '/admin/v1/keys', body);
  expect(status).toBe(201);
  return made as { id: string; key: string };
}
const listed = async (client: string) =>
  (await world.call('GET', `/admin/v1/keys?client=${encodeURIComponent(client)}`)).body.keys as Record<
    string,
    unknown
  >[];

describe('creating a key', () => {
  it('shows the key once, with everything it was made with', async () => {
    const made = await create({
      client: 'acme',
      type: 'platform',
      org: ['o1', 'o2'],
      require_user: true,
      name: 'build server',
      expires_in: '90d',
      rpm: 60,
      monthly: 5000,
      confirm: 'outward',
    });
    expect(made).toEqual({
      id: expect.stringMatching(/^k_[A-Za-z0-9]{12}$/),
      key: expect.stringMatching(/^allmcp_/),
      display: `${made.key.slice(0, 11)}…`,
      client: 'acme',
      client_created: true,
      type: 'platform',
      status: 'active',
      name: 'build server',
      orgs: ['o1', 'o2'],
      require_user: true,
      expires_at: '2027-02-20T10:00:00.000Z',
      rpm: 60,
      monthly: 5000,
      confirm: 'outward',
      created_at: '2026-11-22T10:00:00.000Z',
    });
    expect(isWellFormedKey(made.key)).toBe(true);
  });

  it('makes a key that the authorizer takes at once', async () => {
    const { key } = await create({ client: 'acme', type: 'solo' });
    expect(await world.authorize(key)).toBe('tenant');
  });

  it('makes no solo key that would take no request at all', async () => {
    const body = { client: 'acme', type: 'solo', require_user: true };
    expect((await world.call('POST', '/admin/v1/keys', body)).status).toBe(400);
  });

  it('keeps the demand for a user when a key is rotated', async () => {
    const { id } = await create({ client: 'acme', type: 'client', require_user: true });
    const { body } = await world.call('POST', `/admin/v1/keys/${id}/rotate`, {});
    expect(body).toMatchObject({ require_user: true, replaces: { require_user: true } });
  });

  it('answers null for everything that was not asked for', async () => {
    expect(await create({ client: 'acme', type: 'client' })).toMatchObject({
      name: null,
      orgs: null,
      expires_at: null,
      rpm: null,
      monthly: null,
      client_created: false,
    });
  });

  it('makes an unknown client with it, whatever Unicode its id holds', async () => {
    const client = 'Ünï/cø#dé 100% 🧪';
    expect(await create({ client, type: 'solo' })).toMatchObject({ client, client_created: true });
    const { body } = await world.call('GET', `/admin/v1/clients/${encodeURIComponent(client)}`);
    expect(body).toMatchObject({ id: client, policy: { inline_credentials: 'accept' } });
  });

  it('tells everyone on the way not to keep the answer', async () => {
    const { headers } = await world.call('POST', '/admin/v1/keys', { client: 'acme', type: 'solo' });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['type', { client: 'c', type: 'root' }],
    ['type', { client: 'c' }],
    ['client', { client: '', type: 'solo' }],
    ['client', { client: 'a\u0000b', type: 'solo' }],
    ['client', { client: 'x'.repeat(201), type: 'solo' }],
    ['org', { client: 'c', type: 'client', org: ['o'] }],
    ['org', { client: 'c', type: 'platform', org: [] }],
    ['org: 0', { client: 'c', type: 'platform', org: [''] }],
    ['rpm', { client: 'c', type: 'solo', rpm: 0 }],
    ['rpm', { client: 'c', type: 'solo', rpm: 1.5 }],
    ['monthly', { client: 'c', type: 'solo', monthly: -1 }],
    ['name', { client: 'c', type: 'solo', name: 'a\nb' }],
    ['name', { client: 'c', type: 'solo', name: 'a\u202Eb' }],
    ['expires_in', { client: 'c', type: 'solo', expires_in: 'soon' }],
    ['expires_in', { client: 'c', type: 'solo', expires_in: 90 }],
    ['expires_in', { client: 'c', type: 'solo', expires_in: '90' }],
    ['expires_in', { client: 'c', type: 'solo', expires_in: '4000d' }],
    ['orgs', { client: 'c', type: 'platform', orgs: ['o'] }],
  ])('names the field %s when it is wrong: %j', async (field, body) => {
    const { status, body: refused } = await world.call('POST', '/admin/v1/keys', body);
    expect(status).toBe(400);
    expect(refused).toEqual({
      error: { code: 'invalid_input', message: expect.any(String), next: expect.any(String) },
    });
    expect((refused.error as { message: string }).message).toContain(field);
  });
});

describe('listing keys', () => {
  it('shows what recognises a key and nothing that opens anything', async () => {
    const { id, key } = await create({ client: 'list', type: 'solo', name: 'n', rpm: 5 });
    const { text, body } = await world.call('GET', '/admin/v1/keys?client=list');
    expect(body.keys).toEqual([
      {
        id,
        display: `${key.slice(0, 11)}…`,
        client: 'list',
        type: 'solo',
        status: 'active',
        name: 'n',
        orgs: null,
        require_user: false,
        expires_at: null,
        rpm: 5,
        monthly: null,
        confirm: 'destructive',
        created_at: '2026-11-22T10:00:00.000Z',
        last_used: null,
        used: null,
        left: null,
      },
    ]);
    expect(text).not.toContain(key);
    expect(text).not.toContain(hashKey(key));
  });

  it('says on which day a key was last used', async () => {
    const { id } = await create({ client: 'used', type: 'solo' });
    await world.db.client.send(
      new UpdateItemCommand({
        TableName: world.db.tenantsTable,
        Key: { pk: { S: `U#used#KEY#${id}` }, sk: { S: 'LAST' } },
        UpdateExpression: 'SET #day = :day',
        ExpressionAttributeNames: { '#day': 'day' },
        ExpressionAttributeValues: { ':day': { S: '2026-11-21' } },
      }),
    );
    expect(await listed('used')).toMatchObject([{ id, last_used: '2026-11-21' }]);
  });

  it('keeps an expired key in the list, as expired', async () => {
    const { key } = await create({ client: 'late', type: 'solo', expires_in: '1h' });
    world.now += HOUR;
    expect(await listed('late')).toMatchObject([{ status: 'expired' }]);
    expect(await world.authorize(key)).toBe('unauthorized');
    world.now -= HOUR;
  });

  it('lists all clients when none is named, and nothing for an unknown one', async () => {
    const { body } = await world.call('GET', '/admin/v1/keys');
    const clients = new Set((body.keys as { client: string }[]).map(({ client }) => client));
    expect(clients.has('list') && clients.has('late')).toBe(true);
    expect(await listed('nobody')).toEqual([]);
  });
});

describe('revoking a key', () => {
  it('ends it with its next request, and keeps it in the list as revoked', async () => {
    const { id, key } = await create({ client: 'rev', type: 'solo' });
    const { status, body } = await world.call('POST', `/admin/v1/keys/${id}/revoke`);
    expect([status, body.status]).toEqual([200, 'revoked']);
    expect(await world.authorize(key)).toBe('unauthorized');
    expect(await listed('rev')).toMatchObject([{ id, status: 'revoked' }]);
  });

  it('may be done twice', async () => {
    const { id } = await create({ client: 'rev2', type: 'solo' });
    await world.call('POST', `/admin/v1/keys/${id}/revoke`);
    expect((await world.call('POST', `/admin/v1/keys/${id}/revoke`)).status).toBe(200);
  });

  it.each(['k_000000000000', 'op_x', 'x'.repeat(300), '%23', 'KEY%2F..%2F'])(
    'answers 404 for the id %s',
    async (id) => {
      const { status, body } = await world.call('POST', `/admin/v1/keys/${id}/revoke`);
      expect([status, (body.error as { code: string }).code]).toEqual([404, 'not_found']);
    },
  );

  it('answers 404 when the key is of another client than the one named', async () => {
    const { id, key } = await create({ client: 'rev3', type: 'solo' });
    expect((await world.call('POST', `/admin/v1/keys/${id}/revoke?client=acme`)).status).toBe(404);
    expect(await world.authorize(key)).toBe('tenant');
    expect((await world.call('POST', `/admin/v1/keys/${id}/revoke?client=rev3`)).status).toBe(200);
  });
});

describe('rotating a key', () => {
  it('gives a new key alike in everything, and ends the old one', async () => {
    const old = await create({ client: 'rot', type: 'platform', org: ['o'], name: 'n', rpm: 7, monthly: 8 });
    const { status, body } = await world.call('POST', `/admin/v1/keys/${old.id}/rotate`);
    expect(status).toBe(201);
    expect(body).toMatchObject({ client: 'rot', type: 'platform', orgs: ['o'], name: 'n', rpm: 7, monthly: 8 });
    expect(body).toMatchObject({ status: 'active', replaces: { id: old.id, status: 'revoked' } });
    expect(body.id).not.toBe(old.id);
    expect(await world.authorize(old.key)).toBe('unauthorized');
    const query = { org_id: ['o'], user_id: ['u'] };
    expect(await world.authorize(body.key as string, 'mcp', query)).toBe('tenant');
  });

  it('lets the old key live on for the grace, and not an instant longer', async () => {
    const old = await create({ client: 'rot', type: 'solo' });
    const { body } = await world.call('POST', `/admin/v1/keys/${old.id}/rotate`, { grace: '1h' });
    expect(body.replaces).toMatchObject({ status: 'active', expires_at: '2026-11-22T11:00:00.000Z' });
    expect(await world.authorize(old.key)).toBe('tenant');
    world.now += HOUR - 1;
    expect(await world.authorize(old.key)).toBe('tenant');
    world.now += 1;
    expect(await world.authorize(old.key)).toBe('unauthorized');
    expect(await world.authorize(body.key as string)).toBe('tenant');
    world.now -= HOUR;
  });

  it('never prolongs the old key by a grace', async () => {
    const old = await create({ client: 'rot', type: 'solo', expires_in: '30m' });
    const { body } = await world.call('POST', `/admin/v1/keys/${old.id}/rotate`, { grace: '1h' });
    expect(body.replaces).toMatchObject({ expires_at: '2026-11-22T10:30:00.000Z' });
  });

  it('makes the new key for as long as the old one was made for', async () => {
    const old = await create({ client: 'rot', type: 'solo', expires_in: '90d' });
    world.now += 10 * DAY;
    await world.call('POST', `/admin/v1/keys/${old.id}/rotate`, { grace: '1h' });
    const { body } = await world.call('POST', `/admin/v1/keys/${old.id}/rotate`);
    expect(body.expires_at).toBe('2027-03-02T10:00:00.000Z');
    world.now -= 10 * DAY;
  });

  it('renews an expired key', async () => {
    const old = await create({ client: 'rot', type: 'solo', expires_in: '1h' });
    world.now += 2 * HOUR;
    const { status, body } = await world.call('POST', `/admin/v1/keys/${old.id}/rotate`);
    expect([status, body.expires_at]).toEqual([201, '2026-11-22T13:00:00.000Z']);
    world.now -= 2 * HOUR;
  });

  it('refuses a revoked key, and leaves no successor', async () => {
    const old = await create({ client: 'rot-revoked', type: 'solo' });
    await world.call('POST', `/admin/v1/keys/${old.id}/revoke`);
    const { status, body } = await world.call('POST', `/admin/v1/keys/${old.id}/rotate`);
    expect([status, (body.error as { code: string }).code]).toEqual([409, 'conflict']);
    expect(await listed('rot-revoked')).toHaveLength(1);
  });

  it('leaves one living successor when it is done twice at the same time', async () => {
    const old = await create({ client: 'rot-race', type: 'solo' });
    const replies = await Promise.all([1, 2, 3, 4].map(() => world.call('POST', `/admin/v1/keys/${old.id}/rotate`)));
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
    const active = (await listed('rot-race')).filter(({ status }) => status === 'active');
    expect(active.map(({ id }) => id)).toEqual([replies.find(({ status }) => status === 201)?.body.id]);
  });
});

describe('what is written down', () => {
  it('holds no key and no hash of one in any log line', async () => {
    const { id, key } = await create({ client: 'quiet', type: 'solo' });
    const { body } = await world.call('POST', `/admin/v1/keys/${id}/rotate`);
    await world.call('GET', '/admin/v1/keys');
    const log = world.lines.join('\n');
    for (const secret of [key, body.key as string]) {
      expect(log).not.toContain(secret);
      expect(log).not.toContain(hashKey(secret));
    }
    expect(world.lines.length).toBeGreaterThan(3);
    expect(log).not.toMatch(/allmcp_[A-Za-z0-9]/);
    expect(log).toContain('"route":"/keys/{id}/rotate"');
  });
});
