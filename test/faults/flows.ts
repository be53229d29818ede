/**
 * What a person or an agent can ask for, over the real stores: a read, a write, a renewal, a consent, and connecting by a
 * form. Each says what its caller was told and what is true at the provider and in the tables.
 */
import { randomBytes } from 'node:crypto';
import { createConsentNotes } from '../../adapters/aws/consent/note-store.ts';
import { createGrantStore } from '../../adapters/aws/consent/pending-store.ts';
import { createConnectLinkStore } from '../../adapters/aws/connect/link-store.ts';
import { createKeptResults } from '../../adapters/aws/call/kept-results.ts';
import { tenantStores } from '../../adapters/aws/event/tenant-stores.ts';
import { createKeyLimiter } from '../../adapters/aws/meter/key-limiter.ts';
import { createRateLimiter } from '../../adapters/aws/meter/rate-limiter.ts';
import { createDataKeys } from '../../adapters/aws/vault/data-keys.ts';
import { connectWithFields } from '../../core/connect/connect.ts';
import { issueConnectLink } from '../../core/connect/link.ts';
import { beginConsent } from '../../core/consent/begin.ts';
import { finishConsent, type CallbackDeps } from '../../core/consent/finish.ts';
import type { Transport } from '../../core/egress/egress.ts';
import type { OAuth2Auth } from '../../core/provider/auth.ts';
import type { Provider } from '../../core/provider/provider.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import { createUnstoredRenewals } from '../../core/oauth/unstored-renewals.ts';
import { createSealedStates } from '../../core/vault/sealed-state.ts';
import { createVault } from '../../core/vault/vault.ts';
import { createConnectApp } from '../../lambda/connect/app.ts';
import { createCallbackApp } from '../../lambda/connect/callback.ts';
import { catalogOf, exampleProvider } from '../fakes/example-provider.ts';
import { fakeApps } from '../fakes/oauth-ports.ts';
import { APP, startVendor } from '../fakes/oauth-provider.ts';
import { principalOf } from '../fakes/principal.ts';
import { fakeSettings } from '../fakes/stores.ts';
import { SILENT } from '../fakes/log.ts';
import { cookieOf, tokenOf } from '../lambda/connect/set-up.ts';
import { endpoint, PUBLIC_URL } from '../lambda/mcp/endpoint.ts';
import { modernRequest } from '../lambda/mcp/modern-request.ts';
import type { FaultyAws } from './faulty-aws.ts';

/** What the caller was told. */
export interface Told {
  readonly code: ErrorCode | 'ok' | 'http';
  /** Of the HTTP answer. */
  readonly status: number;
  readonly retryAfter: boolean;
}

export interface Outcome {
  readonly told: Told;
  /** How often the provider has done what was asked for. */
  readonly done: number;
  /** The rows of connections as they are stored now. */
  readonly connections: readonly { readonly status: string }[];
  /** Asks again when nothing fails any more: whether it works, without a person. */
  readonly again: () => Promise<Told>;
}

export interface Flow {
  readonly name: string;
  /** A change at the provider, so that doing it twice or hiding it harms. */
  readonly isWrite: boolean;
  /** Everything before the first call that may fail; then the flow itself. */
  readonly prepare: () => Promise<() => Promise<Outcome>>;
}

type Deps = ReturnType<typeof environment>;

/** One function's environment that has just started. */
function environment(
  aws: FaultyAws,
  table: string,
  world: { readonly provider: Provider; readonly transport: Transport; readonly clock: () => number; user: string },
) {
  const { provider, transport, clock, user } = world;
  const principal = principalOf({ user }, { limits: { rpm: 1_000, monthly: 1_000 }, keyId: `k_${user}` });
  const sessions = aws.sessions();
  const dataKeys = createDataKeys({ sessions, keyArn: 'arn:aws:kms:eu-central-1:1:key/1' });
  const apps = fakeApps([{ level: 'platform', provider: provider.key, clientId: APP.clientId, secret: APP.secret }]);
  const shared = {
    ...tenantStores({ sessions, table, clock }),
    notes: createConsentNotes({ sessions, table, clock }),
    vault: createVault(dataKeys, clock),
    rateLimiter: createRateLimiter({ sessions, table, clock }),
    loadProvider: async () => provider,
    transport,
    clock,
    sleep: async () => undefined,
    newId: aws.newId,
    oauthApps: apps,
    unstored: createUnstoredRenewals(),
  };
  const mcp = endpoint({
    transport,
    provider,
    principal,
    deps: {
      ...shared,
      states: createSealedStates(dataKeys, clock),
      results: createKeptResults({ sessions, dataKeys, table, clock, newId: aws.newId }),
      keyLimiter: createKeyLimiter({ sessions, table, clock, log: SILENT }),
    },
  });
  const callback: CallbackDeps = {
    ...shared,
    apps,
    log: SILENT,
    grants: createGrantStore({ dynamodb: aws.dynamodb, table, clock }),
  };
  return { principal, shared, mcp, callback, table, sessions };
}

async function toolCall({ mcp }: Deps, name: string, args: object = {}): Promise<Told> {
  const { status, messages } = await modernRequest(mcp.fetch, 'tools/call', { name, arguments: args });
  const [{ result, error } = {}] = messages as {
    result?: { isError?: boolean; structuredContent?: { code?: ErrorCode; retry_after?: number } };
    error?: { code: number; data?: { code?: ErrorCode; retry_after?: number } };
  }[];
  const failure = result?.isError === true ? result.structuredContent : error?.data;
  const code = failure?.code ?? (result === undefined || result.isError === true ? 'http' : 'ok');
  return { code, status, retryAfter: failure?.retry_after !== undefined || status === 503 };
}

async function pageTold(response: Response): Promise<Told> {
  const text = await response.text();
  const isDone = response.status === 200 && /is connected/.test(text);
  const code = isDone ? 'ok' : response.status === 503 ? 'unavailable' : response.status === 500 ? 'internal' : 'http';
  return { code, status: response.status, retryAfter: response.status === 503 };
}

export function flowsOver(aws: FaultyAws, table: string): readonly Flow[] {
  const newUser = (): string => `u${randomBytes(6).toString('hex')}`;

  const oauthWorld = (expiresIn = 3_600) => {
    const time = { ahead: 0, now: (): number => Date.now() + time.ahead };
    const vendor = startVendor(time.now, { rotation: 'single_use', expiresIn });
    const { provider, transport } = vendor;
    const user = newUser();
    const open = (): Deps => environment(aws, table, { provider, transport, clock: time.now, user });
    return { time, vendor, open };
  };

  async function consented(world: ReturnType<typeof oauthWorld>) {
    const deps = world.open();
    const { back, cookie } = await begun(world, deps);
    const finished = await finishConsent(deps.callback, {
      query: back.searchParams,
      cookie: (name) => cookie.get(name),
      redirectUri: APP.redirectUri,
      signal: AbortSignal.timeout(20_000),
    });
    if (!finished.ok) throw new Error(finished.fault.problem);
    return world;
  }

  async function begun({ vendor }: ReturnType<typeof oauthWorld>, deps: Deps) {
    const { principal } = deps;
    const [auth] = vendor.provider.auth;
    const asked = await beginConsent(deps.callback, {
      tenant: principal.tenant,
      client: principal.clientId,
      org: principal.org,
      user: principal.user,
      provider: vendor.provider,
      auth: auth as OAuth2Auth,
      connection: 'default',
      asked: {},
      redirectUri: APP.redirectUri,
      orgApp: 'fall_back',
    });
    if (!asked.ok) throw new Error(asked.fault.problem);
    const { url, cookie } = asked.value;
    return { back: vendor.consent(url.reveal()), cookie: new Map([[cookie.name, cookie.value.reveal()]]) };
  }

  const rowsOf = (deps: Deps) => deps.shared.connections.list(deps.principal.tenant);

  async function connectedCall(
    tool: string,
    args: object,
    done: (world: ReturnType<typeof oauthWorld>) => number,
    wait = 0,
  ) {
    const world = await consented(oauthWorld());
    world.time.ahead += wait;
    const before = done(world);
    return async (): Promise<Outcome> => {
      const deps = world.open();
      const told = await toolCall(deps, tool, args);
      const happened = done(world) - before;
      aws.plan(undefined);
      return {
        told,
        done: happened,
        connections: await rowsOf(deps),
        again: async () => {
          // A lease that nobody gave back has lapsed.
          world.time.ahead += 21_000;
          const here = await toolCall(deps, 'vendor_who_am_i');
          return here.code === 'ok' ? toolCall(world.open(), 'vendor_who_am_i') : here;
        },
      };
    };
  }

  return [
    {
      name: 'read',
      isWrite: false,
      prepare: () => connectedCall('vendor_who_am_i', {}, ({ vendor }) => vendor.counts.api),
    },
    {
      name: 'write',
      isWrite: true,
      prepare: () => connectedCall('vendor_add_note', { text: 'hello' }, ({ vendor }) => vendor.notes.length),
    },
    {
      name: 'refresh',
      isWrite: true,
      prepare: () =>
        connectedCall('vendor_add_note', { text: 'hello' }, ({ vendor }) => vendor.notes.length, 2 * 3_600_000),
    },
    {
      name: 'consent',
      isWrite: false,
      async prepare() {
        const world = oauthWorld();
        const { back, cookie } = await begun(world, world.open());
        return async () => {
          const deps = world.open();
          const app = createCallbackApp({
            finish: (callback) => finishConsent(deps.callback, callback),
            catalog: catalogOf(world.vendor.provider),
            settings: fakeSettings(),
            clock: world.time.now,
            log: SILENT,
          });
          const headers = { cookie: [...cookie].map(([name, value]) => `${name}=${value}`).join('; ') };
          const response = await app(new Request(back, { headers }), {
            requestId: 'r',
            publicUrl: new URL(APP.redirectUri).origin,
          });
          const told = await pageTold(response);
          aws.plan(undefined);
          return {
            told,
            done: world.vendor.counts.token,
            connections: await rowsOf(deps),
            again: async () => {
              await consented(world);
              return toolCall(world.open(), 'vendor_who_am_i');
            },
          };
        };
      },
    },
    {
      name: 'connect',
      isWrite: false,
      async prepare() {
        const user = newUser();
        const transport: Transport = async () => ({ status: 200, headers: {}, text: '{"name":"Ann"}' });
        const open = (): Deps =>
          environment(aws, table, { provider: exampleProvider, transport, clock: Date.now, user });
        const first = open();
        const { principal, shared } = first;
        const link = await issueConnectLink(
          { links: shared.links, clock: Date.now },
          {
            tenant: principal.tenant,
            client: principal.clientId,
            user: principal.user,
            provider: exampleProvider.key,
            connection: 'default',
          },
          PUBLIC_URL,
        );
        const page = (deps: Deps) =>
          createConnectApp({
            links: createConnectLinkStore({ dynamodb: aws.dynamodb, sessions: deps.sessions, table, clock: Date.now }),
            catalog: catalogOf(exampleProvider),
            loadProvider: async () => exampleProvider,
            usableAuths: async (_policy, _tenant, { auth }) => auth,
            store: (request) => connectWithFields({ ...deps.shared, log: SILENT }, request),
            beginConsent: () => Promise.reject(new Error('not by consent')),
            settings: fakeSettings(),
            clock: Date.now,
            random: randomBytes,
            log: SILENT,
          });
        const context = { requestId: 'r', publicUrl: PUBLIC_URL };
        const shown = await page(first)(new Request(link.url), context);
        const fields = { form_token: tokenOf(await shown.clone().text()), code: link.code, api_key: 'tok_good' };
        return async () => {
          const deps = open();
          const body = new URLSearchParams(fields).toString();
          const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie: cookieOf(shown) };
          const told = await pageTold(
            await page(deps)(new Request(link.url, { method: 'POST', headers, body }), context),
          );
          aws.plan(undefined);
          return {
            told,
            done: (await rowsOf(deps)).length,
            connections: await rowsOf(deps),
            again: () => toolCall(open(), 'connect_provider', { provider_key: 'example', api_key: 'tok_good' }),
          };
        };
      },
    },
  ];
}
