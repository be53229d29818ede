/** Everything a consent and a call need, wired over fakes: one tenant's environment. Test code. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { OAuth2Auth } from '../../../core/provider/auth.ts';
import { callTool, type CallDeps } from '../../../core/call/call-tool.ts';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import type { Transport } from '../../../core/egress/egress.ts';
import { createLog } from '../../../core/log.ts';
import type { OAuthApps } from '../../../core/oauth/app.ts';
import { finishConsent, type CallbackDeps } from '../../../core/consent/finish.ts';
import { beginConsent, type ConsentRequest } from '../../../core/consent/begin.ts';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { createVault } from '../../../core/vault/vault.ts';
import type { DataKeys } from '../../../core/vault/envelope.ts';
import { catalogOf } from '../../fakes/example-provider.ts';
import { fakeApps, fakeGrants } from '../../fakes/oauth-ports.ts';
import { APP } from '../../fakes/oauth-provider.ts';
import { principalOf } from '../../fakes/principal.ts';
import { fakeConnections, fakeDataKeys, fakeResults, fakeUsage, noPace } from '../../fakes/stores.ts';

export interface WorldOptions {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly clock: () => number;
  readonly connections?: ConnectionStore;
  readonly dataKeys?: DataKeys;
  readonly apps?: OAuthApps;
  readonly principal?: TenantPrincipal;
  readonly sleep?: CallDeps['sleep'];
}

export function createWorld(options: WorldOptions) {
  const { provider, transport, clock } = options;
  const principal = options.principal ?? principalOf({ user: 'ann' });
  const apps =
    options.apps ??
    fakeApps([{ level: 'platform', provider: provider.key, clientId: APP.clientId, secret: APP.secret }]);
  const grants = fakeGrants();
  const catalog = catalogOf(provider);
  const lines: string[] = [];
  const log = createLog({ service: 'test', write: (line) => lines.push(line), clock });
  const deps: CallDeps & CallbackDeps = {
    catalog,
    loadProvider: async () => provider,
    connections: options.connections ?? fakeConnections(),
    vault: createVault(options.dataKeys ?? fakeDataKeys(), clock),
    usage: fakeUsage(clock),
    results: fakeResults(),
    grants,
    apps,
    oauthApps: apps,
    transport,
    rateLimiter: noPace,
    clock,
    sleep: options.sleep ?? ((ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined)),
    newId: () => randomBytes(9).toString('base64url'),
  };
  const auth = provider.auth.find((auth): auth is OAuth2Auth => auth.kind === 'oauth2');
  if (auth === undefined) throw new Error('the provider has no OAuth');

  /** A browser's cookies; each consent sets its own. */
  const jar = new Map<string, string>();

  async function begin(more: Partial<ConsentRequest> = {}) {
    const begun = await beginConsent(deps, {
      tenant: principal.tenant,
      client: principal.clientId,
      org: principal.org,
      user: principal.user,
      provider,
      auth: auth as OAuth2Auth,
      connection: 'default',
      asked: {},
      redirectUri: APP.redirectUri,
      orgApp: 'fall_back',
      ...more,
    });
    if (begun.ok) jar.set(begun.value.cookie.name, begun.value.cookie.value.reveal());
    return begun;
  }

  async function beginAt(more: Partial<ConsentRequest> = {}): Promise<string> {
    const begun = await begin(more);
    if (!begun.ok) throw new Error(`no consent: ${begun.fault.problem}`);
    return begun.value.url.reveal();
  }

  const finish = (back: URL, more: { jar?: ReadonlyMap<string, string>; redirectUri?: string } = {}) =>
    finishConsent(deps, {
      query: back.searchParams,
      cookie: (name) => (more.jar ?? jar).get(name),
      redirectUri: more.redirectUri ?? APP.redirectUri,
      signal: AbortSignal.timeout(20_000),
    });

  async function call(tool = 'who_am_i', args: unknown = {}, signal = AbortSignal.timeout(25_000)) {
    const found = catalog.tools.find(({ name }) => name === `${provider.key}_${tool}`);
    if (found === undefined) throw new Error(`no tool ${tool}`);
    return callTool(deps, { principal, log, signal }, { tool: found, args, connection: undefined });
  }

  /** What is stored, opened: for tests only. */
  async function stored(name = 'default') {
    const row = await deps.connections.get(principal.tenant, provider.key, name);
    return row === undefined ? undefined : { row, credential: (await deps.vault.open(principal.tenant, row)).reveal() };
  }

  return { deps, principal, grants, apps, jar, lines, begin, beginAt, finish, call, stored };
}

export type World = ReturnType<typeof createWorld>;
