import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { pageHeaders } from '../../../lambda/connect/headers.ts';
import { fault } from '../../../core/provider/classify.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { fail } from '../../../core/result.ts';
import { MAX_TRIES } from '../../../core/connect/link.ts';
import { CODE, connectRig, PUBLIC_URL } from './rig.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };
const tries = (rig: ReturnType<typeof connectRig>, secret: string): number | undefined =>
  rig.links.rows.get(hashSecret(secret))?.tries;

describe('link reuse', () => {
  it('a used link opens nothing and stores nothing', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const { cookie, token } = await rig.open(secret);
    const send = () => rig.post(secret, { ...GOOD, form_token: token }, { cookie });
    expect((await send()).status).toBe(200);
    const before = JSON.stringify([...rig.connections.rows]);
    expect((await send()).status).toBe(404);
    expect((await rig.get(secret)).status).toBe(404);
    expect(JSON.stringify([...rig.connections.rows])).toBe(before);
  });

  it('two forms sent at the same moment store once', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const { cookie, token } = await rig.open(secret);
    const puts: string[] = [];
    const set = rig.connections.rows.set.bind(rig.connections.rows);
    rig.connections.rows.set = (key, connection) => {
      puts.push(connection.version);
      return set(key, connection);
    };
    const send = () => rig.post(secret, { ...GOOD, form_token: token }, { cookie });
    const statuses = (await Promise.all(Array.from({ length: 10 }, send))).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 9 }, () => 404)]);
    expect(puts).toHaveLength(1);
  });

  it('an expired link is dead even while its row is still there', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const { cookie, token } = await rig.open(secret);
    const lagging = { ...rig.links, find: async (hash: string) => rig.links.rows.get(hash) };
    const late = connectRig({ deps: { ...rig.deps, links: lagging } });
    rig.wait(600_000);
    expect((await late.get(secret)).status).toBe(404);
    expect((await late.post(secret, { ...GOOD, form_token: token }, { cookie })).status).toBe(404);
  });

  it('a token of one link does not send the form of another', async () => {
    const rig = connectRig();
    const [mine, other] = [rig.issue(), rig.issue()];
    const { cookie, token } = await rig.open(mine);
    expect((await rig.post(other, { ...GOOD, form_token: token }, { cookie })).status).toBe(403);
    expect(rig.connections.rows.size).toBe(0);
  });
});

describe('link guessing', () => {
  it('unknown, used, expired and worn-out links give the very same page', async () => {
    const rig = connectRig();
    const [used, expired, worn] = [
      rig.issue(),
      rig.issue('example', { expiresAt: 0 }),
      rig.issue('example', { tries: 4 }),
    ];
    await rig.fill(used, GOOD);
    await rig.fill(worn, { ...GOOD, code: 'AAA-AAA' });
    const answers = await Promise.all(
      [used, expired, worn, randomBytes(32).toString('base64url'), 'x', '../admin', '%00', 'a'.repeat(300)].map(
        async (secret) => {
          const response = await rig.get(secret);
          return JSON.stringify([response.status, [...response.headers], await response.text()]);
        },
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('Ask your agent for a new link.');
  });

  it('a link is found by its whole secret only, and only directly below /connect', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    for (const near of [`${secret}/x`, `${secret}x`, secret.slice(0, -1), `x/${secret}`, `${secret}%2F`])
      expect((await rig.get(near)).status).toBe(404);
    expect((await rig.get(secret)).status).toBe(200);
  });

  it('the table holds no secret that opens a page: its hash does not', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    expect(JSON.stringify([...rig.links.rows])).not.toContain(secret);
    expect((await rig.get(hashSecret(secret))).status).toBe(404);
  });
});

describe('wrong code', () => {
  it('five wrong codes end the link, and the right one is then refused', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const statuses: number[] = [];
    for (let at = 0; at < MAX_TRIES; at += 1)
      statuses.push((await rig.fill(secret, { ...GOOD, code: `AAA-AA${at + 2}` })).status);
    expect(statuses).toEqual([422, 422, 422, 422, 404]);
    const { cookie, token } = await rig.open(rig.issue());
    expect((await rig.post(secret, { ...GOOD, form_token: token }, { cookie })).status).toBe(404);
    expect(rig.connections.rows.size).toBe(0);
    expect(rig.asked).toHaveLength(0);
  });

  it('a worn-out link is dead even while its row is still there', async () => {
    const rig = connectRig();
    const secret = rig.issue('example', { tries: MAX_TRIES });
    expect((await rig.get(secret)).status).toBe(404);
  });

  it('says how many tries are left', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    expect(await (await rig.fill(secret, { code: 'AAA-AAA' })).text()).toContain('You can try 4 more times.');
    await rig.fill(secret, { code: 'AAA-AAA' });
    await rig.fill(secret, { code: 'AAA-AAA' });
    expect(await (await rig.fill(secret, { code: 'AAA-AAA' })).text()).toContain('You can try once more.');
  });

  it('a wrong code is counted before the answer and before anything else is looked at', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const text = await (await rig.fill(secret, { code: 'AAA-AAA', api_key: 'not a token' })).text();
    expect(tries(rig, secret)).toBe(1);
    expect(text).not.toContain('does not look right');
    const broken = connectRig({
      deps: { ...rig.deps, links: { ...rig.links, countWrongCode: () => Promise.reject(new Error('down')) } },
    });
    expect((await broken.fill(secret, { ...GOOD, code: 'AAA-AAA' })).status).toBe(500);
  });

  it('many guesses at once store nothing, even with the right one among them', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const { cookie, token } = await rig.open(secret);
    const codes = Array.from({ length: 40 }, (_, at) => (at === 20 ? CODE : `AAA-A${String(at).padStart(2, '0')}`));
    await Promise.all(codes.map((code) => rig.post(secret, { ...GOOD, code, form_token: token }, { cookie })));
    expect(rig.connections.rows.size).toBe(0);
    expect((await rig.get(secret)).status).toBe(404);
  });

  it('the right code of another link is a wrong one', async () => {
    const rig = connectRig();
    const secret = rig.issue('example', { codeHash: hashSecret('another') });
    expect((await rig.fill(secret, GOOD)).status).toBe(422);
    expect(tries(rig, secret)).toBe(1);
  });

  it('a form without a code is asked for one and costs no try', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const response = await rig.fill(secret, { api_key: 'tok_good' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('The code from your chat is missing.');
    expect(tries(rig, secret)).toBe(0);
  });
});

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
    const rig = connectRig();
    const secret = rig.issue();
    const { token, cookie } = forge(await rig.open(secret));
    for (const code of [CODE, 'AAA-AAA']) {
      const response = await rig.post(secret, { ...GOOD, code, form_token: token }, cookie === '' ? {} : { cookie });
      expect(response.status).toBe(403);
    }
    expect(rig.connections.rows.size).toBe(0);
    expect(tries(rig, secret)).toBe(0);
  });

  it.each([
    ['another origin', { origin: 'https://evil.test' }],
    ['an origin that only begins like ours', { origin: `${PUBLIC_URL}.evil.test` }],
    ['our host over http', { origin: 'http://gateway.test' }],
    ['another site, as the browser says', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['another host of our site, as the browser says', { 'sec-fetch-site': 'same-site' }],
  ])('a post from %s is refused and costs no try, whatever it carries', async (_, headers) => {
    const rig = connectRig();
    const secret = rig.issue();
    for (const code of [CODE, 'AAA-AAA']) expect((await rig.fill(secret, { ...GOOD, code }, headers)).status).toBe(403);
    expect(rig.connections.rows.size).toBe(0);
    expect(tries(rig, secret)).toBe(0);
  });

  it.each([
    ['names our origin', { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' }],
    ['hides it, as our referrer policy makes browsers do', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['says nothing, as old browsers do', {}],
  ])('a post from our own page that %s is taken', async (_, headers) => {
    const rig = connectRig();
    expect((await rig.fill(rig.issue(), GOOD, headers)).status).toBe(200);
  });

  it('the cookie is bound to this host over https, and no script can read it', async () => {
    const rig = connectRig();
    const [cookie] = (await rig.get(rig.issue())).headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-allmcp-connect=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it('in a frame of an allowed product, the cookie is kept for it alone', async () => {
    const rig = connectRig({ branding: { embeddingOrigins: ['https://app.acme.test'] } });
    const [framed] = (await rig.get(rig.issue(), { 'sec-fetch-dest': 'iframe' })).headers.getSetCookie();
    expect(framed).toMatch(/; Secure; SameSite=None; Partitioned$/);
    const [top] = (await rig.get(rig.issue(), { 'sec-fetch-dest': 'document' })).headers.getSetCookie();
    expect(top).toMatch(/SameSite=Lax$/);
    const closed = connectRig();
    const [other] = (await closed.get(closed.issue(), { 'sec-fetch-dest': 'iframe' })).headers.getSetCookie();
    expect(other).toMatch(/SameSite=Lax$/);
  });
});

describe('clickjacking and injected content', () => {
  it('every page forbids frames, scripts, foreign requests, sniffing, caching and referrers', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const answers = [
      await rig.get(secret),
      await rig.get('unknown'),
      await rig.fill(secret, { code: 'AAA-AAA' }),
      await rig.post(secret, GOOD),
      await rig.post(secret, GOOD, { 'content-type': 'text/plain' }),
      await rig.send(new Request(`${PUBLIC_URL}/connect/x`, { method: 'PUT' })),
      await rig.fill(secret, GOOD),
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
    const rig = connectRig({ branding: { embeddingOrigins } });
    const { headers } = await rig.get(rig.issue());
    expect(headers.get('content-security-policy')).toContain(
      "; frame-ancestors https://app.acme.test; base-uri 'none'",
    );
    expect(headers.get('x-frame-options')).toBeNull();
    expect((await rig.get('unknown')).headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
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
        const rig = connectRig({ branding: { name: hostile, color: hostile, logoUrl: `data:image/png;${hostile}` } });
        const newId = { client: hostile, org: hostile, user: hostile };
        const secret = rig.issue('shop', { ...newId, connection: hostile });
        const pages = [
          (await rig.open(secret)).text,
          await (await rig.fill(secret, { code: CODE, domain: hostile, note: hostile })).text(),
        ];
        const account = connectRig({
          branding: { name: hostile },
          deps: { store: async ({ claim }) => (await claim(), { ok: true, value: { account: hostile } }) },
        });
        pages.push(await (await account.fill(account.issue('example', newId), GOOD)).text());
        const refused = connectRig({ deps: { store: async () => fail(fault('invalid_input', hostile)) } });
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

describe('a credential in a URL, a log or a page', () => {
  it('no link, code or field is in any log line or header, whatever happens', async () => {
    const rig = connectRig();
    const secret = rig.issue('mailbox');
    const { cookie, token } = await rig.open(secret);
    const values = { login: 'login-value@example.com', password: 'password-value' };
    const answers = [
      await rig.get(secret),
      await rig.fill(secret, { code: 'AAA-AAA', ...values }),
      await rig.fill(secret, { code: CODE, ...values }),
      await rig.fill(secret, { code: CODE, login: 'ann@example.com', password: 'secret' }),
      await rig.get(secret),
    ];
    const seen = rig.lines.join('\n') + answers.map(({ headers }) => JSON.stringify([...headers])).join('\n');
    for (const private_ of [
      secret,
      CODE,
      'K7M2PX',
      'AAA-AAA',
      token,
      ...Object.values(values),
      'ann@example.com',
      'password-value',
    ])
      expect(seen).not.toContain(private_);
    expect(rig.lines.join()).not.toContain(cookie.split('=')[1]);
  });

  it('a secret that was typed never comes back in a page, even when the provider quotes it', async () => {
    const quoting = connectRig({
      deps: { store: async ({ fields }) => fail(fault('invalid_input', `Bad key ${fields.reveal()['api_key']}`)) },
    });
    const text = await (await quoting.fill(quoting.issue(), GOOD)).text();
    expect(text).not.toContain('tok_good');
    expect(text).toContain('Example did not accept this.');
    const rig = connectRig();
    for (const fields of [
      { code: 'AAA-AAA', form_key: 'fk_typed' },
      { code: CODE, form_key: 'fk_typed' },
    ])
      expect(await (await rig.fill(rig.issue('shop'), fields)).text()).not.toContain('fk_typed');
  });

  it('credentials in the address are not read', async () => {
    const rig = connectRig();
    const secret = rig.issue();
    const { cookie, token } = await rig.open(secret);
    const query = new URLSearchParams({ ...GOOD, form_token: token });
    const response = await rig.send(
      new Request(`${PUBLIC_URL}/connect/${secret}?${query}`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        body: '',
      }),
    );
    expect(response.status).toBe(403);
    expect(rig.connections.rows.size).toBe(0);
  });
});

describe('open redirect by return_url', () => {
  it('no field, parameter or header of a request says where the browser goes', async () => {
    const rig = connectRig();
    const secret = rig.issue('example', { returnUrl: 'https://app.acme.test/done' });
    const { cookie, token } = await rig.open(secret);
    const evil = 'https://evil.test/';
    const response = await rig.send(
      new Request(`${PUBLIC_URL}/connect/${secret}?return_url=${evil}`, {
        method: 'POST',
        headers: {
          cookie,
          'content-type': 'application/x-www-form-urlencoded',
          referer: evil,
          'x-forwarded-host': 'evil.test',
        },
        body: new URLSearchParams({ ...GOOD, form_token: token, return_url: evil, returnUrl: evil }).toString(),
      }),
    );
    expect(response.status).toBe(303);
    expect(new URL(response.headers.get('location') ?? '').origin).toBe('https://app.acme.test');
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.test',
    'http://evil.test/',
    'https://user:pw@app.acme.test/',
    'not a url',
  ])('a link with %s leads to the last page here instead', async (returnUrl) => {
    const rig = connectRig();
    const response = await rig.fill(rig.issue('example', { returnUrl }), GOOD);
    expect(response.status).toBe(200);
    expect(response.headers.get('location')).toBeNull();
  });

  it("the form may lead to the link's own return address and nowhere else", async () => {
    const rig = connectRig();
    const { headers } = await rig.get(rig.issue('example', { returnUrl: 'https://app.acme.test/done?x=1' }));
    expect(headers.get('content-security-policy')).toContain("form-action 'self' https://app.acme.test;");
  });
});
