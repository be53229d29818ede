/** Credentials in addresses, logs and pages; open redirects. */
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../../core/fault.ts';
import { fail } from '../../../core/result.ts';
import { CODE, setUpConnect, PUBLIC_URL } from './set-up.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };

describe('a credential in a URL, a log or a page', () => {
  it('no link, code or field is in any log line or header, whatever happens', async () => {
    const world = setUpConnect();
    const secret = world.issue('mailbox');
    const { cookie, token } = await world.open(secret);
    const values = { login: 'login-value@example.com', password: 'password-value' };
    const answers = [
      await world.get(secret),
      await world.fill(secret, { code: 'AAA-AAA', ...values }),
      await world.fill(secret, { code: CODE, ...values }),
      await world.fill(secret, { code: CODE, login: 'ann@example.com', password: 'secret' }),
      await world.get(secret),
    ];
    const seen = world.lines.join('\n') + answers.map(({ headers }) => JSON.stringify([...headers])).join('\n');
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
    expect(world.lines.join()).not.toContain(cookie.split('=')[1]);
  });

  it('a secret that was typed never comes back in a page, even when the provider quotes it', async () => {
    const quoting = setUpConnect({
      deps: { store: async ({ fields }) => fail(fault('invalid_input', `Bad key ${fields.reveal()['api_key']}`)) },
    });
    const text = await (await quoting.fill(quoting.issue(), GOOD)).text();
    expect(text).not.toContain('tok_good');
    expect(text).toContain('Example did not accept this.');
    const world = setUpConnect();
    for (const fields of [
      { code: 'AAA-AAA', form_key: 'fk_typed' },
      { code: CODE, form_key: 'fk_typed' },
    ])
      expect(await (await world.fill(world.issue('shop'), fields)).text()).not.toContain('fk_typed');
  });

  it('credentials in the address are not read', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const { cookie, token } = await world.open(secret);
    const query = new URLSearchParams({ ...GOOD, form_token: token });
    const response = await world.send(
      new Request(`${PUBLIC_URL}/connect/${secret}?${query}`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        body: '',
      }),
    );
    expect(response.status).toBe(403);
    expect(world.connections.rows.size).toBe(0);
  });
});

describe('open redirect by return_url', () => {
  it('no field, parameter or header of a request says where the browser goes', async () => {
    const world = setUpConnect();
    const secret = world.issue('example', { returnUrl: 'https://app.acme.test/done' });
    const { cookie, token } = await world.open(secret);
    const evil = 'https://evil.test/';
    const response = await world.send(
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
    const world = setUpConnect();
    const response = await world.fill(world.issue('example', { returnUrl }), GOOD);
    expect(response.status).toBe(200);
    expect(response.headers.get('location')).toBeNull();
  });

  it("the form may lead to the link's own return address and nowhere else", async () => {
    const world = setUpConnect();
    const { headers } = await world.get(world.issue('example', { returnUrl: 'https://app.acme.test/done?x=1' }));
    expect(headers.get('content-security-policy')).toContain("form-action 'self' https://app.acme.test;");
  });
});
