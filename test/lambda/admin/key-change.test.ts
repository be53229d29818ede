/** A key that is changed, as the authorizer, the operator and a rotation see it afterwards. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setUpAdmin, type AdminSetUp } from './set-up.ts';

const HOUR = 3_600_000;

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
});
afterAll(() => world.stop());

async function create(body: object): Promise<{ id: string; key: string }> {
  return (await world.call('POST', '/admin/v1/keys', { client: 'acme', type: 'solo', ...body })).body as never;
}
const change = (id: string, body: object) => world.call('PATCH', `/admin/v1/keys/${id}`, body);
const listed = async (id: string) => {
  const { body } = await world.call('GET', '/admin/v1/keys?client=acme');
  return (body.keys as Record<string, unknown>[]).find((row) => row['id'] === id);
};

describe('changing a key', () => {
  it('leaves what is not named, and takes back what is null', async () => {
    const { id } = await create({ name: 'n', rpm: 5, monthly: 6, expires_in: '1h', confirm: 'never' });
    const changed = await change(id, { rpm: 7 });
    const rest = { name: 'n', monthly: 6, expires_at: '2026-11-22T11:00:00.000Z', confirm: 'never' };
    expect([changed.status, changed.body]).toEqual([200, expect.objectContaining({ id, rpm: 7, ...rest })]);
    expect(await listed(id)).toMatchObject({ rpm: 7, ...rest });
    await change(id, { name: null, rpm: null, monthly: null, expires_in: null, confirm: 'destructive' });
    const none = { name: null, rpm: null, monthly: null, expires_at: null, confirm: 'destructive' };
    expect(await listed(id)).toMatchObject(none);
  });

  it('holds from the next request on, for the end as for everything else', async () => {
    const { id, key } = await create({});
    await change(id, { expires_in: '1h' });
    world.now += HOUR - 1;
    expect(await world.authorize(key)).toBe('tenant');
    world.now += 1;
    expect(await world.authorize(key)).toBe('unauthorized');
    await change(id, { expires_in: '2h' });
    expect(await world.authorize(key)).toBe('tenant');
    await change(id, { expires_in: null });
    world.now += 10 * HOUR;
    expect(await world.authorize(key)).toBe('tenant');
    world.now -= 11 * HOUR;
  });

  it('decides for how long a rotated key is made', async () => {
    const { id } = await create({ expires_in: '1h' });
    await change(id, { expires_in: '3h' });
    const { body } = await world.call('POST', `/admin/v1/keys/${id}/rotate`);
    expect(body.expires_at).toBe('2026-11-22T13:00:00.000Z');
    await change(body.id as string, { expires_in: null });
    const again = await world.call('POST', `/admin/v1/keys/${body.id as string}/rotate`);
    expect(again.body.expires_at).toBeNull();
  });

  it('never brings a revoked key back', async () => {
    const { id, key } = await create({});
    await world.call('POST', `/admin/v1/keys/${id}/revoke`);
    const refused = await change(id, { expires_in: '90d' });
    expect([refused.status, refused.body]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'conflict', message: expect.stringContaining('revoked') }) },
    ]);
    expect(await world.authorize(key)).toBe('unauthorized');
  });

  it('takes the policy that the client has by then', async () => {
    const { id, key } = await create({ expires_in: '1h' });
    await world.call('PATCH', '/admin/v1/clients/acme', { policy: { inline_credentials: 'refuse' } });
    await change(id, { expires_in: null });
    expect(await world.authorize(key)).toBe('tenant');
  });

  it.each([
    [{}],
    [{ rpm: 0 }],
    [{ rpm: '5' }],
    [{ monthly: -1 }],
    [{ expires_in: '90' }],
    [{ expires_in: 90 }],
    [{ name: '' }],
    [{ confirm: null }],
    [{ type: 'platform' }],
    [{ orgs: ['o'] }],
  ])('is refused for %j', async (body) => {
    const { id } = await create({});
    expect((await change(id, body)).status).toBe(400);
  });

  it('of another client than the one named, or of an operator, is not found', async () => {
    const { id } = await create({});
    expect((await world.call('PATCH', `/admin/v1/keys/${id}?client=other`, { rpm: 1 })).status).toBe(404);
    const { body } = await world.call('POST', '/admin/v1/operators', {});
    expect((await change(body.id as string, { rpm: 1 })).status).toBe(404);
  });
});

describe('the month of a key', () => {
  it('shows what is used and what is left of the limit', async () => {
    const { id } = await create({ monthly: 10 });
    expect(await listed(id)).toMatchObject({ used: 0, left: 10 });
    const count = (month: string, n: number) =>
      world.db.client.send(
        new UpdateItemCommand({
          TableName: world.db.tenantsTable,
          Key: { pk: { S: `U#acme#KEY#${id}` }, sk: { S: `MONTH#${month}` } },
          UpdateExpression: 'ADD n :n',
          ExpressionAttributeValues: { ':n': { N: String(n) } },
        }),
      );
    await count('2026-10', 9);
    await count('2026-11', 4);
    expect(await listed(id)).toMatchObject({ used: 4, left: 6 });
    expect((await change(id, { monthly: 3 })).body).toMatchObject({ used: 4, left: 0 });
    expect((await change(id, { monthly: null })).body).toMatchObject({ used: 4, left: null });
  });
});
