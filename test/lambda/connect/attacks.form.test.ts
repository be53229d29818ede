/** Attacks on the form: forged, framed, or led elsewhere. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { pageHeaders } from '../../../lambda/connect/headers.ts';
import { fault } from '../../../core/fault.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { fail } from '../../../core/result.ts';
import { CODE, setUpConnect, PUBLIC_URL } from './set-up.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };
const tries = (world: ReturnType<typeof setUpConnect>, secret: string): number | undefined =>
  world.links.rows.get(hashSecret(secret))?.tries;

describe('CSRF on the form', () => {
  const forgeries: readonly (readonly [
    string,
    (own: { cookie: string; token: string }) => { token: string; cookie: string },
  ])[] = [
    ['without cookie and token', () => ({ token: '', cookie: '' })],
    ['without a cookie', ({ token }) => ({ token, cookie: '' })],
    ['without a token', ({ cookie }) => ({ token: '', cookie })],
    ['with a made-up token', ({ cookie }) => ({ token: randomBytes(32).toString('base64url'), cookie })],
    [
      'with the cookie of another browser',
      ({ token }) => ({ token, cookie: `__Host-allmcp-connect=${randomBytes(32).toString('base64url')}` }),
    ],
    [
      'with a cookie under the name used on a laptop',
      ({ cookie, token }) => ({ token, cookie: cookie.replace('__Host-', '') }),
    ],
  ];

  it.each(forgeries)('a post %s is refused and costs no try', async (_, forge) => {
    const world = setUpConnect();
    const secret = world.issue();
    const { token, cookie } = forge(await world.open(secret));
    for (const code of [CODE, 'AAA-AAA']) {
      const response = await world.post(secret, { ...GOOD, code, form_token: token }, cookie === '' ? {} : { cookie });
      expect(response.status).toBe(403);
    }
    expect(world.connections.rows.size).toBe(0);
    expect(tries(world, secret)).toBe(0);
  });

  it.each([
    ['another origin', { origin: 'https://evil.test' }],
    ['an origin that only begins like ours', { origin: `${PUBLIC_URL}.evil.test` }],
    ['our host over http', { origin: 'http://gateway.test' }],
    ['another site, as the browser says', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['another host of our site, as the browser says', { 'sec-fetch-site': 'same-site' }],
  ])('a post from %s is refused and costs no try, whatever it carries', async (_, headers) => {
    const world = setUpConnect();
    const secret = world.issue();
    for (const code of [CODE, 'AAA-AAA'])
      expect((await world.fill(secret, { ...GOOD, code }, headers)).status).toBe(403);
    expect(world.connections.rows.size).toBe(0);
    expect(tries(world, secret)).toBe(0);
  });

  it.each([
    ['names our origin', { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' }],
    ['hides it, as our referrer policy makes browsers do', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['says nothing, as old browsers do', {}],
  ])('a post from our own page that %s is taken', async (_, headers) => {
    const world = setUpConnect();
    expect((await world.fill(world.issue(), GOOD, headers)).status).toBe(200);
  });

  it('the cookie is bound to this host over https, and no script can read it', async () => {
    const world = setUpConnect();
    const [cookie] = (await world.get(world.issue())).headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-allmcp-connect=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it('in a frame of an allowed product, the cookie is kept for it alone', async () => {
    const world = setUpConnect({ branding: { embeddingOrigins: ['https://app.acme.test'] } });
    const [framed] = (await world.get(world.issue(), { 'sec-fetch-dest': 'iframe' })).headers.getSetCookie();
    expect(framed).toMatch(/; Secure; SameSite=None; Partitioned$/);
    const [top] = (await world.get(world.issue(), { 'sec-fetch-dest': 'document' })).headers.getSetCookie();
    expect(top).toMatch(/SameSite=Lax$/);
    const closed = setUpConnect();
    const [other] = (await closed.get(closed.issue(), { 'sec-fetch-dest': 'iframe' })).headers.getSetCookie();
    expect(other).toMatch(/SameSite=Lax$/);
  });
});

describe('clickjacking and injected content', () => {
  it('every page forbids frames, scripts, foreign requests, sniffing, caching and referrers', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const answers = [
      await world.get(secret),
      await world.get('unknown'),
      await world.fill(secret, { code: 'AAA-AAA' }),
      await world.post(secret, GOOD),
      await world.post(secret, GOOD, { 'content-type': 'text/plain' }),
      await world.send(new Request(`${PUBLIC_URL}/connect/x`, { method: 'PUT' })),
      await world.fill(secret, GOOD),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 422, 403, 415, 405, 200]);
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      );
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('permissions-policy')).toContain('camera=()');
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    }
  });

  it('only origins that the client allows may frame the page', async () => {
    const embeddingOrigins = [
      'https://app.acme.test',
      "https://x.test; script-src 'unsafe-inline'",
      '*',
      'https://*',
      'https://z.test;sandbox',
      'https://y.test/path',
      'javascript:0',
    ];
    const world = setUpConnect({ branding: { embeddingOrigins } });
    const { headers } = await world.get(world.issue());
    expect(headers.get('content-security-policy')).toContain(
      "; frame-ancestors https://app.acme.test; base-uri 'none'",
    );
    expect(headers.get('x-frame-options')).toBeNull();
    expect((await world.get('unknown')).headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('a target of a form that is no plain origin adds no rule and widens none', () => {
    const headers = pageHeaders({
      style: '',
      formTargets: [
        "https://a.test; script-src 'unsafe-inline'",
        'https://a.test;sandbox',
        'https:',
        '*',
        'https://*',
        'https://*.b.test',
        'https://[::1]:8787',
      ],
      frameAncestors: [],
      ownImages: true,
    });
    expect(headers.get('content-security-policy')).toContain(
      "img-src data: 'self'; form-action 'self' https://[::1]:8787;",
    );
  });

  it('no id, brand, account or typed value becomes markup', async () => {
    const attack = `"><script>alert('1')</script><b x="`;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('', '\u202e', '`', '&lt;'), async (more) => {
        const hostile = attack + more;
        const world = setUpConnect({
          branding: { name: hostile, color: hostile, logoUrl: `data:image/png;${hostile}` },
        });
        const newId = { client: hostile, org: hostile, user: hostile };
        const secret = world.issue('shop', { ...newId, connection: hostile });
        const pages = [
          (await world.open(secret)).text,
          await (await world.fill(secret, { code: CODE, domain: hostile, note: hostile })).text(),
        ];
        const account = setUpConnect({
          branding: { name: hostile },
          deps: { store: async ({ claim }) => (await claim?.(), { ok: true, value: { accountName: hostile } }) },
        });
        pages.push(await (await account.fill(account.issue('example', newId), GOOD)).text());
        const refused = setUpConnect({ deps: { store: async () => fail(fault('invalid_input', hostile)) } });
        pages.push(await (await refused.fill(refused.issue(), GOOD)).text());
        for (const page of pages) {
          expect(page).toContain('&lt;script&gt;');
          expect(page).not.toContain('<script');
          expect(page).not.toContain('<b x');
        }
      }),
    );
  });
});
