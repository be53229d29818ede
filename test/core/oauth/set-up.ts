/** Everything a consent and a call need, wired over fakes: one tenant's environment. Test code. */
import { SILENT } from '../../fakes/log.ts';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { OAuth2Auth } from '../../../core/provider/auth.ts';
import { findAccount, isLack, type Lack } from '../../../core/call/account.ts';
import { prepareCall, type PrepareDeps } from '../../../core/call/prepare.ts';
import { recordCall } from '../../../core/call/record.ts';
import { runCall, type RunDeps } from '../../../core/call/run.ts';
import type { Catalog, CatalogTool } from '../../../core/catalog/catalog.ts';
import type { Fault } from '../../../core/fault.ts';
import { fail } from '../../../core/result.ts';
import { lackFault } from '../../../lambda/mcp/tools/respond.ts';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import type { Transport } from '../../../core/egress/egress.ts';
import { createLog } from '../../../core/log.ts';
import type { OAuthApps } from '../../../core/oauth/app.ts';
import { finishConsent, type CallbackDeps } from '../../../core/consent/finish.ts';
import type { ConsentNotes } from '../../../core/consent/note.ts';
import { beginConsent, type ConsentRequest } from '../../../core/consent/begin.ts';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { createUnstoredRenewals } from '../../../core/oauth/unstored-renewals.ts';
import { createVault } from '../../../core/vault/vault.ts';
import type { DataKeys } from '../../../core/vault/envelope.ts';
import { catalogOf } from '../../fakes/example-provider.ts';
import { fakeApps, fakeGrants } from '../../fakes/oauth-ports.ts';
import { APP, startVendor, type Quirks } from '../../fakes/oauth-provider.ts';
import { principalOf } from '../../fakes/principal.ts';
import { fakeConnections, fakeConsentNotes, fakeDataKeys, fakeResults, fakeUsage, noPace } from '../../fakes/stores.ts';

export interface WorldOptions {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly clock: () => number;
  readonly connections?: ConnectionStore;
  readonly dataKeys?: DataKeys;
  readonly apps?: OAuthApps;
  readonly principal?: TenantPrincipal;
  readonly notes?: ConsentNotes;
  readonly sleep?: RunDeps['sleep'];
}

export function createWorld(options: WorldOptions) {
  const { provider, transport, clock } = options;
  const principal = options.principal ?? principalOf({ user: 'ann' });
  const apps =
    options.apps ??
    fakeApps([{ level: 'platform', provider: provider.key, clientId: APP.clientId, secret: APP.secret }]);
  const grants = fakeGrants();
  const notes = options.notes ?? fakeConsentNotes();
  const catalog = catalogOf(provider);
  const lines: string[] = [];
  const log = createLog({ service: 'test', write: (line) => lines.push(line), clock });
  const deps: PrepareDeps & RunDeps & CallbackDeps & { readonly catalog: Catalog } = {
    catalog,
    loadProvider: async () => provider,
    connections: options.connections ?? fakeConnections(),
    vault: createVault(options.dataKeys ?? fakeDataKeys(), clock),
    usage: fakeUsage(clock),
    results: fakeResults(),
    grants,
    apps,
    notes,
    log,
    oauthApps: apps,
    transport,
    rateLimiter: noPace,
    clock,
    sleep: options.sleep ?? ((ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined)),
    unstored: createUnstoredRenewals(),
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
    const started = clock();
    const ended = await steps(found, args, signal);
    const said = ended.ok ? ended : fail(inWords(ended.fault));
    return recordCall(deps, { principal, log }, { tool: found, started }, said);
  }

  function inWords(failure: Fault | Lack): Fault {
    if (!isLack(failure)) return failure;
    const listed = catalog.providers[0];
    if (listed === undefined) throw new Error('the catalogue is empty');
    return { ...failure, ...lackFault(failure, listed, principal.policy) };
  }

  /** The steps of a call that ask nobody. */
  async function steps(tool: CatalogTool, args: unknown, signal: AbortSignal) {
    const prepared = await prepareCall(deps, { tool, args });
    if (!prepared.ok) return prepared;
    const account = await findAccount(deps.connections, principal.tenant, provider.key, undefined);
    return account.ok ? runCall(deps, { principal, signal, log: SILENT }, prepared.value, account.value) : account;
  }

  /** What is stored, opened: for tests only. */
  async function stored(name = 'default') {
    const row = await deps.connections.get(principal.tenant, provider.key, name);
    return row === undefined ? undefined : { row, credential: (await deps.vault.open(principal.tenant, row)).reveal() };
  }

  return { deps, principal, grants, apps, jar, lines, begin, beginAt, finish, call, stored };
}

export type World = ReturnType<typeof createWorld>;

/** An account that was connected by a consent at a fake vendor, in an environment and in as many more as are wanted. */
export async function setUpConnected(
  quirks: Partial<Quirks>,
  more: { connections?: ConnectionStore; dataKeys?: DataKeys } = {},
) {
  const time = { ahead: 0, now: (): number => Date.now() + time.ahead };
  const vendor = startVendor(time.now, { rotation: 'single_use', ...quirks });
  const shared = { connections: more.connections ?? fakeConnections(), dataKeys: more.dataKeys ?? fakeDataKeys() };
  const environment = (changes: Partial<typeof shared> & { transport?: typeof vendor.transport } = {}): World =>
    createWorld({ provider: vendor.provider, transport: vendor.transport, clock: time.now, ...shared, ...changes });
  const world = environment();
  const finished = await world.finish(vendor.consent(await world.beginAt()));
  if (!finished.ok) throw new Error(finished.fault.problem);
  return { time, vendor, world, environment, ...shared };
}
