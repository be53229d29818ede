/** The edge of the admin API: routes, hostile input, the OpenAPI page and failures of the store. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONTRACT, ErrorBody } from '../../../lambda/admin/contract.ts';
import type { Endpoint } from '../../../lambda/admin/resource/endpoint.ts';
import { type AdminAppDeps } from '../../../lambda/admin/app.ts';
import { createLog } from '../../../core/log.ts';
import { appOver, EVERYONE, onlyOf, PLACE, setUpAdmin, type AdminSetUp } from './set-up.ts';

let world: AdminSetUp;
beforeAll(async () => {
  world = await setUpAdmin();
});
afterAll(() => world.stop());

const endpoints = Object.entries<Endpoint>(CONTRACT);

describe('routing', () => {
  it.each([
    ['GET', '/admin/v1'],
    ['GET', '/admin/v1/'],
    ['GET', '/admin/v1/nothing'],
    ['GET', '/admin/v2/keys'],
    ['GET', '/keys'],
    ['POST', '/admin/v1/keys/a/b/revoke'],
    ['GET', '/admin/v1/clients/%E0%A4%A'],
  ])('answers 404 for %s %s', async (method, path) => {
    const { status, body } = await world.call(method, path);
    expect(status).toBe(404);
    expect(ErrorBody.parse(body).error.code).toBe('not_found');
  });

  it.each([
    ['DELETE', '/admin/v1/keys', 'GET, POST'],
    ['GET', '/admin/v1/keys/k_1/revoke', 'POST'],
    ['PUT', '/admin/v1/clients/acme', 'GET, DELETE, PATCH'],
  ])('answers 405 for %s %s and says what is allowed', async (method, path, allow) => {
    const { status, headers } = await world.call(method, path);
    expect([status, headers.get('allow')]).toEqual([405, allow]);
  });

  it('works behind a stage and behind the base path of a custom domain', async () => {
    expect((await world.call('GET', '/v1/admin/v1/keys')).status).toBe(200);
    expect((await world.call('GET', '/tools/admin/v1/keys/')).status).toBe(200);
  });

  it.each(['?client=a&client=b', '?client=', '?klient=a', '?client=%00'])(
    'answers 400 for the query %s',
    async (query) => {
      const { status, body } = await world.call('GET', `/admin/v1/keys${query}`);
      expect(status).toBe(400);
      const { message } = ErrorBody.parse(body).error;
      expect(message).toContain(query.startsWith('?k') ? 'Did you mean client?' : 'client');
    },
  );
});

describe('hostile bodies', () => {
  it('answers 415 for a body that does not call itself JSON', async () => {
    const app = appOver({});
    const form = new Request('https://admin.invalid/admin/v1/keys', { method: 'POST', body: 'client=a&type=solo' });
    expect((await app(form, EVERYONE, PLACE)).status).toBe(415);
  });

  it('answers 413 for a body over 128 KB', async () => {
    expect((await world.call('POST', '/admin/v1/keys', { client: 'x'.repeat(131_072), type: 'solo' })).status).toBe(
      413,
    );
  });

  it('never answers 5xx to any text, and every refusal has the form of the contract', async () => {
    const path = fc.constantFrom(...endpoints.map(([, { method, path: at }]) => ({ method, at })));
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant('{"__proto__":{"client":"x"}}'));
    await fc.assert(
      fc.asyncProperty(path, text, fc.string({ unit: 'binary', minLength: 1 }), async ({ method, at }, body, id) => {
        const target = `/admin/v1${at.replace('{id}', encodeURIComponent(Buffer.from(id).toString()))}`;
        const reply = await world.call(method, target, method === 'GET' ? undefined : body);
        expect(reply.status).toBeLessThan(500);
        if (reply.status >= 400) ErrorBody.parse(reply.body);
      }),
      { numRuns: 400 },
    );
  });

  it('never answers 5xx to a key request with any values in its fields', async () => {
    const any = fc.oneof(
      fc.anything({ withNullPrototype: false }),
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.double(),
    );
    const fields = fc.record(
      {
        client: fc.oneof(fc.string({ unit: 'binary' }), any),
        type: fc.oneof(fc.constantFrom('solo', 'client', 'platform'), any),
        org: fc.oneof(fc.array(fc.string({ unit: 'binary' })), any),
        name: any,
        expires_in: any,
        rpm: any,
        monthly: any,
      },
      { requiredKeys: ['client', 'type'] },
    );
    await fc.assert(
      fc.asyncProperty(fields, async (body) => {
        const text = JSON.stringify(body, (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        const reply = await world.call('POST', '/admin/v1/keys', text);
        expect([201, 400]).toContain(reply.status);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the OpenAPI page', () => {
  it('describes every endpoint of the contract, and no other', async () => {
    const { status, body } = await world.call('GET', '/admin/v1/openapi.json', undefined, onlyOf('acme'));
    expect([status, body.openapi]).toEqual([200, '3.1.0']);
    const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(
      endpoints.map(([, { method, path }]) => `${method} /admin/v1${path}`).toSorted(),
    );
  });

  it('names the parameters, the body and the answer of each', async () => {
    const { body } = await world.call('GET', '/admin/v1/openapi.json');
    const rotate = (body.paths as Record<string, { post: Record<string, unknown> }>)['/admin/v1/keys/{id}/rotate']
      ?.post;
    expect(rotate).toMatchObject({
      operationId: 'rotateKey',
      parameters: [
        { name: 'id', in: 'path', required: true },
        { name: 'client', in: 'query', required: false },
      ],
      requestBody: { content: { 'application/json': { schema: { properties: { grace: {} } } } } },
      responses: {
        201: { content: { 'application/json': { schema: { required: expect.arrayContaining(['key']) } } } },
      },
    });
  });
});

describe('an answer', () => {
  it('holds no field that the contract does not name, whatever the code behind it hands over', async () => {
    const policy = { inline_credentials: 'accept', secret: 'x' };
    const row = { id: 'acme', createdAt: new Date(0).toISOString(), policy };
    const clients = { page: async () => ({ rows: [row], secret: 'x' }) };
    const app = appOver({ clients: clients as unknown as AdminAppDeps['clients'] });
    const response = await app(new Request('https://admin.invalid/admin/v1/clients'), EVERYONE, PLACE);
    expect(await response.json()).toEqual({
      clients: [{ id: 'acme', created_at: '1970-01-01T00:00:00.000Z', policy: { inline_credentials: 'accept' } }],
    });
  });
});

describe('a failure inside', () => {
  it('answers 500 with a reference that the log has too, and with nothing of the exception', async () => {
    const lines: string[] = [];
    const app = appOver({
      log: createLog({ service: 'admin', write: (line) => lines.push(line), clock: () => 0 }),
      clients: {
        page: () => Promise.reject(new Error('table arn:aws:dynamodb:secret allmcp_x')),
      } as unknown as AdminAppDeps['clients'],
    });
    const response = await app(new Request('https://admin.invalid/admin/v1/clients'), EVERYONE, PLACE);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(ErrorBody.parse(JSON.parse(text)).error).toMatchObject({ code: 'internal', reference: 'ref-x' });
    expect(text + lines.join()).not.toContain('secret');
    expect(lines.join()).toContain('ref-x');
  });
});
