import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { accessibilityProblems, browserIsThere, CHROMIUM, screenshots, serve, type Served } from './browser.ts';
import { CODE, setUpConnect, type ConnectOptions } from './set-up.ts';

const LOGO = `data:image/svg+xml;utf8,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="12" fill="#0f766e"/><path d="M12 28 20 12l8 16" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>',
)}`;
const BRANDING = { name: 'Northwind Logistics', color: '#0f766e', logoUrl: LOGO };
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

const FORMS = {
  example: { fields: { api_key: 'tok_good' }, account: 'Ann Example' },
  shop: { fields: { domain: 'acme.shop.example', form_key: 'fk_good', account_key: 'ak_good' }, account: 'Acme Shop' },
  mailbox: { fields: { login: 'ann@example.com', password: 'secret' }, account: 'ann@example.com' },
} as const;

const suite = browserIsThere() ? describe : describe.skip;

suite('the connect page in a browser', () => {
  let browser: Browser;
  const open: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    for (const close of open) await close();
    await browser.close();
    process.stdout.write(`Screenshots: ${screenshots}\n`);
  });

  /** The app on loopback with its own links. */
  async function serveApp(branding: ConnectOptions['branding'] = BRANDING) {
    let world: ReturnType<typeof setUpConnect> | undefined;
    const served = await serve(async (request, url) =>
      (world ??= setUpConnect({ branding, publicUrl: url })).send(request),
    );
    world = setUpConnect({ branding, publicUrl: served.url });
    open.push(served.close);
    return { world, served };
  }

  /** A page that notes every request and every complaint of the browser. */
  async function newPage(served: Served, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: SIZES.phone, ...options });
    open.unshift(() => context.close());
    const page = await context.newPage();
    const outside: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(`${served.url}/`) && !request.url().startsWith('data:'))
        outside.push(request.url());
    });
    page.on('console', (message) => {
      // The browser reports every status from 400 on; those pages are meant.
      if (message.type() === 'error' && !message.text().includes('the server responded'))
        complaints.push(message.text());
    });
    return { page, outside, complaints };
  }

  const shoot = (page: Page, name: string) =>
    page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });

  for (const [key, { fields, account }] of Object.entries(FORMS)) {
    for (const size of ['desktop', 'phone'] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        it(`connects ${key} on a ${size} in ${colorScheme}, readable for everyone and without asking another site`, async () => {
          const { world, served } = await serveApp();
          const { page, outside, complaints } = await newPage(served, { viewport: SIZES[size], colorScheme });
          const name = `${key}-${size}-${colorScheme}`;
          await page.goto(`${served.url}/connect/${world.issue(key)}`);
          expect(await accessibilityProblems(page)).toEqual([]);
          await shoot(page, name);

          await page.getByLabel('Code from your chat').fill('AAA-AAA');
          for (const [field, value] of Object.entries(fields)) await page.locator(`[name=${field}]`).fill(value);
          await page.getByRole('button', { name: 'Connect' }).click();
          await page.getByRole('alert').waitFor();
          expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('alert');
          expect(await accessibilityProblems(page)).toEqual([]);
          await shoot(page, `${name}-wrong-code`);
          for (const secret of await page.locator('input[type=password]').all())
            expect(await secret.inputValue()).toBe('');

          await page.getByLabel('Code from your chat').fill(CODE.toLowerCase());
          for (const [field, value] of Object.entries(fields)) await page.locator(`[name=${field}]`).fill(value);
          await page.getByRole('button', { name: 'Connect' }).click();
          await page.getByRole('heading', { name: 'is connected' }).waitFor();
          expect(await page.getByText(account).count()).toBe(1);
          expect(await accessibilityProblems(page)).toEqual([]);
          await shoot(page, `${name}-done`);

          expect(world.connections.rows.size).toBe(1);
          expect(outside).toEqual([]);
          expect(complaints).toEqual([]);
          expect(page.url()).not.toContain(Object.values(fields).at(-1));
        });
      }
    }
  }

  it('works with the keyboard alone and without JavaScript', async () => {
    const { world, served } = await serveApp();
    const { page } = await newPage(served, { javaScriptEnabled: false });
    await page.goto(`${served.url}/connect/${world.issue('shop')}`);
    for (const text of [CODE, 'acme.shop.example', 'fk_good', 'ak_good', '']) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Tab');
    expect(await page.locator('button:focus-visible').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Shop is connected' }).waitFor();
    expect(world.connections.rows.size).toBe(1);
  });

  it('leads from the list of problems to each field, and shows where the focus is', async () => {
    const { world, served } = await serveApp();
    const { page } = await newPage(served);
    await page.goto(`${served.url}/connect/${world.issue('desk')}`);
    await page.getByLabel('Code from your chat').fill(CODE);
    await page.getByRole('button').click();
    await page.getByRole('link', { name: 'Personal token is missing.' }).click();
    const focused = page.locator('input:focus-visible');
    expect(await focused.getAttribute('name')).toBe('api_key');
    const outline = await focused.evaluate((element) => getComputedStyle(element).outlineWidth);
    expect(Number.parseFloat(outline)).toBeGreaterThanOrEqual(2);
    await shoot(page, 'desk-problem');
  });

  it('shows only the fields of the chosen way of signing in, with arrow keys too', async () => {
    const { world, served } = await serveApp();
    const { page } = await newPage(served, { javaScriptEnabled: false });
    await page.goto(`${served.url}/connect/${world.issue('desk')}`);
    await shoot(page, 'desk-token');
    expect(await page.locator('[name=team]').isVisible()).toBe(false);
    await page.getByLabel('Code from your chat').fill(CODE);
    await page.locator('#way-0').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('[name=team]').isVisible()).toBe(true);
    expect(await page.locator('[name=api_key]:visible').count()).toBe(1);
    await shoot(page, 'desk-team');
    await page.locator('[name=team]').fill('a');
    await page.locator('[name=api_key]:visible').fill('team_good');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Desk is connected' }).waitFor();
    expect([...world.connections.rows.values()][0]).toMatchObject({ auth: 'team', accountName: 'The team' });
  });

  it.each(['example', 'shop', 'desk', 'cloud'])(
    '%s fits on 320 pixels with every target at least 44 high',
    async (key) => {
      const long = { name: 'A company with a very long name that has to wrap somewhere GmbH & Co. KG' };
      const { world, served } = await serveApp(long);
      const { page } = await newPage(served, { viewport: { width: 320, height: 640 } });
      await page.goto(`${served.url}/connect/${world.issue(key, { user: 'u'.repeat(200) })}`);
      await page.getByLabel('Code from your chat').fill('AAA-AAA');
      if (key === 'example') await page.getByLabel('Token').fill('tok_abc');
      await shoot(page, `${key}-320`);
      const measured = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        heights: [
          ...document.querySelectorAll('input:not([type=hidden],[type=radio],[type=checkbox]),button,.choice,a'),
        ]
          .filter((element) => element.getClientRects().length > 0)
          .map((element) => element.getBoundingClientRect().height),
        fonts: [...document.querySelectorAll('input[type=text],input[type=password]')].map((element) =>
          Number.parseFloat(getComputedStyle(element).fontSize),
        ),
      }));
      expect(measured.width).toBe(320);
      expect(Math.min(...measured.heights)).toBeGreaterThanOrEqual(44);
      // Below 16 pixels a phone zooms in when an input is tapped.
      expect(Math.min(...measured.fonts)).toBeGreaterThanOrEqual(16);
      expect(await accessibilityProblems(page)).toEqual([]);
    },
  );

  it('tells the person what to do when the link does not work any more', async () => {
    const { served } = await serveApp();
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await newPage(served, { colorScheme });
      await page.goto(`${served.url}/connect/unknown`);
      expect(await accessibilityProblems(page)).toEqual([]);
      await shoot(page, `gone-${colorScheme}`);
    }
  });

  it('stays readable with a brand colour that is hard to read on', async () => {
    for (const color of ['#ffee00', '#0b1220']) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { world, served } = await serveApp({ name: 'Acme', color });
        const { page } = await newPage(served, { colorScheme });
        await page.goto(`${served.url}/connect/${world.issue('desk')}`);
        expect(await accessibilityProblems(page)).toEqual([]);
        await shoot(page, `brand-${color.slice(1)}-${colorScheme}`);
      }
    }
  });

  it('leads back to the product without telling it, or anyone, where the person was', async () => {
    const { world, served } = await serveApp();
    const product = await serve(
      async () => new Response('<h1>Back in the product</h1>', { headers: { 'content-type': 'text/html' } }),
    );
    open.push(product.close);
    const { page, complaints } = await newPage(served);
    const secret = world.issue('example', { returnUrl: `${product.url}/settings?tab=2` });
    await page.goto(`${served.url}/connect/${secret}`);
    await page.getByLabel('Code from your chat').fill(CODE);
    await page.getByLabel('Token').fill('tok_good');
    await page.getByRole('button').click();
    await page.getByRole('heading', { name: 'Back in the product' }).waitFor();
    expect(page.url()).toBe(`${product.url}/settings?tab=2&status=connected&provider_key=example&connection=default`);
    expect(complaints).toEqual([]);
    expect(product.seen[0]?.headers.referer).toBeUndefined();
    expect(JSON.stringify(product.seen)).not.toMatch(new RegExp(`${secret}|tok_good`));
    const posted = served.seen.find(({ method }) => method === 'POST');
    expect(posted?.headers).toMatchObject({ origin: 'null', 'sec-fetch-site': 'same-origin' });
  });

  it('is shown in a frame of the product that may embed it, and in no other', async () => {
    const product = await serve(async (request) => {
      const frame = new URL(request.url).searchParams.get('frame') ?? '';
      return new Response(`<iframe src="${frame}" width="400" height="800"></iframe>`, {
        headers: { 'content-type': 'text/html' },
      });
    });
    open.push(product.close);
    const allowed = await serveApp({ name: 'Acme', embeddingOrigins: [product.url] });
    const refused = await serveApp({ name: 'Acme', embeddingOrigins: ['https://other.test'] });

    const { page } = await newPage(allowed.served);
    const within = `${allowed.served.url}/connect/${allowed.world.issue()}`;
    await page.goto(`${product.url}/?frame=${encodeURIComponent(within)}`);
    const frame = page.frameLocator('iframe');
    await frame.getByLabel('Code from your chat').fill(CODE);
    await frame.getByLabel('Token').fill('tok_good');
    await frame.getByRole('button').click();
    await frame.getByRole('heading', { name: 'Example is connected' }).waitFor();

    const other = await newPage(refused.served);
    const attacked = `${refused.served.url}/connect/${refused.world.issue()}`;
    await other.page.goto(`${product.url}/?frame=${encodeURIComponent(attacked)}`);
    expect(other.complaints.join()).toContain('frame-ancestors');
    expect(await other.page.frameLocator('iframe').locator('form').count()).toBe(0);
  });

  it('is not sent by the form of another site in the same browser', async () => {
    const { world, served } = await serveApp();
    const secret = world.issue();
    const { page } = await newPage(served);
    await page.goto(`${served.url}/connect/${secret}`);
    const evil = await serve(
      async () =>
        new Response(
          `<form method="post" action="${served.url}/connect/${secret}"><input name="code" value="${CODE}"><input name="api_key" value="tok_good"><button>Win</button></form>`,
          { headers: { 'content-type': 'text/html' } },
        ),
    );
    open.push(evil.close);
    await page.goto(evil.url.replace('127.0.0.1', 'localhost'));
    await page.getByRole('button').click();
    await page.getByRole('heading', { name: 'could not be accepted' }).waitFor();
    expect(world.connections.rows.size).toBe(0);
  });
});
