/**
 * The whole path of connecting an account, on the laptop runtime and in a real browser: an agent asks over MCP and gets a
 * link and a code, a person opens the link and signs in, and the agent's next call sees the account. Every function runs
 * as a process of its own behind the template's roles and policies.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { accessibilityProblems, browserIsThere, CHROMIUM, screenshots } from '../lambda/connect/browser.ts';
import { GOOGLE_APP, startGoogleFake, type GoogleChoice, type GoogleFake } from '../fakes/google.ts';
import { fixtureFunctions } from './fixture/functions.ts';
import { startVendors } from './fixture/vendors.ts';
import { startPortals, type TestPortals } from './portals.ts';
import { callTool, closeConnections, type Target } from './rpc.ts';
import { startE2e, START_TIMEOUT_MS, testAssembly, type E2eRuntime } from './runtime.ts';

const suite = browserIsThere() ? describe : describe.skip;
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
type Size = keyof typeof SIZES;

suite('connecting an account, from the agent to the vault', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allmcp-fixture-'));
  let browser: Browser;
  let runtime: E2eRuntime;
  let google: GoogleFake;
  let portals: TestPortals;
  let vendors: Awaited<ReturnType<typeof startVendors>>;
  let key: string;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    [google, portals, vendors] = [await startGoogleFake(), await startPortals(1), await startVendors()];
    const assembly = await testAssembly();
    const code = await fixtureFunctions(assembly, folder);
    const routes = { ...google.routes, ...portals.routes, ...vendors.routes };
    runtime = await startE2e({ assembly, code, routes });
    ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
    const app = { client_id: GOOGLE_APP.clientId, client_secret: GOOGLE_APP.secret };
    expect((await runtime.admin('PUT', '/oauth-apps', { provider: 'google_sheets', ...app })).status).toBe(200);
    const brand = { name: 'Northwind Logistics', color: '#0f766e' };
    expect((await runtime.admin('PATCH', '/clients/acme/orgs/northwind', { brand })).status).toBe(200);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser?.close();
    await runtime?.stop();
    for (const fake of [google, portals, vendors]) await fake?.stop();
    closeConnections();
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write(`Screenshots: ${screenshots}\n`);
  });

  const tenant = (user: string): Target => ({ url: runtime.mcp({ org_id: 'northwind', user_id: user }), key });

  /** What the agent is told when it asks to connect. */
  async function connectLink(target: Target, provider: string, more: object = {}) {
    const { value, isError } = await callTool(target, 'connect_provider', { provider_key: provider, ...more });
    expect([isError, value['status']]).toEqual([false, 'action_required']);
    return { url: String(value['url']), code: String(value['code']), message: String(value['message']) };
  }

  /** A browser of a person; Google's consent page is played by the test. */
  async function openBrowser(size: Size, choice: GoogleChoice = {}) {
    const context = await browser.newContext({
      viewport: SIZES[size],
      colorScheme: size === 'phone' ? 'dark' : 'light',
    });
    contexts.push(context);
    const page = await context.newPage();
    const asked: { readonly url: string; readonly referer: string | undefined }[] = [];
    page.on('request', (request) => asked.push({ url: request.url(), referer: request.headers()['referer'] }));
    await context.route('https://accounts.google.com/**', async (route) => {
      const back = google.consent(route.request().url(), choice);
      const body = `<!doctype html><title>Google</title><h1>Northwind wants access</h1><a href="${back.href.replaceAll('&', '&amp;')}">Continue</a>`;
      await route.fulfill({ contentType: 'text/html', body });
    });
    return { context, page, asked };
  }

  const shoot = (page: Page, name: string) =>
    page.screenshot({ path: join(screenshots, `whole-path-${name}.png`), fullPage: true });

  async function fill(page: Page, code: string, fields: Readonly<Record<string, string>>): Promise<void> {
    await page.getByLabel('Code from your chat').fill(code);
    for (const [name, value] of Object.entries(fields)) {
      const input = page.locator(`[name=${name}]:visible`);
      await input.fill(value);
    }
    await page.getByRole('button', { name: 'Connect' }).click();
  }

  async function connectionsOf(target: Target) {
    const { value } = await callTool(target, 'list_connections');
    return value['connections'] as readonly Readonly<Record<string, unknown>>[];
  }

  const FORMS = [
    {
      provider: 'bitrix24',
      way: 'API key',
      account: 'Owner of portal0',
      fields: () => ({ api_key: portals.all[0]?.webhook ?? '' }),
    },
    {
      provider: 'altegio',
      way: 'several fields',
      account: 'Salon Northwind',
      fields: () => ({ partner_token: 'partner-token-1', user_token: 'user-token-1', company_id: '4711' }),
    },
    {
      provider: 'mailbox',
      way: 'login and password',
      account: "Ann's mailbox",
      fields: () => ({ login: 'ann@example.com', password: 'app-password-1' }),
    },
  ] as const;

  for (const size of ['desktop', 'phone'] as const) {
    for (const { provider, way: auth, account, fields } of FORMS)
      it(`goes by ${auth} on a ${size}, and no model saw the secret`, async () => {
        const target = tenant(`${provider}-${size}`);
        const { url, code, message } = await connectLink(target, provider);
        expect(message).toContain(code);
        const { page, asked } = await openBrowser(size);
        await page.goto(url);
        await page.getByText('Northwind Logistics').first().waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await shoot(page, `${provider}-${size}-form`);
        // Bitrix24 can be signed in to as well; the webhook is the other way.
        const webhook = page.getByLabel('Inbound webhook');
        if ((await webhook.count()) > 0 && provider === 'bitrix24')
          await webhook
            .first()
            .check()
            .catch(() => undefined);
        await fill(page, code, fields());
        await page.getByRole('heading', { name: 'is connected' }).waitFor();
        expect(await page.getByText(account).count()).toBe(1);
        expect(await accessibilityProblems(page)).toEqual([]);
        await shoot(page, `${provider}-${size}-done`);
        expect(await connectionsOf(target)).toMatchObject([{ provider_key: provider, account, status: 'active' }]);
        // The secret was in the body of one POST to this service, and nowhere else.
        for (const { url: address, referer = '' } of asked) {
          expect(address.startsWith(`${runtime.url}/`) || address.startsWith('data:')).toBe(true);
          for (const secret of Object.values<string>(fields())) expect(`${address} ${referer}`).not.toContain(secret);
        }
      });

    it(`goes by the provider's own consent on a ${size}, under the organization's name`, async () => {
      const target = tenant(`google-${size}`);
      const { url, code } = await connectLink(target, 'google_sheets');
      const { page, asked } = await openBrowser(size);
      await page.goto(url);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByLabel('Find and read every file of the Drive').check();
      await shoot(page, `google-${size}-form`);
      await fill(page, code, {});
      await page.getByRole('heading', { name: 'Northwind wants access' }).waitFor();
      await page.getByRole('link', { name: 'Continue' }).click();
      await page.getByRole('heading', { name: 'Google Sheets is connected' }).waitFor();
      expect(await page.getByText('ann@example.com').count()).toBe(1);
      expect(await accessibilityProblems(page)).toEqual([]);
      await shoot(page, `google-${size}-done`);
      expect(await connectionsOf(target)).toMatchObject([
        { provider_key: 'google_sheets', account: 'ann@example.com' },
      ]);
      const read = await callTool(target, 'google_sheets_values_get', {
        spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms',
        range: 'A1:B2',
      });
      expect(read.text).toContain('ann@example.com');
      // The vendor's page must not learn the link, and no page of ours the code of the consent.
      const toGoogle = asked.filter((one) => one.url.startsWith('https://accounts.google.com/'));
      const scopes = new URL(toGoogle[0]?.url ?? '').searchParams.get('scope')?.split(' ');
      expect(scopes?.map((scope) => scope.split('/').at(-1))).toEqual(['spreadsheets', 'drive.file', 'drive.readonly']);
      expect(toGoogle.filter(({ referer }) => referer !== undefined)).toEqual([]);
      expect(asked.filter(({ referer = '' }) => referer.includes('code='))).toEqual([]);
    });
  }
});
