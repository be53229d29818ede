/** Requests that are not the form, and where the page is served from. */
import { describe, expect, it } from '@jest/globals';
import { CODE, connectRig, PUBLIC_URL } from './rig.ts';

const GOOD = { code: CODE, api_key: 'tok_good' };

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
