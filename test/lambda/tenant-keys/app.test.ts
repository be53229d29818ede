/** `POST /tenant-keys` behind the authorizer: what it answers, and every way it refuses. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashKey } from '../../../core/keys/api-key.ts';
import { createLog } from '../../../core/log.ts';
import type { IssuerPrincipal, Principal } from '../../../core/keys/principal.ts';
import { createTenantKeysApp } from '../../../lambda/tenant-keys/app.ts';
import { fakeKeys } from '../../fakes/keys.ts';
import { principalOf } from '../../fakes/principal.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HASH = 'c0ffee'.repeat(10);
const issuer: IssuerPrincipal = {
  kind: 'issuer',
  keyId: 'k_1',
  keyHash: HASH,
  clientId: 'acme',
  org: 'jsm',
  user: 'ann',
};

const JSON_TYPE = { 'content-type': 'application/json' };

function setUpTenantKeys(keys = fakeKeys()) {
  const lines: string[] = [];
  const log = createLog({ service: 'tenant-keys', write: (line) => lines.push(line), clock: () => NOW });
  const app = createTenantKeysApp({ keys, clock: () => NOW, log, newId: () => 'ref-1' });
  const post = (body: string, principal: Principal = issuer, query = 'user_id=ignored') =>
    app(new Request(`https://x.example/tenant-keys?${query}`, { method: 'POST', headers: JSON_TYPE, body }), principal);
  return { keys, lines, post };
}
const body = (ttl_seconds: unknown): string => JSON.stringify({ ttl_seconds });

describe('POST /tenant-keys', () => {
  it('answers the key, when it ends and whose it is, and lets nothing keep the answer', async () => {
    const { keys, post } = setUpTenantKeys();
    const answer = await post(body(900));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const made = (await answer.json()) as { key: string };
    expect(made).toEqual({
      key: expect.stringMatching(/^allmcp_[A-Za-z0-9]{32}$/),
      expires_at: '2026-11-22T12:15:00.000Z',
      tenant: { org_id: 'jsm', user_id: 'ann' },
    });
    expect([...keys.tenantKeys.keys()]).toEqual([hashKey(made.key)]);
  });

  it('names no organization and no user where there is none', async () => {
    const { post } = setUpTenantKeys();
    const { org: _org, ...ofUser } = issuer;
    const { user: _user, ...solo } = ofUser;
    expect(await (await post(body(60), ofUser)).json()).toMatchObject({ tenant: { user_id: 'ann' } });
    expect(((await (await post(body(60), solo)).json()) as { tenant: unknown }).tenant).toEqual({});
  });

  it('takes the tenant from the authorizer alone', async () => {
    const { keys, post } = setUpTenantKeys();
    await post(body(60));
    for (const more of [{ user_id: 'eve' }, { tenant: { user_id: 'eve' } }, { client: 'rival' }])
      expect((await post(JSON.stringify({ ttl_seconds: 60, ...more }))).status).toBe(400);
    expect([...keys.tenantKeys.values()]).toEqual([
      expect.objectContaining({ clientId: 'acme', org: 'jsm', user: 'ann', parentHash: HASH, parentId: 'k_1' }),
    ]);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'ttl_seconds=900'],
    ['a number', '900'],
    ['null', 'null'],
    ['a list', '[{"ttl_seconds":900}]'],
    ['no ttl_seconds', '{}'],
    ['too short a life', body(59)],
    ['too long a life', body(86_401)],
    ['half a second', body(900.5)],
    ['a text', body('900')],
    ['null as the life', body(null)],
    ['more than is asked for', '{"ttl_seconds":900,"scope":"all"}'],
  ])('says what to send when it is sent %s', async (_what, sent) => {
    const { keys, post } = setUpTenantKeys();
    const answer = await post(sent);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: {
        code: 'invalid_input',
        message: expect.stringContaining('ttl_seconds, an integer of 60..86400'),
        next: expect.stringContaining('{"ttl_seconds": 900}'),
      },
    });
    expect(keys.tenantKeys.size).toBe(0);
  });

  it('makes a key for whole seconds from a minute to a day, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.integer(), fc.integer({ min: 0, max: 90_000 }), fc.jsonValue()), async (value) => {
        const isGood = Number.isInteger(value) && Number(value) >= 60 && Number(value) <= 86_400;
        const sent = body(value);
        expect((await setUpTenantKeys().post(sent)).status).toBe(isGood ? 201 : sent.length > 1_024 ? 413 : 400);
      }),
    );
  });

  it('refuses a parameter it does not know: mistyped, it would mean the default user', async () => {
    const { keys, post } = setUpTenantKeys();
    for (const [query, meant] of [
      ['org_id=jsm&userid=bob', ' Did you mean user_id?'],
      ['User_id=bob', ' Did you mean user_id?'],
      ['full_catalog=true', ''],
    ]) {
      const answer = await post(body(60), issuer, query);
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: { message: `The parameters here are: org_id, user_id.${meant}` } },
      ]);
    }
    expect(keys.tenantKeys.size).toBe(0);
  });

  it('passes on what is wrong with the parameters', async () => {
    const problem = 'The parameter user_id is empty.';
    const answer = await setUpTenantKeys().post(body(60), { kind: 'rejected', problem });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { message: problem } }]);
  });

  it('makes nothing for whoever is no issuer, should the authorizer let one through', async () => {
    const { keys, post } = setUpTenantKeys();
    for (const principal of [principalOf(), { kind: 'operator', keyId: 'op_1' } as const])
      expect((await post(body(60), principal)).status).toBe(403);
    expect(keys.tenantKeys.size).toBe(0);
  });

  it('a failure answers a reference that the log has too, and nothing of the failure', async () => {
    const keys = fakeKeys();
    const { lines, post } = setUpTenantKeys({ ...keys, add: () => Promise.reject(new Error(`canary ${HASH}`)) });
    const answer = await post(body(60));
    const text = await answer.text();
    expect([answer.status, text]).toEqual([500, expect.stringContaining('ref-1')]);
    expect(lines.join()).toContain('ref-1');
    expect(text + lines.join()).not.toMatch(/canary|c0ffee|allmcp_/);
  });

  it('logs which key was made with which, and no key or hash', async () => {
    const { keys, lines, post } = setUpTenantKeys();
    const { key } = (await (await post(body(60))).json()) as { key: string };
    const [stored] = keys.tenantKeys.values();
    const known = { keyId: 'k_1', clientId: 'acme' };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ event: 'tenant key made', ...known, tenantKeyId: stored?.keyId }),
      expect.objectContaining({ event: 'tenant key request', ...known, route: '/tenant-keys', status: 201 }),
    ]);
    expect(lines.join()).not.toMatch(new RegExp(`${key.slice(0, 11)}|${hashKey(key)}|${HASH}|jsm|ann`));
  });
});
