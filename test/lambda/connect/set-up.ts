/** The connect app with everything in memory, and a browser's part of the conversation. */
import { randomBytes } from 'node:crypto';
import { ClientSettings, OrgSettings, type SettingsOf } from '../../../core/tenant/settings.ts';
import { connectWithFields } from '../../../core/connect/connect.ts';
import { createLog } from '../../../core/log.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { ok } from '../../../core/result.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { MAX_TRIES, LINK_TTL_MS, type ConnectLink, type ConnectLinkStore } from '../../../core/connect/link.ts';
import { hashCode } from '../../../core/connect/link-code.ts';
import { createVault } from '../../../core/vault/vault.ts';
import { createConnectApp } from '../../../lambda/connect/app.ts';
import type { Branding } from '../../../lambda/connect/brand.ts';
import type { ConnectAppDeps } from '../../../lambda/connect/ports.ts';
import { catalogOf } from '../../fakes/example-provider.ts';
import { fakeConnections, fakeConsentNotes, fakeDataKeys, noPace } from '../../fakes/stores.ts';
import { fakeProviders, providers } from './providers.ts';

export const PUBLIC_URL = 'https://gateway.test';
export const CODE = 'K7M-2PX';
export const NOW = Date.UTC(2026, 0, 1);

/** The contract of ConnectLinkStore in memory: every method is one indivisible step. */
export function fakeLinks(clock: () => number): ConnectLinkStore & { readonly rows: Map<string, ConnectLink> } {
  const rows = new Map<string, ConnectLink>();
  return {
    rows,
    async find(hash) {
      const row = rows.get(hash);
      return row !== undefined && row.expiresAt > clock() ? row : undefined;
    },
    async countTry({ hash }) {
      const row = rows.get(hash);
      if (row === undefined || row.tries >= MAX_TRIES) return undefined;
      rows.set(hash, { ...row, tries: row.tries + 1 });
      return row.tries + 1;
    },
    async giveTryBack({ hash }) {
      const row = rows.get(hash);
      if (row !== undefined && row.tries > 0) rows.set(hash, { ...row, tries: row.tries - 1 });
    },
    async take({ hash }) {
      return rows.delete(hash);
    },
  };
}

export interface ConnectOptions {
  readonly branding?: Partial<Branding>;
  readonly publicUrl?: string;
  readonly deps?: Partial<ConnectAppDeps>;
}

/** Settings under which pages look like that; whatever it is, it was not checked on the way in. */
export function settingsOf({ name, color, logoUrl, embeddingOrigins }: Branding): SettingsOf {
  const client = ClientSettings.parse({});
  const brand = { name, color, logo_url: logoUrl };
  return { client: { ...client, brand, embedding_origins: [...embeddingOrigins] }, org: OrgSettings.parse({}) };
}

export function setUpConnect({ branding, publicUrl = PUBLIC_URL, deps: more }: ConnectOptions = {}) {
  let now = NOW;
  const clock = (): number => now;
  const links = fakeLinks(clock);
  const connections = fakeConnections();
  const outside = fakeProviders();
  const vault = createVault(fakeDataKeys(), clock);
  const lines: string[] = [];
  const log = createLog({ service: 'connect', write: (line) => lines.push(line), clock });
  let serial = 0;
  let settingsRead = 0;
  const deps: ConnectAppDeps = {
    links,
    catalog: { providers: providers.flatMap((provider) => catalogOf(provider).providers) },
    loadProvider: async (key) => {
      const provider = providers.find((candidate) => candidate.key === key);
      if (provider === undefined) throw new Error('no such provider');
      return provider;
    },
    usableAuths: async (_policy, _tenant, { auth }) => auth,
    store: (request) =>
      connectWithFields(
        {
          connections,
          vault,
          notes: fakeConsentNotes(),
          log,
          rateLimiter: noPace,
          transport: outside.transport,
          clock,
          sleep: async () => undefined,
          newId: () => `id${(serial += 1)}`,
        },
        request,
      ),
    beginConsent: async () =>
      ok({
        url: new Secret('https://cloud.example.com/authorize?state=st'),
        cookie: { name: 'consent', value: new Secret('browser-secret'), maxAgeSeconds: 600 },
      }),
    settings: {
      async find() {
        settingsRead += 1;
        return settingsOf({ name: 'Acme', embeddingOrigins: [], ...branding });
      },
    },
    clock,
    random: randomBytes,
    log,
    ...more,
  };
  const app = createConnectApp(deps);
  const send = (request: Request): Promise<Response> => app(request, { requestId: 'r1', publicUrl });

  return {
    deps,
    app,
    send,
    links,
    connections,
    asked: outside.asked,
    lines,
    vault,
    /** How often the settings were read since the last time. */
    settingsRead: () => [settingsRead, (settingsRead = 0)][0],
    wait: (ms: number) => (now += ms),
    /** Makes a link and gives its secret. */
    issue(provider = 'example', extra: Partial<ConnectLink> = {}): string {
      const secret = randomBytes(32).toString('base64url');
      const newId = { client: 'acme', org: 'jsm', user: 'ann' };
      const hash = hashSecret(secret);
      links.rows.set(hash, {
        hash,
        tenant: tenantId(newId),
        ...newId,
        provider,
        connection: 'default',
        codeHash: hashCode(secret, CODE),
        expiresAt: now + LINK_TTL_MS,
        tries: 0,
        ...extra,
      });
      return secret;
    },
    get: (secret: string, headers: Record<string, string> = {}): Promise<Response> =>
      send(new Request(`${publicUrl}/connect/${secret}`, { headers })),
    /** Opens the form as a browser does: what it was given is what a later post carries. */
    async open(secret: string): Promise<{ readonly cookie: string; readonly token: string; readonly text: string }> {
      const response = await send(new Request(`${publicUrl}/connect/${secret}`));
      const text = await response.text();
      return { cookie: cookieOf(response), token: tokenOf(text), text };
    },
    /** Opens the form and sends it. */
    async fill(
      secret: string,
      fields: Record<string, string>,
      headers: Record<string, string> = {},
    ): Promise<Response> {
      const { cookie, token } = await this.open(secret);
      return this.post(secret, { form_token: token, ...fields }, { cookie, ...headers });
    },
    post: (
      secret: string,
      fields: Record<string, string> | URLSearchParams,
      headers: Record<string, string> = {},
    ): Promise<Response> =>
      send(
        new Request(`${publicUrl}/connect/${secret}`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
          body: new URLSearchParams(fields).toString(),
        }),
      ),
  };
}

export function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

export function tokenOf(text: string): string {
  return /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
}
