/** `GET` and `DELETE /connections`, and what all calls for products share. */
import { GOOD, structured } from '../connecting.ts';
import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../../core/keys/principal.ts';
import { principalOf } from '../../../fakes/principal.ts';
import { ANN, ONE, setUpProducts, link } from './products.ts';

describe('GET /connections', () => {
  it('answers the same as list_connections, for the tenant of the key only', async () => {
    const { ask, connected } = setUpProducts();
    const client = await connected();
    await connected('work');
    await client.callTool({ name: 'example_list_things', arguments: {} });
    const listed = await client.callTool({ name: 'list_connections', arguments: {} });
    const { status, body } = await ask('GET', '/connections?org_id=jsm&user_id=ann');
    expect([status, body]).toEqual([200, structured(listed)]);
    expect((body as { connections: unknown[] }).connections).toHaveLength(2);
    expect(JSON.stringify(body)).not.toContain(GOOD);
    const bob = principalOf({ org: 'jsm', user: 'bob' });
    expect((await ask('GET', '/connections', undefined, bob)).body).toEqual({ connections: [] });
  });
});

describe('DELETE /connections/{provider_key}', () => {
  it('disconnects the only account, and says whether the provider was told', async () => {
    const { ask, connected, connections } = setUpProducts();
    await connected();
    expect(await ask('DELETE', '/connections/example?user_id=ann&org_id=jsm')).toMatchObject({
      status: 200,
      body: { status: 'disconnected', provider_key: 'example', connection: 'default', revoked_at_provider: false },
    });
    expect(connections.rows.size).toBe(0);
  });

  it('wants a name where there are several accounts, names them, and removes the one that is named', async () => {
    const { ask, connected, connections } = setUpProducts();
    await connected();
    await connected('work');
    const unnamed = await ask('DELETE', '/connections/example');
    expect(unnamed).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict', next: expect.stringContaining('default, work') } },
    });
    expect(connections.rows.size).toBe(2);
    expect(await ask('DELETE', '/connections/example?connection=work')).toMatchObject({
      status: 200,
      body: { connection: 'work' },
    });
    expect([...connections.rows.values()].map(({ name }) => name)).toEqual(['default']);
  });

  it.each([
    '/connections/example',
    '/connections/example?connection=other',
    '/connections/nothing',
    '/connections/%ff',
  ])('answers 404 for %s where there is no such account', async (path) => {
    const { ask, connected, connections } = setUpProducts();
    await connected('work');
    connections.rows.clear();
    expect(await ask('DELETE', path)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  it("never reaches another tenant's account", async () => {
    const { ask, connected, connections } = setUpProducts();
    await connected();
    const bob = principalOf({ org: 'jsm', user: 'bob' });
    expect((await ask('DELETE', '/connections/example', undefined, bob)).status).toBe(404);
    expect(connections.rows.size).toBe(1);
  });

  it('refuses an organization without a user, which would be the default user', async () => {
    const { ask, connected, connections } = setUpProducts();
    const solo = principalOf();
    await connected();
    await connected(undefined, solo);
    const { status, body } = await ask('DELETE', '/connections/example?org_id=jsm', undefined, solo);
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid_input', message: expect.any(String) } }]);
    expect(connections.rows.size).toBe(2);
    // A tenant key names its user by itself.
    expect((await ask('DELETE', '/connections/example?org_id=jsm')).status).toBe(200);
  });

  it.each(['?connection=', '?connection=a&connection=b', '?conection=work', '?provider_key=example'])(
    'refuses %s, so that a slip of the pen removes nothing',
    async (query) => {
      const { ask, connected, connections } = setUpProducts();
      await connected();
      expect(await ask('DELETE', `/connections/example${query}`)).toMatchObject({ status: 400 });
      expect(connections.rows.size).toBe(1);
    },
  );
});

describe('the HTTP calls for products', () => {
  it('are told apart by the resource of the API, whatever the path looks like', async () => {
    const { ask, connected, lines } = setUpProducts();
    await connected();
    for (const key of ['connect-links', 'connections']) {
      expect(await ask('DELETE', `/connections/${key}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found', next: expect.stringContaining('list_providers') } },
      });
      expect((await ask('GET', `/connections/${key}`)).headers.get('allow')).toBe('DELETE');
    }
    expect(new Set(lines.map((line) => (JSON.parse(line) as { route: string }).route))).toEqual(new Set([ONE]));
    // The base path of a domain may be called anything.
    for (const base of ['/connections', '/connect-links', '/v1/connections']) {
      expect((await ask('POST', `${base}/connect-links/`, link({}), ANN, '/connect-links')).status).toBe(201);
      expect((await ask('GET', `${base}/connections`, undefined, ANN, '/connections')).status).toBe(200);
    }
    expect(await ask('DELETE', '/connections/connections/example/', undefined, ANN, ONE)).toMatchObject({
      status: 200,
      body: { provider_key: 'example' },
    });
  });

  it.each([
    ['GET', '/connect-links', 'POST'],
    ['DELETE', '/connections', 'GET'],
    ['POST', '/connections/example', 'DELETE'],
  ])('answer 405 to %s %s with the method they take', async (method, path, allow) => {
    const { status, headers, body } = await setUpProducts().ask(method, path);
    expect([status, headers.get('allow')]).toEqual([405, allow]);
    expect(body).toEqual({
      error: { code: 'method_not_allowed', message: expect.any(String), next: expect.any(String) },
    });
  });

  it('answer 404 to another path, 400 to marked parameters, 403 to an operator', async () => {
    const { ask } = setUpProducts();
    expect((await ask('GET', '/connection')).status).toBe(404);
    const rejected: Principal = { kind: 'rejected', problem: 'The parameter user_id is empty.' };
    expect(await ask('GET', '/connections', undefined, rejected)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_input', message: 'The parameter user_id is empty.' } },
    });
    const operator: Principal = { kind: 'operator', keyId: 'k_o' };
    expect((await ask('GET', '/connections', undefined, operator)).status).toBe(403);
  });

  it('count against the requests of the key, and say when to come back', async () => {
    const seen: string[] = [];
    const { ask } = setUpProducts({
      keyLimiter: {
        request: async ({ keyId }) =>
          seen.push(keyId) > 1 ? { ok: false, limit: 1, of: 'minute', retryAfter: 42 } : { ok: true },
      },
    });
    expect((await ask('GET', '/connections')).status).toBe(200);
    const { status, headers, body } = await ask('POST', '/connect-links', link({}));
    expect([status, headers.get('retry-after')]).toEqual([429, '42']);
    expect(body).toMatchObject({ error: { code: 'rate_limited', retry_after: 42 } });
  });

  it('answer 500 with a reference that the log has too, and nothing of the exception', async () => {
    const { ask, lines } = setUpProducts({ usage: { read: async () => Promise.reject(new Error('canary')) } });
    const { status, body } = await ask('GET', '/connections');
    const { code, reference } = (body as { error: { code: string; reference: string } }).error;
    expect([status, code]).toEqual([500, 'internal']);
    expect(lines.filter((line) => line.includes(`"reference":"${reference}"`))).toHaveLength(1);
    expect(JSON.stringify([body, lines])).not.toContain('canary');
  });
});
