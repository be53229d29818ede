/**
 * Attacks on connecting an account, each against the whole: gateway, functions, roles, table. After every one nothing is
 * connected that its owner did not connect, and the log holds nothing that would help the next one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GOOGLE_APP, startGoogleFake, type GoogleFake } from '../fakes/google.ts';
import { httpBrowser, type Invitation } from './http-browser.ts';
import { startPortals, type TestPortals } from './portals.ts';
import { callTool, closeConnections, type Target } from './rpc.ts';
import { startE2e, START_TIMEOUT_MS, type E2eRuntime } from './runtime.ts';

const RETURN_URL = 'https://app.example.com/connected';

let runtime: E2eRuntime;
let google: GoogleFake;
let portals: TestPortals;
let key: string;
let users = 0;
/** Everything that must be in no log: secrets of links, codes, states, cookies, credentials. */
const secrets = new Set<string>();

beforeAll(async () => {
  [google, portals] = [await startGoogleFake(), await startPortals(1)];
  runtime = await startE2e({ routes: { ...google.routes, ...portals.routes } });
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
  const googleApp = { client_id: GOOGLE_APP.clientId, client_secret: GOOGLE_APP.secret };
  await done(runtime.admin('PUT', '/oauth-apps', { provider: 'google_sheets', ...googleApp }));
  await done(
    runtime.admin('PUT', '/oauth-apps', { provider: 'kommo', client_id: 'k1', client_secret: 'kommo-secret' }),
  );
  await done(runtime.admin('PATCH', '/clients/acme/settings', { return_urls: [RETURN_URL] }));
  secrets
    .add(GOOGLE_APP.secret)
    .add('kommo-secret')
    .add(portals.all[0]?.webhook ?? '');
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime?.stop();
  await google?.stop();
  await portals?.stop();
  closeConnections();
});

async function done(answer: Promise<Response>): Promise<void> {
  const { status } = await answer;
  if (status !== 200) throw new Error(`refused with ${status}`);
}

/** A tenant that nothing was ever done for. */
const newTenant = (): Target => ({ url: runtime.mcp({ org_id: 'o1', user_id: `user-${(users += 1)}` }), key });

async function invite(target: Target, provider = 'google_sheets'): Promise<Invitation> {
  const { value } = await callTool(target, 'connect_provider', { provider_key: provider });
  const link = { url: String(value['url']), code: String(value['code']) };
  secrets.add(link.url.slice(link.url.lastIndexOf('/') + 1)).add(link.code);
  return link;
}

/** A person who has given consent and is on the way back, not there yet. */
async function onTheWayBack(target: Target, account = 'ann@example.com') {
  const browser = httpBrowser();
  const consentPage = await browser.toConsent(await invite(target));
  const back = google.consent(consentPage.href, { account });
  for (const name of ['code', 'state']) secrets.add(back.searchParams.get(name) ?? name);
  for (const value of browser.cookies.values()) secrets.add(value);
  return { browser, back, consentPage };
}

async function accounts(target: Target): Promise<readonly unknown[]> {
  const { value } = await callTool(target, 'list_connections');
  return value['connections'] as readonly unknown[];
}

async function refusedPage(answer: Response, status: number, words: RegExp): Promise<void> {
  const text = await answer.text();
  expect([answer.status, text]).toEqual([status, expect.stringMatching(words)]);
  expect(answer.headers.get('location')).toBeNull();
  for (const secret of secrets) if (secret.length > 8) expect(text).not.toContain(secret);
}

afterEach(() => {
  const folder = join(runtime.data, 'logs');
  const logs = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  expect(logs.join('').length).toBeGreaterThan(0);
  for (const secret of secrets) expect(logs.filter((text) => text.includes(secret))).toEqual([]);
});

describe('attacks on a consent', () => {
  it('a replayed state is refused: it was used up by the first return', async () => {
    const target = newTenant();
    const { browser, back } = await onTheWayBack(target);
    const cookies = new Map(browser.cookies);
    expect((await browser.visit(back)).status).toBe(200);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    await refusedPage(await browser.visit(back), 400, /already used, has expired, or did not begin here/);
    expect(await accounts(target)).toHaveLength(1);
  });

  it("a state of another tenant is refused in a browser that has a consent of its own: an attacker's account does not become the victim's", async () => {
    const [victim, attacker] = [newTenant(), newTenant()];
    const mine = await onTheWayBack(attacker, 'attacker@example.com');
    const { browser } = await onTheWayBack(victim);
    await refusedPage(await browser.visit(mine.back), 403, /began in another browser/);
    // Used up all the same: the attacker cannot try again with it.
    await refusedPage(await mine.browser.visit(mine.back), 400, /already used/);
    expect([await accounts(victim), await accounts(attacker)]).toEqual([[], []]);
  });

  it('a callback without the cookie is refused', async () => {
    const target = newTenant();
    const { back } = await onTheWayBack(target);
    await refusedPage(await httpBrowser().visit(back), 403, /began in another browser/);
    expect(await accounts(target)).toEqual([]);
  });

  it('an injected code is refused: it was given for the challenge of another consent', async () => {
    const [victim, attacker] = [newTenant(), newTenant()];
    const stolen = await onTheWayBack(attacker, 'attacker@example.com');
    const { browser, back } = await onTheWayBack(victim);
    back.searchParams.set('code', stolen.back.searchParams.get('code') ?? '');
    await refusedPage(await browser.visit(back), 400, /has expired or was used before/);
    expect(await accounts(victim)).toEqual([]);
  });

  it('a mix-up is refused: the answer names another issuer', async () => {
    const target = newTenant();
    const { browser, back } = await onTheWayBack(target);
    back.searchParams.set('iss', 'https://evil.example');
    await refusedPage(await browser.visit(back), 403, /did not come from Google Sheets/);
    expect(await accounts(target)).toEqual([]);
  });

  it('a host from a callback outside the allow-list is refused before any secret is sent there', async () => {
    const target = newTenant();
    for (const referer of ['evil.example', 'acme.kommo.com.evil.example', 'acme.kommo.com@evil.example', '127.0.0.1']) {
      const browser = httpBrowser();
      const consentPage = await browser.toConsent(await invite(target, 'kommo'), { way: 'oauth' });
      const back = new URL(`${runtime.url}/oauth/callback`);
      const state = consentPage.searchParams.get('state') ?? '';
      secrets.add(state);
      for (const [name, value] of Object.entries({ code: 'any-code-at-all', state, referer }))
        back.searchParams.set(name, value);
      await refusedPage(await browser.visit(back), 400, /without what is needed|does not belong to Kommo/);
    }
    expect(await accounts(target)).toEqual([]);
  });

  it('a guessed state is refused, and a parameter that is sent twice', async () => {
    const target = newTenant();
    const { browser, back } = await onTheWayBack(target);
    const guess = new URL(back);
    guess.searchParams.set('state', 'x'.repeat(43));
    await refusedPage(await browser.visit(guess), 400, /did not begin here/);
    const doubled = new URL(back);
    doubled.searchParams.append('code', 'another');
    await refusedPage(await browser.visit(doubled), 400, /without what is needed/);
    expect(await accounts(target)).toEqual([]);
  });
});

describe('attacks on a link', () => {
  const webhook = () => ({ api_key: portals.all[0]?.webhook ?? '', way: 'webhook' });

  it('a used link opens nothing and stores nothing', async () => {
    const target = newTenant();
    const link = await invite(target, 'bitrix24');
    const browser = httpBrowser();
    const token = await browser.open(link);
    const form = new URLSearchParams({ form_token: token, code: link.code, ...webhook() });
    expect((await browser.visit(link.url, form)).status).toBe(200);
    await callTool(target, 'disconnect_provider', { provider_key: 'bitrix24' });
    await refusedPage(await browser.visit(link.url), 404, /does not work any more/);
    await refusedPage(await browser.visit(link.url, form), 404, /does not work any more/);
    expect(await accounts(target)).toEqual([]);
  });

  it('a link that is sent by twenty browsers at once connects once', async () => {
    const target = newTenant();
    const link = await invite(target, 'bitrix24');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        httpBrowser()
          .submit(link, webhook())
          .catch(() => undefined),
      ),
    );
    expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(1);
    expect(await accounts(target)).toHaveLength(1);
  });

  it('a guessed link shows what a used one shows, and a link is nothing without its code: five wrong ones end it', async () => {
    const target = newTenant();
    const browser = httpBrowser();
    const guessed = await browser.visit(`${runtime.url}/connect/${'A'.repeat(43)}`);
    await refusedPage(guessed, 404, /does not work any more/);
    const link = await invite(target, 'bitrix24');
    for (let i = 0; i < 5; i += 1) {
      const answer = await browser.submit({ ...link, code: `AAA-AA${i + 2}` }, webhook());
      expect(answer.status).toBe(i < 4 ? 422 : 404);
    }
    const right = new URLSearchParams({ form_token: 'x', code: link.code, ...webhook() });
    await refusedPage(await browser.visit(link.url, right), 404, /does not work any more/);
    expect(await accounts(target)).toEqual([]);
  });

  it('a forged form is refused: from another site, without the token, or with the token of another link', async () => {
    const target = newTenant();
    const [link, other] = [await invite(target, 'bitrix24'), await invite(target, 'bitrix24')];
    const browser = httpBrowser();
    const token = await browser.open(link);
    const form = (more: Record<string, string>) => new URLSearchParams({ code: link.code, ...webhook(), ...more });
    const crossSite = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    await refusedPage(await browser.visit(link.url, form({ form_token: token }), crossSite), 403, /another site/);
    for (const form_token of ['', 'x', await browser.open(other)])
      expect((await browser.visit(link.url, form({ form_token }))).status).toBe(403);
    expect((await httpBrowser().visit(link.url, form({ form_token: token }))).status).toBe(403);
    expect(await accounts(target)).toEqual([]);
    // And none of it cost the person the link.
    expect((await browser.visit(link.url, form({ form_token: token }))).status).toBe(200);
  });

  it('a credential in the address is not read, and no page says where it was to others or may be framed', async () => {
    const target = newTenant();
    const link = await invite(target, 'bitrix24');
    const address = new URL(link.url);
    for (const [name, value] of Object.entries({ code: link.code, ...webhook() }))
      address.searchParams.set(name, value);
    const page = await httpBrowser().visit(address);
    const text = await page.text();
    expect(text).not.toContain(webhook().api_key);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/default-src 'none';.*frame-ancestors 'none'/),
    });
    expect(await accounts(target)).toEqual([]);
  });

  it('a return address outside the allow-list is refused where the link is made, and nothing on the way changes the one it has', async () => {
    const target = newTenant();
    const links = new URL(target.url);
    links.pathname = '/connect-links';
    const ask = (return_url: string) =>
      fetch(links, {
        method: 'POST',
        headers: { 'x-api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ provider_key: 'bitrix24', return_url }),
      });
    for (const evil of [
      'https://evil.example/connected',
      'https://app.example.com.evil.example/connected',
      'https://app.example.com@evil.example/connected',
      'https://app.example.com/other',
      'https://app.example.com/connected/../other',
      'http://app.example.com/connected',
      'javascript:alert(1)',
      '//evil.example/connected',
    ]) {
      const refused = await ask(evil);
      expect([evil, refused.status]).toEqual([evil, 400]);
      expect(await refused.text()).not.toContain('/connect/');
    }
    const made = await ask(`${RETURN_URL}?tab=1`);
    expect(made.status).toBe(201);
    const link = (await made.json()) as Invitation;
    secrets.add(link.url.slice(link.url.lastIndexOf('/') + 1));
    const browser = httpBrowser();
    const form = { ...webhook(), return_url: 'https://evil.example', returnUrl: 'https://evil.example' };
    const answer = await browser.submit({ ...link, url: link.url }, form);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `${RETURN_URL}?tab=1&status=connected&provider_key=bitrix24&connection=default`,
    ]);
  });

  it('the host that a request names decides nothing about links', async () => {
    const answer = await fetch(new URL('/connect-links?user_id=u', runtime.url), {
      method: 'POST',
      headers: {
        'x-api-key': key,
        'content-type': 'application/json',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example;proto=https',
      },
      body: JSON.stringify({ provider_key: 'bitrix24' }),
    });
    const { url } = (await answer.json()) as Invitation;
    expect(url.startsWith(`${runtime.url}/connect/`)).toBe(true);
  });
});
