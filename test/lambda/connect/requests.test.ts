/** Requests that are not the form, and where the page is served from. */
import { describe, expect, it } from '@jest/globals';
import { CODE, setUpConnect, PUBLIC_URL } from './set-up.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };

describe('requests that are not the form', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('%s is refused with the methods that work', async (method) => {
    const world = setUpConnect();
    const response = await world.send(new Request(`${PUBLIC_URL}/connect/${world.issue()}`, { method }));
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });

  it('a body of another type is refused', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const { cookie, token } = await world.open(secret);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', '']) {
      const response = await world.post(secret, { ...GOOD, form_token: token }, { cookie, 'content-type': type });
      expect(response.status).toBe(415);
    }
    const charset = 'application/x-www-form-urlencoded; charset=UTF-8';
    expect((await world.post(secret, { ...GOOD, form_token: token }, { cookie, 'content-type': charset })).status).toBe(
      200,
    );
  });

  it('a body over 64 KB is refused, whether or not it says so', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    const big = { code: 'x'.repeat(64 * 1024) };
    expect((await world.post(secret, big)).status).toBe(413);
    expect((await world.post(secret, { code: 'x' }, { 'content-length': '65537' })).status).toBe(413);
    expect((await world.post(secret, { code: 'x'.repeat(64 * 1024 - 5) })).status).toBe(403);
  });
});

describe('on a laptop', () => {
  it('uses a cookie that plain http on loopback can keep', async () => {
    const world = setUpConnect({ publicUrl: 'http://127.0.0.1:8787' });
    const secret = world.issue();
    const [cookie] = (await world.get(secret)).headers.getSetCookie();
    expect(cookie).toMatch(/^allmcp-connect=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await world.fill(secret, GOOD, { origin: 'http://127.0.0.1:8787' })).status).toBe(200);
  });
});

describe('behind a domain with a base path', () => {
  it('serves its links, with or without a slash at the end', async () => {
    const publicUrl = 'https://gateway.test/tools';
    const world = setUpConnect({ publicUrl });
    const secret = world.issue();
    expect((await world.get(`${secret}/`)).status).toBe(200);
    expect((await world.fill(secret, GOOD, { origin: 'https://gateway.test' })).status).toBe(200);
  });

  it('finds no link elsewhere in a path', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    expect((await world.get(`${secret}/more`)).status).toBe(404);
    expect((await world.get(`..//disconnect/${secret}`)).status).toBe(404);
  });
});

describe('the log', () => {
  it('has one line for each request, with the route as a template', async () => {
    const world = setUpConnect();
    const secret = world.issue();
    await world.get('unknown');
    await world.fill(secret, GOOD);
    const lines = world.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
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
