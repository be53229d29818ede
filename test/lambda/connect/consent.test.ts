/** A provider with consent on the connect page. */
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../../core/fault.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { fail } from '../../../core/result.ts';
import { CODE, setUpConnect, PUBLIC_URL, settingsOf } from './set-up.ts';

describe('a provider with OAuth2', () => {
  it('sends the browser to its consent page with the cookie that the return is compared with', async () => {
    const world = setUpConnect();
    const secret = world.issue('cloud');
    const { text } = await world.open(secret);
    expect(text).toContain('You will sign in at Cloud itself');
    const response = await world.fill(secret, { code: CODE, portal: 'acme' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('https://cloud.example.com/authorize?state=st');
    expect(response.headers.getSetCookie()).toEqual([
      'consent=browser-secret; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax',
    ]);
    expect((await world.get(secret)).status).toBe(404);
  });

  it('lets its form lead to any page over https, as a sign-in may', async () => {
    const world = setUpConnect();
    const policy = async (provider: string) =>
      (await world.get(world.issue(provider))).headers.get('content-security-policy');
    expect(await policy('cloud')).toContain("form-action 'self' https:;");
    // A page that begins no consent leads nowhere else.
    expect(await policy('example')).toContain("form-action 'self';");
  });

  it('reads the settings of the client once per request, and hands them to all who need them', async () => {
    const seen: string[] = [];
    let reads = 0;
    const world = setUpConnect({
      deps: {
        // Another answer each time, so that two reads in one request would show.
        settings: {
          async find() {
            const settings = settingsOf({ name: 'Acme', embeddingOrigins: [] });
            const org_app = (reads += 1) % 2 === 1 ? 'fall_back' : 'refuse';
            return { ...settings, client: { ...settings.client, org_app } };
          },
        },
        usableAuths: async (policy, _tenant, { auth }) => (seen.push(policy), auth),
        beginConsent: async ({ orgApp }) => (seen.push(orgApp), fail(fault('provider_down', 'Later.'))),
      },
    });
    const secret = world.issue('cloud');
    const { cookie, token } = await world.open(secret);
    expect([reads, seen]).toEqual([1, ['fall_back']]);
    await world.post(secret, { form_token: token, code: CODE, portal: 'acme' }, { cookie });
    expect([reads, seen]).toEqual([2, ['fall_back', 'refuse', 'refuse']]);
  });

  it('asks first for what must be known before the redirect', async () => {
    const world = setUpConnect();
    const response = await world.fill(world.issue('cloud'), { code: CODE, portal: 'Not One' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('Portal does not look right');
  });

  it('is not offered without an OAuth app, and the link stays good', async () => {
    let auths: readonly string[] = ['token'];
    const world = setUpConnect({
      deps: { usableAuths: async (_policy, _tenant, { auth }) => auth.filter(({ id }) => auths.includes(id)) },
    });
    const desk = world.issue('desk');
    const { text } = await world.open(desk);
    expect(text).not.toContain('Team key');
    expect(text).not.toContain('How do you want to sign in?');
    const cloud = world.issue('cloud');
    const refused = await world.get(cloud);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toMatch(/Cloud cannot be connected here yet.*people who run this service/s);
    expect((await world.post(cloud, { code: CODE, portal: 'acme' })).status).toBe(503);
    auths = ['oauth'];
    expect((await world.get(cloud)).status).toBe(200);
  });

  it('may ask for more permissions, for those that the person ticked and the page offered', async () => {
    const asked: (readonly string[])[] = [];
    const world = setUpConnect({
      deps: {
        beginConsent: async ({ extraScopes = [] }) => {
          asked.push(extraScopes);
          return fail(fault('provider_down', 'Later.'));
        },
      },
    });
    const link = world.issue('cloud');
    const { text, cookie, token } = await world.open(link);
    expect(text).toContain('Manage the &lt;portal&gt;');
    expect(text).not.toMatch(/type="checkbox"[^>]*checked/);
    const form = new URLSearchParams({ form_token: token, code: CODE, portal: 'acme' });
    for (const scope of ['admin', 'admin', 'everything']) form.append('scope', scope);
    const again = await (await world.post(link, form, { cookie })).text();
    expect(asked).toEqual([['admin']]);
    expect(again).toMatch(/value="admin"\s+checked/);
    expect(again.match(/ checked/g)).toHaveLength(1);
    form.delete('scope');
    await world.post(link, form, { cookie });
    expect(asked).toEqual([['admin'], []]);
  });

  it('goes on in a window of its own when the page is framed', async () => {
    const world = setUpConnect({ branding: { embeddingOrigins: ['https://app.example.com'] } });
    const link = world.issue('cloud');
    const framed = { 'sec-fetch-dest': 'iframe' };
    const text = await (await world.get(link, framed)).text();
    expect(text).toContain(`href="${PUBLIC_URL}/connect/${link}" target="_blank" rel="noopener noreferrer"`);
    expect(text).not.toContain('<form');
    const { cookie, token } = await world.open(link);
    const form = { form_token: token, code: CODE, portal: 'acme' };
    const refused = await world.post(link, form, { cookie, ...framed });
    expect([refused.status, refused.headers.get('location')]).toEqual([409, null]);
    expect((await world.post(link, form, { cookie })).status).toBe(303);
  });

  it('keeps the link when the consent cannot begin', async () => {
    const world = setUpConnect({
      deps: { beginConsent: async () => fail(fault('forbidden', 'No OAuth app is set up.')) },
    });
    const secret = world.issue('cloud');
    const response = await world.fill(secret, { code: CODE, portal: 'acme' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('No OAuth app is set up.');
    expect(world.links.rows.has(hashSecret(secret))).toBe(true);
  });

  it('begins one consent when the form is sent twice at once', async () => {
    const world = setUpConnect();
    const secret = world.issue('cloud');
    const { cookie, token } = await world.open(secret);
    const send = () => world.post(secret, { form_token: token, code: CODE, portal: 'acme' }, { cookie });
    const statuses = (await Promise.all([send(), send()])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([303, 404]);
  });
});
