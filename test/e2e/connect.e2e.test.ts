/**
 * Connecting in the conversation, over the laptop runtime: what a person does in the browser is seen by the agent's next
 * call, and what goes wrong there is said in both places. Google is played by a fake; nothing else is.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GOOGLE_APP, startGoogleFake, type GoogleChoice, type GoogleFake } from '../fakes/google.ts';
import { httpBrowser } from './http-browser.ts';
import { connect, startPortals, type TestPortals } from './portals.ts';
import { accountsOf, callTool, closeConnections, type Target } from './rpc.ts';
import { startE2e, START_TIMEOUT_MS, type E2eRuntime } from './runtime.ts';

const SHEET = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
const READ = { name: 'google_sheets_values_get', arguments: { spreadsheet_id: SHEET, range: 'A1:B2' } };
const DRIVE_FILE = 'https://www.googleapis.com/auth/drive.file';

let runtime: E2eRuntime;
let google: GoogleFake;
let portals: TestPortals;
let key: string;
let users = 0;

beforeAll(async () => {
  [google, portals] = [await startGoogleFake(), await startPortals(2)];
  runtime = await startE2e({ routes: { ...google.routes, ...portals.routes } });
  ({ key } = await runtime.createKey({ client: 'acme', type: 'platform' }));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime?.stop();
  await google?.stop();
  await portals?.stop();
  closeConnections();
});

const newTenant = (): Target => ({ url: runtime.mcp({ org_id: 'o1', user_id: `u${(users += 1)}` }), key });

async function ask(target: Target, more: object = {}) {
  const { value, isError } = await callTool(target, 'connect_provider', { provider_key: 'google_sheets', ...more });
  expect([isError, value['status']]).toEqual([false, 'action_required']);
  return value as Readonly<Record<string, unknown>> & { readonly url: string; readonly code: string };
}

/** The person: opens the link, types the code, decides on Google's page and comes back. */
async function goThrough(link: { readonly url: string; readonly code: string }, choice: GoogleChoice = {}) {
  const browser = httpBrowser();
  const consentPage = await browser.toConsent(link);
  const answer = await browser.visit(google.consent(consentPage.href, choice));
  return { status: answer.status, text: await answer.text() };
}

describe('before there is an OAuth app', () => {
  it('there is no link; and the page says so where the app has gone since', async () => {
    const target = newTenant();
    for (const [tool, args] of [
      ['connect_provider', { provider_key: 'google_sheets' }],
      [READ.name, READ.arguments],
    ] as const) {
      const { value, isError } = await callTool(target, tool, args);
      expect([isError, value]).toMatchObject([
        true,
        { code: 'not_connected', next: expect.stringMatching(/administrator/) },
      ]);
      expect(JSON.stringify(value)).not.toContain('/connect/');
    }
    const app = { provider: 'google_sheets', client_id: GOOGLE_APP.clientId, client_secret: GOOGLE_APP.secret };
    const put = async () => expect((await runtime.admin('PUT', '/oauth-apps', app)).status).toBe(200);
    await put();
    const link = await ask(target);
    expect((await runtime.admin('DELETE', '/oauth-apps?provider=google_sheets')).status).toBe(200);
    const page = await httpBrowser().visit(link.url);
    expect([page.status, await page.text()]).toEqual([503, expect.stringMatching(/people who run this service/)]);
    await put();
    expect((await goThrough(link)).status).toBe(200);
    expect(await accountsOf(target)).toEqual(['ann@example.com']);
  });
});

describe('a consent that leads to nothing ends in a page and in the next tool result, each saying what to do', () => {
  const ENDS: readonly (readonly [string, GoogleChoice, number, RegExp, string])[] = [
    ['denied', { deny: true }, 403, /Consent was not given at Google Sheets/, 'forbidden'],
    ['with a scope withheld', { withhold: [DRIVE_FILE] }, 403, /not every permission was given/, 'insufficient_scope'],
  ];
  it.each(ENDS)('%s', async (_name, choice, status, words, code) => {
    const target = newTenant();
    const page = await goThrough(await ask(target), choice);
    expect([page.status, page.text]).toEqual([status, expect.stringMatching(words)]);
    expect(page.text).toMatch(/ask your agent for a new link/);
    expect(await accountsOf(target)).toEqual([]);
    const next = await ask(target);
    expect(next).toMatchObject({ last_attempt: { code }, message: expect.stringMatching(words) });
    expect((await goThrough(next)).status).toBe(200);
    expect(await accountsOf(target)).toEqual(['ann@example.com']);
    expect(await ask(target)).not.toHaveProperty('last_attempt');
  });

  it('by another account than the one that is connected, which stays', async () => {
    const target = newTenant();
    await goThrough(await ask(target));
    const page = await goThrough(await ask(target), { account: 'bob@example.com' });
    expect([page.status, page.text]).toEqual([409, expect.stringMatching(/another Google Sheets account/)]);
    expect(await accountsOf(target)).toEqual(['ann@example.com']);
    expect(await ask(target)).toMatchObject({ last_attempt: { code: 'conflict' } });
    expect((await callTool(target, READ.name, READ.arguments)).text).toContain('ann@example.com');
  });
});

describe('several accounts of one provider', () => {
  it('are connected, chosen and disconnected by name, and the token is revoked', async () => {
    const target = newTenant();
    await goThrough(await ask(target));
    await goThrough(await ask(target, { connection: 'work' }), { account: 'work@example.com' });
    const { value } = await callTool(target, 'list_connections');
    expect(value['connections']).toMatchObject([
      { connection: 'default', account: 'ann@example.com' },
      { connection: 'work', account: 'work@example.com' },
    ]);
    const read = (connection?: string) =>
      callTool(target, READ.name, { ...READ.arguments, ...(connection === undefined ? {} : { connection }) });
    expect((await read()).value).toMatchObject({ connection: 'default', account: 'ann@example.com' });
    expect((await read('work')).value).toMatchObject({ connection: 'work', account: 'work@example.com' });
    expect((await read('home')).value).toMatchObject({
      code: 'invalid_input',
      next: expect.stringMatching(/default, work/),
    });

    const several = await callTool(target, 'disconnect_provider', { provider_key: 'google_sheets' });
    expect(several.isError).toBe(true);
    const before = google.revoked.length;
    const gone = await callTool(target, 'disconnect_provider', { provider_key: 'google_sheets', connection: 'work' });
    expect(gone.value).toMatchObject({ status: 'disconnected', connection: 'work', revoked_at_provider: true });
    expect(google.revoked).toHaveLength(before + 1);
    expect(await accountsOf(target)).toEqual(['ann@example.com']);
  });

  it('also of a provider that is connected by a pasted key', async () => {
    const target = newTenant();
    for (const [i, portal] of portals.all.entries()) await connect(target, portal, i === 0 ? undefined : 'second');
    expect(await accountsOf(target)).toEqual(portals.all.map(({ account }) => account));
  });
});

describe('an account that has died', () => {
  /** A client of 2026-07-28 that opens addresses; `person` is who is in front of it. */
  async function client(target: Target, person: (link: { url: string; code: string }) => Promise<unknown>) {
    const opened = new Client(
      { name: 'e2e', version: '1.0.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } }, capabilities: { elicitation: { url: {} } } },
    );
    const asked: string[] = [];
    opened.setRequestHandler('elicitation/create', async ({ params }) => {
      const { url = '', message } = params as { url?: string; message: string };
      asked.push(message);
      const [, code = ''] = /the code (\S+) there/.exec(message) ?? [];
      await person({ url, code });
      return { action: 'accept' };
    });
    await opened.connect(
      new StreamableHTTPClientTransport(target.url, { requestInit: { headers: { 'X-API-Key': target.key } } }),
    );
    return { opened, asked };
  }

  it('is said once and listed, and the link of the failed call connects it', async () => {
    const target = newTenant();
    await goThrough(await ask(target), { account: 'dies@example.com' });
    google.endAccess('dies@example.com');
    const failed = await callTool(target, READ.name, READ.arguments);
    expect([failed.isError, failed.value]).toMatchObject([
      true,
      { code: 'reconnect_required', connect: { url: expect.any(String), code: expect.any(String) } },
    ]);
    const { value } = await callTool(target, 'list_connections');
    expect(value['connections']).toMatchObject([{ status: 'needs_reconnecting', account: 'dies@example.com' }]);
    const { connect: link } = failed.value as { connect: { url: string; code: string } };
    expect((await goThrough(link, { account: 'dies@example.com' })).status).toBe(200);
    expect((await callTool(target, READ.name, READ.arguments)).text).toContain('dies@example.com');
  });

  it('is connected again in the middle of the call, which then goes on', async () => {
    const target = newTenant();
    await goThrough(await ask(target), { account: 'resumes@example.com' });
    google.endAccess('resumes@example.com');
    const { opened, asked } = await client(target, (link) => goThrough(link, { account: 'resumes@example.com' }));
    const result = await opened.callTool(READ);
    expect(result.isError).toBeFalsy();
    expect(JSON.stringify(result)).toContain('resumes@example.com');
    expect(asked).toHaveLength(1);
    await opened.close();
  });

  it('a first account is connected in the middle of a call in the same way', async () => {
    const target = newTenant();
    const { opened, asked } = await client(target, (link) => goThrough(link, { account: 'first@example.com' }));
    expect(JSON.stringify(await opened.callTool(READ))).toContain('first@example.com');
    expect(asked).toHaveLength(1);
    await opened.close();
  });
});
