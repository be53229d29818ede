/** The form of the connect page. */
import { describe, expect, it } from '@jest/globals';
import { CODE, setUpConnect, cookieOf } from './set-up.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };
const first = <T>(map: Map<string, T>): T | undefined => [...map.values()][0];

describe('the form', () => {
  it('names provider, client, organization and user in words', async () => {
    const world = setUpConnect({ branding: { name: 'Acme GmbH' } });
    const { text } = await world.open(world.issue());
    for (const word of ['Connect Example', 'Acme GmbH', '<bdi>acme</bdi>', '<bdi>jsm</bdi>', '<bdi>ann</bdi>'])
      expect(text).toContain(word);
  });

  it('says when there is one user only, and names a further connection', async () => {
    const world = setUpConnect();
    const solo = await world.open(world.issue('example', { org: undefined, user: undefined, connection: 'work' }));
    expect(solo.text).toContain('the one user of this application');
    expect(solo.text).not.toContain('Organization');
    expect(solo.text).toContain('<bdi>work</bdi>');
  });

  it('shows the fields of the provider with label, help, example and pattern, secrets as password inputs', async () => {
    const world = setUpConnect();
    const { text } = await world.open(world.issue('shop'));
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
    const world = setUpConnect();
    const text = await (await world.fill(world.issue('shop'), { code: CODE, domain: 'wrong' })).text();
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
    const world = setUpConnect();
    const pages = [
      (await world.open(world.issue('desk'))).text,
      await (await world.fill(world.issue(), GOOD)).text(),
      await (await world.get('unknown')).text(),
    ];
    for (const page of pages) {
      expect(page.match(/<h1/g)).toHaveLength(1);
      expect(page).toContain('<html lang="en">');
      expect(page).not.toMatch(/<script|\son\w+=|style="/i);
    }
  });

  it('lets the person choose between several ways of signing in', async () => {
    const world = setUpConnect();
    const secret = world.issue('desk');
    const { text } = await world.open(secret);
    expect(text.match(/type="radio"/g)).toHaveLength(2);
    expect(text.match(/\schecked/g)).toHaveLength(1);
    const response = await world.fill(secret, { code: CODE, way: 'team', team: 'a', api_key: 'team_good' });
    expect(response.status).toBe(200);
    expect(first(world.connections.rows)).toMatchObject({ provider: 'desk', auth: 'team', accountName: 'The team' });
  });

  it('says how long the link still works', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    expect((await world.open(secret)).text).toContain('10 more minutes');
    world.wait(9.5 * 60_000);
    expect((await world.open(secret)).text).toContain('1 more minute');
  });
});

describe('the cookie of the form', () => {
  it('is kept when the browser brings a good one, for several links', async () => {
    const world = setUpConnect();
    const [one, other] = [world.issue(), world.issue('mailbox')];
    const { cookie, token } = await world.open(one);
    const second = await world.get(other, { cookie });
    expect(second.headers.getSetCookie()).toEqual([]);
    expect((await world.post(one, { ...GOOD, form_token: token }, { cookie })).status).toBe(200);
  });

  it('is replaced when it is not one of ours', async () => {
    const world = setUpConnect();
    const response = await world.get(world.issue(), { cookie: '__Host-allmcp-connect=short; other=1' });
    expect(cookieOf(response)).toMatch(/^__Host-allmcp-connect=[\w-]{43}$/);
  });
});
