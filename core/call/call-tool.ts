/**
 * The one path of a provider tool call: find the tool, pick the account, open the vault, run, count, note.
 * Every other module that calls a provider goes through here or through `connect.ts`.
 */
import type { Catalog, CatalogProvider, CatalogTool } from '../catalog/catalog.ts';
import { type Fault, toPublicFault } from '../errors.ts';
import { fault, isDead } from '../provider/classify.ts';
import { connectHint } from '../catalog/connect-hint.ts';
import { DEFAULT_CONNECTION, isConnectionName, type Connection } from '../vault/connection.ts';
import type { Transport } from '../egress/egress.ts';
import { argumentsFault, runTool, type EngineDeps } from './engine.ts';
import { MAX_KEPT_CHARS, resultUri, type KeptResults } from './kept-result.ts';
import type { JsonObject } from '../json.ts';
import type { Log } from '../log.ts';
import type { OnWait } from '../egress/send.ts';
import type { TenantPrincipal } from '../keys/principal.ts';
import type { Provider } from '../provider/provider.ts';
import { withCredential, type RefreshDeps } from '../oauth/refresh.ts';
import { fail, ok, type Result } from '../result.ts';
import type { UsageStore } from '../meter/usage.ts';

export interface CallDeps extends EngineDeps, RefreshDeps {
  readonly catalog: Catalog;
  readonly loadProvider: (key: string) => Promise<Provider>;
  readonly usage: UsageStore;
  readonly results: KeptResults;
}

export interface Caller {
  readonly principal: TenantPrincipal;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Told why a call is taking longer. */
  readonly onWait?: OnWait | undefined;
}

/** The account that a call lacked. */
export interface MissingConnection {
  readonly connection: string;
  /** Of the stored credential that is dead; undefined when there is none at all. */
  readonly version: string | undefined;
}

interface ConnectionFault extends Fault {
  /** Set when connecting this account makes the call possible. Then it has not run: nothing was sent, or it was refused. */
  readonly missing?: MissingConnection | undefined;
}

/** A fault with the reference that log, `report_issue` and operators know it by. */
export interface ReferencedFault extends Fault {
  readonly reference: string;
  readonly missing?: MissingConnection | undefined;
}

export interface CallRequest {
  readonly tool: CatalogTool;
  readonly args: unknown;
  /** Which account; the default one when left out. */
  readonly connection: string | undefined;
}

export async function callTool(
  deps: CallDeps,
  caller: Caller,
  request: CallRequest,
): Promise<Result<JsonObject, ReferencedFault>> {
  const started = deps.clock();
  const called = await call(deps, caller, request);
  const { tool } = request;
  const reference = deps.newId();
  const code = called.ok ? 'ok' : called.fault.code;
  caller.log.info('tool call', {
    tool: tool.name,
    provider: tool.provider,
    outcome: code,
    reference,
    ms: deps.clock() - started,
  });
  if (called.ok) return called;
  const at = new Date(deps.clock()).toISOString();
  await deps.usage.noteFailure(caller.principal.tenant, { reference, tool: tool.name, code, at });
  return fail({ ...toPublicFault(called.fault), missing: called.fault.missing, reference });
}

async function call(
  deps: CallDeps,
  { principal, signal, onWait }: Caller,
  { tool, args, connection: wanted }: CallRequest,
): Promise<Result<JsonObject, ConnectionFault>> {
  const { tenant } = principal;
  const listed = providerOf(deps.catalog, tool);
  const found = pickConnection(listed, await deps.connections.list(tenant, tool.provider), wanted, principal);
  if (!found.ok) return found;

  const provider = await deps.loadProvider(tool.provider);
  const implementation = provider.categories[tool.category]?.tools.find(
    ({ name }) => `${provider.key}_${name}` === tool.name,
  );
  if (implementation === undefined)
    throw new TypeError(`the catalogue lists ${tool.name}, which its provider does not have`);
  // Before the vault is opened or a token renewed for nothing.
  const wrong = argumentsFault({ tool: implementation, args });
  if (wrong !== undefined) return fail(wrong);

  let isAsked = false;
  const transport: Transport = (request, until) => {
    isAsked = true;
    return deps.transport(request, until);
  };
  const keep = async (whole: string): Promise<string | undefined> =>
    whole.length > MAX_KEPT_CHARS ? undefined : resultUri(await deps.results.keep(tenant, whole));
  const account = { tenant, provider, connection: found.value, signal };
  const { result, used: connection } = await withCredential({ ...deps, transport }, account, (usable) =>
    runTool({ ...deps, transport }, { tenant, provider, tool: implementation, args, ...usable, signal, onWait, keep }),
  );

  if (!result.ok && isDead(result.fault)) {
    deps.vault.forget(tenant, connection.provider, connection.name);
    await deps.connections.needsReconnecting(tenant, connection.provider, connection.name, connection.version);
  }
  if (isAsked) await deps.usage.count(tenant, connection.provider, connection.name, !result.ok);
  if (!result.ok) return fail(withMissing(result.fault, connection, listed, principal));
  return ok({ ...result.value, connection: connection.name, account: connection.accountName });
}

export function providerOf(catalog: Catalog, tool: CatalogTool): CatalogProvider {
  const provider = catalog.providers.find(({ key }) => key === tool.provider);
  if (provider === undefined) throw new TypeError(`the catalogue has ${tool.name} without its provider`);
  return provider;
}

function pickConnection(
  provider: CatalogProvider,
  connections: readonly Connection[],
  wanted: string | undefined,
  principal: TenantPrincipal,
): Result<Connection, ConnectionFault> {
  if (connections.length === 0) return fail(notConnected(provider, wanted ?? DEFAULT_CONNECTION, principal));
  const connection = wanted === undefined ? connections[0] : connections.find(({ name }) => name === wanted);
  if (connection === undefined) {
    const names = connections.map(({ name }) => name).join(', ');
    return fail(
      fault('invalid_input', `There is no ${provider.name} connection of that name.`, {
        next: `Use one of: ${names}.`,
      }),
    );
  }
  if (connection.status === 'active') return ok(connection);
  return fail(deadConnection(provider, connection, principal));
}

function notConnected(provider: CatalogProvider, connection: string, principal: TenantPrincipal): ConnectionFault {
  const isName = isConnectionName(connection);
  const hint = connectHint(provider, principal.policy, isName ? connection : DEFAULT_CONNECTION);
  return {
    ...fault('not_connected', `${provider.name} is not connected for this user.`, { next: `Connect it: ${hint}` }),
    missing: isName ? { connection, version: undefined } : undefined,
  };
}

function deadConnection(
  provider: CatalogProvider,
  connection: Connection,
  principal: TenantPrincipal,
): ConnectionFault {
  const failure = fault('reconnect_required', `${provider.name} no longer accepts the stored credential.`);
  return withMissing(failure, connection, provider, principal);
}

/** A dead credential is refused before the provider does anything, so what failed by it has not run. */
function withMissing(
  failure: Fault,
  { name, version }: Connection,
  provider: CatalogProvider,
  principal: TenantPrincipal,
): ConnectionFault {
  // Removed while the call was waiting for its credential.
  if (failure.code === 'not_connected') return notConnected(provider, name, principal);
  if (failure.code !== 'reconnect_required') return failure;
  const hint = connectHint(provider, principal.policy, name);
  return {
    ...failure,
    next: `Ask the user to connect the account again: ${hint}`,
    missing: { connection: name, version },
  };
}
