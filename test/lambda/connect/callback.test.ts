/** The page after a consent: what a person sees, what the browser keeps, what is remembered; never what came in. */
import { describe, expect, it } from '@jest/globals';
import { createCallbackApp, type CallbackAppDeps } from '../../../lambda/connect/callback.ts';
import { createLog } from '../../../core/log.ts';
import { fault } from '../../../core/fault.ts';
import type { Connection } from '../../../core/vault/connection.ts';
import type { Callback } from '../../../core/consent/finish.ts';
import { CONSENT_PROBLEMS, consentFault, type ConsentProblem } from '../../../core/consent/problem.ts';
import { consentCookieName, type PendingGrant } from '../../../core/consent/pending.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { fail, ok } from '../../../core/result.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { providers } from './providers.ts';
import { settingsOf } from './set-up.ts';
import { catalogOf } from '../../fakes/example-provider.ts';

const PUBLIC_URL = 'https://gate.example.com/v1';
const REDIRECT_URI = `${PUBLIC_URL}/oauth/callback`;
const CODE = 'code-that-must-not-show';
const STATE = 'state-that-must-not-show';
const cookie = `${consentCookieName(STATE, REDIRECT_URI)}=browser-secret`;
const who = { client: 'acme', org: 'northwind', user: '<b>ann</b>' };

const grant: PendingGrant = {
  ...who,
  hash: hashSecret(STATE),
  tenant: tenantId(who),
  provider: 'cloud',
  auth: 'oauth',
  connection: 'work',
  clientId: 'app',
  redirectUri: REDIRECT_URI,
  browserHash: hashSecret('browser-secret'),
  facts: {},
  scopes: [],
  linkHash: hashSecret('link'),
  expiresAt: 1,
};
const envelope = {
  v: 1,
  edk: Buffer.alloc(0),
  iv: Buffer.alloc(0),
  ct: Buffer.alloc(0),
  tag: Buffer.alloc(0),
} as const;
const connection: Connection = {
  provider: 'cloud',
  name: 'work',
  auth: 'oauth',
  accountName: 'Ann & Co',
  facts: {},
  status: 'active',
  connectedAt: '2026-11-22T10:00:00.000Z',
  version: 'v1',
  envelope,
};

function setUpCallback(finish: CallbackAppDeps['finish'], more: Partial<CallbackAppDeps> = {}) {
  const lines: string[] = [];
  const asked: Callback[] = [];
  const settingsOfWhom: unknown[] = [];
  const app = createCallbackApp({
    finish: async (callback) => {
      asked.push(callback);
      return finish(callback);
    },
    catalog: { providers: providers.flatMap((provider) => catalogOf(provider).providers) },
    settings: {
      async find(owner) {
        settingsOfWhom.push(owner);
        return settingsOf({ name: 'Northwind', embeddingOrigins: ['https://app.example.com'] });
      },
    },
    clock: () => 0,
    log: createLog({ service: 'test', write: (line) => lines.push(line), clock: () => 0 }),
    ...more,
  });
  async function visit(init: RequestInit = {}) {
    const url = `${REDIRECT_URI}?code=${CODE}&state=${STATE}`;
    const request = new Request(url, { headers: { cookie: `other=1; ${cookie}` }, ...init });
    const response = await app(request, { requestId: 'r1', publicUrl: PUBLIC_URL });
    return { response, text: await response.text() };
  }
  return { visit, lines, asked, settingsOfWhom };
}
const failing = (problem: ConsentProblem, known: { readonly grant?: PendingGrant } = { grant }) =>
  setUpCallback(async () => fail({ ...consentFault(problem, 'Cloud'), ...known }));

describe('the page after a consent', () => {
  it('hands over the query, the cookies and the public address that was reached', async () => {
    const { visit, asked } = setUpCallback(async () => ok({ connection, grant }));
    await visit();
    expect(asked[0]?.query.get('code')).toBe(CODE);
    expect(asked[0]?.redirectUri).toBe(REDIRECT_URI);
    expect(asked[0]?.cookie(consentCookieName(STATE, REDIRECT_URI))).toBe('browser-secret');
    expect(asked[0]?.cookie('nothing')).toBeUndefined();
  });

  it('says whose account is connected for whom, and ends the cookie', async () => {
    const { visit } = setUpCallback(async () => ok({ connection, grant }));
    const { response, text } = await visit();
    expect(response.status).toBe(200);
    expect(text).toContain('Cloud is connected');
    expect(text).toContain('Ann &amp; Co');
    expect(text).toContain('&lt;b&gt;ann&lt;/b&gt;');
    expect(response.headers.getSetCookie()).toEqual([
      `${consentCookieName(STATE, REDIRECT_URI)}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ]);
  });

  it('reads the settings of the client once', async () => {
    for (const world of [setUpCallback(async () => ok({ connection, grant })), failing('consent_denied')]) {
      await world.visit();
      expect(world.settingsOfWhom).toEqual([{ client: grant.client, org: grant.org }]);
    }
  });

  it('leads back to the product where there is one, with the outcome and nothing else', async () => {
    const returnUrl = 'https://app.example.com/done?tab=1';
    const { visit } = setUpCallback(async () => ok({ connection, grant: { ...grant, returnUrl } }));
    const { response } = await visit();
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`${returnUrl}&status=connected&provider_key=cloud&connection=work`);
  });

  it.each(CONSENT_PROBLEMS)('tells a person what happened and what to do: %s', async (problem) => {
    const { response, text } = await failing(problem).visit();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(text).toContain('Cloud is not connected');
    expect(text).toContain(consentFault(problem, 'Cloud').message.replaceAll("'", '&#39;'));
    expect(text).toMatch(/ask your agent|people who run this service/);
    expect(text).not.toContain('connect_provider');
  });

  it('offers the way back to the product after a failure, and says there what went wrong', async () => {
    const returnUrl = 'https://app.example.com/done';
    const { text } = await failing('consent_denied', { grant: { ...grant, returnUrl } }).visit();
    const query = 'status=failed&amp;error=consent_denied&amp;provider_key=cloud&amp;connection=work';
    expect(text).toContain(`href="${returnUrl}?${query}"`);
  });

  it('names nobody when the state is unknown', async () => {
    const { response, text } = await failing('unknown_state', {}).visit();
    expect(response.status).toBe(400);
    expect(text).toContain('This sign-in does not work any more');
    expect(text).not.toContain('Northwind');
  });

  it('shows and logs nothing of the address, the cookie or an exception', async () => {
    const worlds = [
      setUpCallback(async () => ok({ connection, grant })),
      failing('expired_code'),
      failing('unknown_state', {}),
      setUpCallback(async () => {
        throw new Error(`${CODE} ${STATE}`);
      }),
    ];
    for (const { visit, lines } of worlds) {
      const { response, text } = await visit();
      const all = `${text}${lines.join('')}${response.headers.get('location') ?? ''}`;
      for (const secret of [CODE, STATE, 'browser-secret', who.user]) expect(all).not.toContain(secret);
      expect(lines).toHaveLength(1);
    }
  });

  it('runs and loads nothing, is in no frame and in no cache', async () => {
    for (const { visit } of [setUpCallback(async () => ok({ connection, grant })), failing('wrong_browser')]) {
      const { response, text } = await visit();
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(text).not.toContain('<script');
    }
  });

  it('answers a failure inside with a page that says where to look', async () => {
    const { visit, lines } = setUpCallback(async () => {
      throw new Error('boom');
    });
    const { response, text } = await visit();
    expect(response.status).toBe(500);
    expect(text).toContain('ask your agent whether the account is connected');
    expect(text).not.toContain('boom');
    expect(lines[0]).toContain('"level":"ERROR"');
  });

  it('takes a GET only', async () => {
    const { visit, asked } = setUpCallback(async () => fail({ ...fault('internal', ''), problem: 'no_app' }));
    const { response } = await visit({ method: 'POST', body: 'x' });
    expect([response.status, response.headers.get('allow'), asked.length]).toEqual([405, 'GET', 0]);
  });
});
