/** A form that is sent: the account is tested, stored, and named. */
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../../core/fault.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { fail, ok } from '../../../core/result.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { CODE, setUpConnect } from './set-up.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };
const ANN = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
const first = <T>(map: Map<string, T>): T | undefined => [...map.values()][0];

describe('connecting', () => {
  it.each([
    ['an API key', 'example', { api_key: 'tok_good' }, 'Ann Example'],
    [
      'several fields',
      'shop',
      { domain: 'acme.shop.example', form_key: 'fk_good', account_key: 'ak_good' },
      'Acme Shop',
    ],
    ['a login and a password', 'mailbox', { login: 'ann@example.com', password: 'secret' }, 'ann@example.com'],
  ])(
    'works with %s: tested at the provider, stored sealed, and the page says whose account it is',
    async (_, provider, fields, account) => {
      const world = setUpConnect();
      const response = await world.fill(world.issue(provider), { code: CODE, ...fields });
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toContain('is connected');
      expect(text).toContain(`<bdi>${account}</bdi>`);
      expect(world.asked).toHaveLength(1);
      const stored = first(world.connections.rows);
      expect(stored).toMatchObject({ provider, name: 'default', accountName: account, status: 'active' });
      if (stored === undefined) throw new Error('nothing stored');
      expect((await world.vault.open(ANN, stored)).reveal()).toEqual(fields);
      expect(JSON.stringify(stored)).not.toContain(Object.values(fields).at(-1));
    },
  );

  it('takes the code in any case, with or without the dash and blanks', async () => {
    for (const code of ['k7m2px', ' K7M 2PX ', 'k7m-2px']) {
      const world = setUpConnect();
      expect((await world.fill(world.issue(), { ...GOOD, code })).status).toBe(200);
    }
  });

  it('stores under the name and for the tenant of the link', async () => {
    const world = setUpConnect();
    await world.fill(world.issue('example', { connection: 'work' }), GOOD);
    const [key] = [...world.connections.rows.keys()];
    expect(key).toContain('T#acme#jsm#ann');
    expect(first(world.connections.rows)?.name).toBe('work');
  });

  it('that a provider refuses leaves its host and code in the log, and the page shows neither', async () => {
    const world = setUpConnect();
    const response = await world.fill(world.issue(), { ...GOOD, api_key: 'tok_bad' });
    const last = JSON.parse(world.lines.at(-1) ?? '') as Record<string, unknown>;
    expect(last).toMatchObject({
      event: 'connect page',
      outcome: 'refused:invalid_input',
      cause: { host: 'one.example.com', status: 401, vendor_code: 'REVOKED' },
    });
    expect(await response.text()).not.toMatch(/one\.example\.com|REVOKED/);
  });

  it('goes back to the return URL of the link with the outcome and nothing secret', async () => {
    const world = setUpConnect();
    const secret = world.issue('example', { returnUrl: 'https://app.acme.test/done?tab=2', connection: 'work' });
    const response = await world.fill(secret, GOOD);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(
      'https://app.acme.test/done?tab=2&status=connected&provider_key=example&connection=work',
    );
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe('');
  });

  it('keeps the link when the provider refuses, so that the person can correct it', async () => {
    const world = setUpConnect();
    const secret = world.issue('mailbox');
    const wrong = await world.fill(secret, { code: CODE, login: 'ann@example.com', password: 'wrong-password' });
    expect(wrong.status).toBe(422);
    const text = await wrong.text();
    expect(text).toContain('Mailbox refused this credential.');
    expect(text).toContain('value="ann@example.com"');
    expect(text).toContain(`value="${CODE}"`);
    expect(text).not.toContain('wrong-password');
    expect(world.connections.rows.size).toBe(0);
    expect((await world.fill(secret, { code: CODE, login: 'ann@example.com', password: 'secret' })).status).toBe(200);
  });

  it('does not ask the provider while a field is missing or malformed', async () => {
    const world = setUpConnect();
    const response = await world.fill(world.issue(), { code: CODE, api_key: 'not a token' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('Token does not look right. It looks like this: tok_abc');
    expect(world.asked).toHaveLength(0);
  });

  it('names the field that holds a character which cannot be sent, and keeps the link', async () => {
    const world = setUpConnect();
    const secret = world.issue('desk');
    for (const odd of ['personal_\u0441', 'personal\u2019s', 'personal\u200B']) {
      const response = await world.fill(secret, { code: CODE, way: 'token', api_key: odd });
      expect(response.status).toBe(422);
      expect(await response.text()).toContain('Personal token holds a character that cannot be sent');
    }
    expect(world.asked).toHaveLength(0);
    expect((await world.fill(secret, { code: CODE, way: 'token', api_key: 'personal_good' })).status).toBe(200);
  });

  it.each([
    ['rate_limited', 503, 'Wait a minute'],
    ['provider_down', 503, 'Wait a minute'],
    ['insufficient_scope', 422, 'has this permission'],
    ['plan_required', 422, 'whose plan'],
    ['conflict', 409, 'disconnect one'],
  ] as const)('says what to do when the provider answers %s, and keeps the link', async (code, status, advice) => {
    const world = setUpConnect({ deps: { store: async () => fail(fault(code, 'It said no.')) } });
    const secret = world.issue();
    const response = await world.fill(secret, GOOD);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(advice);
    expect(world.links.rows.has(hashSecret(secret))).toBe(true);
  });

  it('shows a page and logs the place, not the message, when something breaks', async () => {
    const world = setUpConnect({
      deps: { store: () => Promise.reject(new Error('broke on tok_good')) },
    });
    const response = await world.fill(world.issue(), GOOD);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('Something went wrong here');
    expect(world.lines.join()).not.toContain('tok_good');
    expect(JSON.parse(world.lines.at(-1) ?? '')).toMatchObject({ level: 'ERROR', errorName: 'Error', status: 500 });
  });

  it('calls it a failure when something was stored without using up the link', async () => {
    const world = setUpConnect({ deps: { store: async () => ok({ accountName: 'Ann' }) } });
    expect((await world.fill(world.issue(), GOOD)).status).toBe(500);
  });
});
