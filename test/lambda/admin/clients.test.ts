/** Clients, their policy and its copies in their keys, and the reports of their agents. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { toItem } from '../../../adapters/aws/attributes.ts';
import { fromKeyItem } from '../../../adapters/aws/keys/key-item.ts';
import { itemKeys } from '../../../adapters/aws/schema.ts';
import { hashKey, type ApiKeyRecord } from '../../../core/keys/api-key.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { setUpAdmin, type AdminSetUp } from './set-up.ts';

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
});
afterAll(() => world.stop());

async function policyOf(key: unknown): Promise<unknown> {
  const { Item } = await world.db.client.send(
    new GetItemCommand({ TableName: world.db.keysTable, Key: { pk: { S: `KEY#${hashKey(String(key))}` } } }),
  );
  return (fromKeyItem(Item ?? {}) as ApiKeyRecord).policy;
}
const REFUSE = { inline_credentials: 'refuse' };
const ACCEPT = { inline_credentials: 'accept' };

describe('a client', () => {
  it('is created with the default policy, and found and listed afterwards', async () => {
    const made = await world.call('POST', '/admin/v1/clients', { id: 'acme' });
    const client = { id: 'acme', created_at: '2026-11-22T10:00:00.000Z', policy: ACCEPT };
    expect([made.status, made.body]).toEqual([201, client]);
    expect((await world.call('GET', '/admin/v1/clients/acme')).body).toEqual(client);
    expect((await world.call('GET', '/admin/v1/clients')).body).toEqual({ clients: [client] });
  });

  it('is not created twice, and the second attempt changes nothing', async () => {
    const again = await world.call('POST', '/admin/v1/clients', { id: 'acme', policy: REFUSE });
    expect([again.status, (again.body.error as { code: string }).code]).toEqual([409, 'conflict']);
    expect((await world.call('GET', '/admin/v1/clients/acme')).body.policy).toEqual(ACCEPT);
  });

  it.each(['a/b', 'a%b', 'a#b?c=d', ' ', 'é中🧪', 'x'.repeat(200), '🧪'.repeat(200)])(
    'may have any id, such as %j',
    async (id) => {
      expect((await world.call('POST', '/admin/v1/clients', { id })).status).toBe(201);
      expect((await world.call('GET', `/admin/v1/clients/${encodeURIComponent(id)}`)).body.id).toBe(id);
    },
  );

  it.each([
    ['GET', '/clients/nobody', undefined],
    ['PATCH', '/clients/nobody', { policy: {} }],
    ['PATCH', '/clients/nobody', { policy: REFUSE }],
  ])('that does not exist gives 404 for %s %s', async (method, path, body) => {
    expect((await world.call(method, `/admin/v1${path}`, body)).status).toBe(404);
    expect((await world.call('GET', '/admin/v1/clients')).text).not.toContain('nobody');
  });
});

describe("a client's policy", () => {
  it('holds for all its keys once it is changed, and for those made later', async () => {
    const create = () => world.call('POST', '/admin/v1/keys', { client: 'pol', type: 'solo' });
    const first = await create();
    const bystander = await world.call('POST', '/admin/v1/keys', { client: 'pol2', type: 'solo' });
    const changed = await world.call('PATCH', '/admin/v1/clients/pol', { policy: REFUSE });
    expect([changed.status, changed.body.policy]).toEqual([200, REFUSE]);
    expect(await policyOf(first.body.key)).toEqual(REFUSE);
    expect(await policyOf((await create()).body.key)).toEqual(REFUSE);
    expect(await policyOf(bystander.body.key)).toEqual(ACCEPT);
  });

  it('goes over to the new key of a rotation', async () => {
    await world.call('POST', '/admin/v1/clients', { id: 'pol3', policy: REFUSE });
    const { body } = await world.call('POST', '/admin/v1/keys', { client: 'pol3', type: 'solo' });
    const rotated = await world.call('POST', `/admin/v1/keys/${String(body.id)}/rotate`);
    expect(await policyOf(rotated.body.key)).toEqual(REFUSE);
  });

  it('stays as it is when a change names no field', async () => {
    await world.call('POST', '/admin/v1/clients', { id: 'pol4', policy: REFUSE });
    expect((await world.call('PATCH', '/admin/v1/clients/pol4', { policy: {} })).body.policy).toEqual(REFUSE);
  });

  it('is the same in record and keys after changes at the same time', async () => {
    await world.call('POST', '/admin/v1/clients', { id: 'busy' });
    const made = await Promise.all(
      Array.from({ length: 24 }, async (_, i) => {
        const policy = i % 4 === 0 ? REFUSE : ACCEPT;
        if (i % 2 === 0) await world.call('PATCH', '/admin/v1/clients/busy', { policy });
        return world.call('POST', '/admin/v1/keys', { client: 'busy', type: 'solo' });
      }),
    );
    const { policy } = (await world.call('GET', '/admin/v1/clients/busy')).body;
    const created = made.filter(({ status }) => status === 201);
    expect(created.length).toBeGreaterThan(0);
    for (const { body } of created) expect(await policyOf(body.key)).toEqual(policy);
  });

  it.each([{ inline_credentials: 'maybe' }, { unknown: true }, 'refuse', null])('refuses %j', async (policy) => {
    const { status, body } = await world.call('PATCH', '/admin/v1/clients/acme', { policy });
    expect(status).toBe(400);
    expect((body.error as { message: string }).message).toContain('policy');
  });
});

describe('reports of agents', () => {
  it('are listed as the MCP endpoint files them, newest first', async () => {
    const file = (id: string, at: string, more: Parameters<typeof toItem>[0]) =>
      world.db.client.send(
        new PutItemCommand({
          TableName: world.db.tenantsTable,
          Item: toItem({
            ...itemKeys.shared.issue(tenantId({ client: 'acme' }), at, id),
            id,
            at,
            key_id: 'k_1',
            ...more,
          }),
        }),
      );
    await file('i1', '2026-11-22T10:00:00.000Z', {
      org: 'o',
      user: 'u',
      summary: 's1',
      description: 'd1',
      references: ['r1'],
    });
    await file('i2', '2026-11-22T10:00:01.000Z', {
      org: '',
      user: '',
      summary: 's2',
      description: 'd2',
      references: [],
    });

    // As an older version has filed them: without status and ttl.
    const shown = { client: 'acme', key_id: 'k_1', status: 'open', note: null, changed_at: null };
    const expected = [
      {
        ...shown,
        id: 'i2',
        at: '2026-11-22T10:00:01.000Z',
        org: null,
        user: null,
        summary: 's2',
        description: 'd2',
        references: [],
      },
      {
        ...shown,
        id: 'i1',
        at: '2026-11-22T10:00:00.000Z',
        org: 'o',
        user: 'u',
        summary: 's1',
        description: 'd1',
        references: ['r1'],
      },
    ];
    expect((await world.call('GET', '/admin/v1/issues?client=acme')).body).toEqual({ issues: expected });
    expect((await world.call('GET', '/admin/v1/issues')).body).toEqual({ issues: expected });
    expect((await world.call('GET', '/admin/v1/issues?client=pol')).body).toEqual({ issues: [] });
  });
});
