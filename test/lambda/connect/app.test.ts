import { describe, expect, it } from '@jest/globals';
import { fault } from '../../../core/provider/classify.ts';
import type { SettingsOf } from '../../../core/tenant/settings.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { fail, ok } from '../../../core/result.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { CODE, connectRig, cookieOf, PUBLIC_URL } from './rig.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };
const ANN = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
const first = <T>(map: Map<string, T>): T | undefined => [...map.values()][0];

describe('the form', () => {
  it('names provider, client, organization and user in words', async () => {
    const rig = connectRig({ branding: { name: 'Acme GmbH' } });
    const { text } = await rig.open(rig.issue());
    for (const word of ['Connect Example', 'Acme GmbH', '<bdi>acme</bdi>', '<bdi>jsm</bdi>', '<bdi>ann</bdi>'])
      expect(text).toContain(word);
  });

  it('says when there is one user only, and names a further connection', async () => {
    const rig = connectRig();
    const solo = await rig.open(rig.issue('example', { org: undefined, user: undefined, connection: 'work' }));
    expect(solo.text).toContain('the one user of this application');
    expect(solo.text).not.toContain('Organization');
    expect(solo.text).toContain('<bdi>work</bdi>');
  });

  it('shows the fields of the provider with label, help, example and pattern, secrets as password inputs', async () => {
    const rig = connectRig();
    const { text } = await rig.open(rig.issue('shop'));
    const inputs = [...text.matchAll(/<input[^>]*>/g)].map(([input]) => input.replace(/\s+/g, ' '));
    const of = (name: string): string => inputs.find((input) => input.includes(`name="${name}"`)) ?? '';
    expect(of('domain')).toContain('type="text"');
    expect(of('domain')).toContain('pattern="\\s*[a-z0-9]+\\.shop\\.example\\s*"');
    expect(of('domain')).toContain('required');
    expect(of('form_key')).toContain('type="password"');
    expect(of('account_key')).toContain('type="password"');
    expect(of('note')).not.toContain('required');
    expect(text).toContain('Note (optional)');
    expect(text).toContain('What you see in the address bar when you are signed in.');
    expect(text).toContain('<code>acme.shop.example</code>');
    for (const input of inputs.filter((candidate) => !/hidden/.test(candidate)))
      expect(input).toContain('autocomplete="off"');
  });

  it('ties label, help and error to each input', async () => {
    const rig = connectRig();
    const text = await (await rig.fill(rig.issue('shop'), { code: CODE, domain: 'wrong' })).text();
    const newId = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target = ''] of text.matchAll(/ for="([^"]+)"/g)) expect(newId).toContain(target);
    const described = [...text.matchAll(/aria-describedby="([^"]+)"/g)].flatMap(([, list = '']) => list.split(' '));
    expect(described).toEqual(
      expect.arrayContaining(['help-field-0-domain', 'error-field-0-domain', 'error-field-0-form_key']),
    );
    for (const target of described) expect(newId).toContain(target);
    for (const [, target = ''] of text.matchAll(/href="#([^"]+)"/g)) expect(newId).toContain(target);
    expect(text).toMatch(/role="alert" tabindex="-1" autofocus/);
    expect(text).toContain('<title>Error: Connect Shop - Acme</title>');
  });

  it('has one heading of the first level, a language and no script', async () => {
    const rig = connectRig();
    const pages = [
      (await rig.open(rig.issue('desk'))).text,
      await (await rig.fill(rig.issue(), GOOD)).text(),
      await (await rig.get('unknown')).text(),
    ];
    for (const page of pages) {
      expect(page.match(/<h1/g)).toHaveLength(1);
      expect(page).toContain('<html lang="en">');
      expect(page).not.toMatch(/<script|\son\w+=|style="/i);
    }
  });

  it('lets the person choose between several ways of signing in', async () => {
    const rig = connectRig();
    const secret = rig.issue('desk');
    const { text } = await rig.open(secret);
    expect(text.match(/type="radio"/g)).toHaveLength(2);
    expect(text.match(/\schecked/g)).toHaveLength(1);
    const response = await rig.fill(secret, { code: CODE, way: 'team', team: 'a', api_key: 'team_good' });
    expect(response.status).toBe(200);
    expect(first(rig.connections.rows)).toMatchObject({ provider: 'desk', auth: 'team', accountName: 'The team' });
  });

  it('says how long the link still works', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    expect((await rig.open(secret)).text).toContain('10 more minutes');
    rig.wait(9.5 * 60_000);
    expect((await rig.open(secret)).text).toContain('1 more minute');
  });
});

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
      const rig = connectRig();
      const response = await rig.fill(rig.issue(provider), { code: CODE, ...fields });
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toContain('is connected');
      expect(text).toContain(`<bdi>${account}</bdi>`);
      expect(rig.asked).toHaveLength(1);
      const stored = first(rig.connections.rows);
      expect(stored).toMatchObject({ provider, name: 'default', accountName: account, status: 'active' });
      if (stored === undefined) throw new Error('nothing stored');
      expect((await rig.vault.open(ANN, stored)).reveal()).toEqual(fields);
      expect(JSON.stringify(stored)).not.toContain(Object.values(fields).at(-1));
    },
  );

  it('takes the code in any case, with or without the dash and blanks', async () => {
    for (const code of ['k7m2px', ' K7M 2PX ', 'k7m-2px']) {
      const rig = connectRig();
      expect((await rig.fill(rig.issue(), { ...GOOD, code })).status).toBe(200);
    }
  });

  it('stores under the name and for the tenant of the link', async () => {
    const rig = connectRig();
    await rig.fill(rig.issue('example', { connection: 'work' }), GOOD);
    const [key] = [...rig.connections.rows.keys()];
    expect(key).toContain('T#acme#jsm#ann');
    expect(first(rig.connections.rows)?.name).toBe('work');
  });

  it('goes back to the return URL of the link with the outcome and nothing secret', async () => {
    const rig = connectRig();
    const secret = rig.issue('example', { returnUrl: 'https://app.acme.test/done?tab=2', connection: 'work' });
    const response = await rig.fill(secret, GOOD);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(
      'https://app.acme.test/done?tab=2&status=connected&provider_key=example&connection=work',
    );
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe('');
  });

  it('keeps the link when the provider refuses, so that the person can correct it', async () => {
    const rig = connectRig();
    const secret = rig.issue('mailbox');
    const wrong = await rig.fill(secret, { code: CODE, login: 'ann@example.com', password: 'wrong-password' });
    expect(wrong.status).toBe(422);
    const text = await wrong.text();
    expect(text).toContain('Mailbox refused this credential.');
    expect(text).toContain('value="ann@example.com"');
    expect(text).toContain(`value="${CODE}"`);
    expect(text).not.toContain('wrong-password');
    expect(rig.connections.rows.size).toBe(0);
    expect((await rig.fill(secret, { code: CODE, login: 'ann@example.com', password: 'secret' })).status).toBe(200);
  });

  it('does not ask the provider while a field is missing or malformed', async () => {
    const rig = connectRig();
    const response = await rig.fill(rig.issue(), { code: CODE, api_key: 'not a token' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('Token does not look right. It looks like this: tok_abc');
    expect(rig.asked).toHaveLength(0);
  });

  it.each([
    ['rate_limited', 503, 'Wait a minute'],
    ['provider_down', 503, 'Wait a minute'],
    ['insufficient_scope', 422, 'has this permission'],
    ['plan_required', 422, 'whose plan'],
    ['conflict', 409, 'disconnect one'],
  ] as const)('says what to do when the provider answers %s, and keeps the link', async (code, status, advice) => {
    const rig = connectRig({ deps: { store: async () => fail(fault(code, 'It said no.')) } });
    const secret = rig.issue();
    const response = await rig.fill(secret, GOOD);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(advice);
    expect(rig.links.rows.has(hashSecret(secret))).toBe(true);
  });

  it('shows a page and logs the place, not the message, when something breaks', async () => {
    const rig = connectRig({
      deps: { store: () => Promise.reject(new Error('broke on tok_good')) },
    });
    const response = await rig.fill(rig.issue(), GOOD);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('Something went wrong here');
    expect(rig.lines.join()).not.toContain('tok_good');
    expect(JSON.parse(rig.lines.at(-1) ?? '')).toMatchObject({ level: 'ERROR', errorName: 'Error', status: 500 });
  });

  it('calls it a failure when something was stored without using up the link', async () => {
    const rig = connectRig({ deps: { store: async () => ok({ account: 'Ann' }) } });
    expect((await rig.fill(rig.issue(), GOOD)).status).toBe(500);
  });
});

describe('a provider with OAuth2', () => {
  it('sends the browser to its consent page with the cookie that the return is compared with', async () => {
    const rig = connectRig();
    const secret = rig.issue('cloud');
    const { text } = await rig.open(secret);
    expect(text).toContain('You will sign in at Cloud itself');
    const response = await rig.fill(secret, { code: CODE, portal: 'acme' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('https://cloud.example.com/authorize?state=st');
    expect(response.headers.getSetCookie()).toEqual([
      'consent=browser-secret; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax',
    ]);
    expect((await rig.get(secret)).status).toBe(404);
  });

  it('lets its form lead to any page over https, as a sign-in may', async () => {
    const rig = connectRig();
    const policy = async (provider: string) =>
      (await rig.get(rig.issue(provider))).headers.get('content-security-policy');
    expect(await policy('cloud')).toContain("form-action 'self' https:;");
    // A page that begins no consent leads nowhere else.
    expect(await policy('example')).toContain("form-action 'self';");
  });

  it('reads the settings of the client once per request, and hands them to all who need them', async () => {
    const seen: SettingsOf[] = [];
    const rig = connectRig({
      deps: {
        usableAuths: async (_link, { auth }, set) => (seen.push(set), auth),
        beginConsent: async ({ settings: set }) => (seen.push(set), fail(fault('provider_down', 'Later.'))),
      },
    });
    const secret = rig.issue('cloud');
    const { cookie, token } = await rig.open(secret);
    expect([rig.settingsRead(), seen.length]).toEqual([1, 1]);
    await rig.post(secret, { form_token: token, code: CODE, portal: 'acme' }, { cookie });
    expect([rig.settingsRead(), seen.length]).toEqual([1, 3]);
    expect([seen[1] === seen[2], seen[0] === seen[1]]).toEqual([true, false]);
  });

  it('asks first for what must be known before the redirect', async () => {
    const rig = connectRig();
    const response = await rig.fill(rig.issue('cloud'), { code: CODE, portal: 'Not One' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('Portal does not look right');
  });

  it('is not offered without an OAuth app, and the link stays good', async () => {
    let auths: readonly string[] = ['token'];
    const rig = connectRig({
      deps: { usableAuths: async (_link, { auth }) => auth.filter(({ id }) => auths.includes(id)) },
    });
    const desk = rig.issue('desk');
    const { text } = await rig.open(desk);
    expect(text).not.toContain('Team key');
    expect(text).not.toContain('How do you want to sign in?');
    const cloud = rig.issue('cloud');
    const refused = await rig.get(cloud);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toMatch(/Cloud cannot be connected here yet.*people who run this service/s);
    expect((await rig.post(cloud, { code: CODE, portal: 'acme' })).status).toBe(503);
    auths = ['oauth'];
    expect((await rig.get(cloud)).status).toBe(200);
  });

  it('may ask for more permissions, for those that the person ticked and the page offered', async () => {
    const asked: (readonly string[])[] = [];
    const rig = connectRig({
      deps: {
        beginConsent: async ({ extraScopes }) => {
          asked.push(extraScopes);
          return fail(fault('provider_down', 'Later.'));
        },
      },
    });
    const link = rig.issue('cloud');
    const { text, cookie, token } = await rig.open(link);
    expect(text).toContain('Manage the &lt;portal&gt;');
    expect(text).not.toMatch(/type="checkbox"[^>]*checked/);
    const form = new URLSearchParams({ form_token: token, code: CODE, portal: 'acme' });
    for (const scope of ['admin', 'admin', 'everything']) form.append('scope', scope);
    const again = await (await rig.post(link, form, { cookie })).text();
    expect(asked).toEqual([['admin']]);
    expect(again).toMatch(/value="admin"\s+checked/);
    expect(again.match(/ checked/g)).toHaveLength(1);
    form.delete('scope');
    await rig.post(link, form, { cookie });
    expect(asked).toEqual([['admin'], []]);
  });

  it('goes on in a window of its own when the page is framed', async () => {
    const rig = connectRig({ branding: { embeddingOrigins: ['https://app.example.com'] } });
    const link = rig.issue('cloud');
    const framed = { 'sec-fetch-dest': 'iframe' };
    const text = await (await rig.get(link, framed)).text();
    expect(text).toContain(`href="${PUBLIC_URL}/connect/${link}" target="_blank" rel="noopener noreferrer"`);
    expect(text).not.toContain('<form');
    const { cookie, token } = await rig.open(link);
    const form = { form_token: token, code: CODE, portal: 'acme' };
    const refused = await rig.post(link, form, { cookie, ...framed });
    expect([refused.status, refused.headers.get('location')]).toEqual([409, null]);
    expect((await rig.post(link, form, { cookie })).status).toBe(303);
  });

  it('keeps the link when the consent cannot begin', async () => {
    const rig = connectRig({ deps: { beginConsent: async () => fail(fault('forbidden', 'No OAuth app is set up.')) } });
    const secret = rig.issue('cloud');
    const response = await rig.fill(secret, { code: CODE, portal: 'acme' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('No OAuth app is set up.');
    expect(rig.links.rows.has(hashSecret(secret))).toBe(true);
  });

  it('begins one consent when the form is sent twice at once', async () => {
    const rig = connectRig();
    const secret = rig.issue('cloud');
    const { cookie, token } = await rig.open(secret);
    const send = () => rig.post(secret, { form_token: token, code: CODE, portal: 'acme' }, { cookie });
    const statuses = (await Promise.all([send(), send()])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([303, 404]);
  });
});

describe('requests that are not the form', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('%s is refused with the methods that work', async (method) => {
    const rig = connectRig();
    const response = await rig.send(new Request(`${PUBLIC_URL}/connect/${rig.issue()}`, { method }));
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });

  it('a body of another type is refused', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const { cookie, token } = await rig.open(secret);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', '']) {
      const response = await rig.post(secret, { ...GOOD, form_token: token }, { cookie, 'content-type': type });
      expect(response.status).toBe(415);
    }
    const charset = 'application/x-www-form-urlencoded; charset=UTF-8';
    expect((await rig.post(secret, { ...GOOD, form_token: token }, { cookie, 'content-type': charset })).status).toBe(
      200,
    );
  });

  it('a body over 64 KB is refused, whether or not it says so', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const big = { code: 'x'.repeat(64 * 1024) };
    expect((await rig.post(secret, big)).status).toBe(413);
    expect((await rig.post(secret, { code: 'x' }, { 'content-length': '65537' })).status).toBe(413);
    expect((await rig.post(secret, { code: 'x'.repeat(64 * 1024 - 5) })).status).toBe(403);
  });
});

describe('on a laptop', () => {
  it('uses a cookie that plain http on loopback can keep', async () => {
    const rig = connectRig({ publicUrl: 'http://127.0.0.1:8787' });
    const secret = rig.issue();
    const [cookie] = (await rig.get(secret)).headers.getSetCookie();
    expect(cookie).toMatch(/^allmcp-connect=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await rig.fill(secret, GOOD, { origin: 'http://127.0.0.1:8787' })).status).toBe(200);
  });
});

describe('behind a domain with a base path', () => {
  it('serves its links, with or without a slash at the end', async () => {
    const publicUrl = 'https://gateway.test/tools';
    const rig = connectRig({ publicUrl });
    const secret = rig.issue();
    expect((await rig.get(`${secret}/`)).status).toBe(200);
    expect((await rig.fill(secret, GOOD, { origin: 'https://gateway.test' })).status).toBe(200);
  });

  it('finds no link elsewhere in a path', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    expect((await rig.get(`${secret}/more`)).status).toBe(404);
    expect((await rig.get(`..//disconnect/${secret}`)).status).toBe(404);
  });
});

describe('the log', () => {
  it('has one line for each request, with the route as a template', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    await rig.get('unknown');
    await rig.fill(secret, GOOD);
    const lines = rig.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['gone', 404],
      ['shown', 200],
      ['connected', 200],
    ]);
    expect(lines[2]).toMatchObject({
      route: '/connect/{ticket}',
      method: 'POST',
      requestId: 'r1',
      clientId: 'acme',
      provider: 'example',
    });
  });
});

describe('the cookie of the form', () => {
  it('is kept when the browser brings a good one, for several links', async () => {
    const rig = connectRig();
    const [one, other] = [rig.issue(), rig.issue('mailbox')];
    const { cookie, token } = await rig.open(one);
    const second = await rig.get(other, { cookie });
    expect(second.headers.getSetCookie()).toEqual([]);
    expect((await rig.post(one, { ...GOOD, form_token: token }, { cookie })).status).toBe(200);
  });

  it('is replaced when it is not one of ours', async () => {
    const rig = connectRig();
    const response = await rig.get(rig.issue(), { cookie: '__Host-allmcp-connect=short; other=1' });
    expect(cookieOf(response)).toMatch(/^__Host-allmcp-connect=[\w-]{43}$/);
  });
});
