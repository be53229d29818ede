/**
 * Fourth step of a call: opens the vault, renews the credential when that is due, sends, shapes, counts. A credential
 * that the provider calls dead is marked, so that the next call is told before anything is sent.
 */
import type { Transport } from '../egress/egress.ts';
import type { OnWait } from '../egress/send.ts';
import type { Fault } from '../fault.ts';
import { isDead } from '../provider-error-classes.ts';
import type { JsonObject } from '../json.ts';
import type { TenantPrincipal } from '../keys/principal.ts';
import type { UsageStore } from '../meter/usage.ts';
import { withCredential, type RefreshDeps } from '../oauth/refresh.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Connection } from '../vault/connection.ts';
import { lackOf, type Lack } from './account.ts';
import { runTool, type EngineDeps } from './engine.ts';
import { MAX_KEPT_CHARS, resultUri, type KeptResults } from './kept-result.ts';
import type { PreparedCall } from './prepare.ts';

export interface RunDeps extends EngineDeps, RefreshDeps {
  readonly usage: UsageStore;
  readonly results: KeptResults;
}

export interface Running {
  readonly principal: Pick<TenantPrincipal, 'tenant'>;
  readonly signal: AbortSignal;
  /** Told why a call is taking longer. */
  readonly onWait?: OnWait | undefined;
}

export async function runCall(
  deps: RunDeps,
  { principal: { tenant }, signal, onWait }: Running,
  call: PreparedCall,
  connection: Connection,
): Promise<Result<JsonObject, Fault | Lack>> {
  let isAsked = false;
  const transport: Transport = (request, until) => {
    isAsked = true;
    return deps.transport(request, until);
  };
  const keep = async (whole: string): Promise<string | undefined> =>
    whole.length > MAX_KEPT_CHARS ? undefined : resultUri(await deps.results.keep(tenant, whole));
  const account = { tenant, provider: call.provider, connection, signal };
  const { result, used } = await withCredential({ ...deps, transport }, account, (usable) =>
    runTool({ ...deps, transport }, { ...call, ...usable, tenant, signal, onWait, keep }),
  );

  if (!result.ok && isDead(result.fault)) {
    deps.vault.forget(tenant, used.provider, used.name);
    await deps.connections.needsReconnecting(tenant, used.provider, used.name, used.version);
  }
  if (isAsked) await deps.usage.count(tenant, used.provider, used.name, !result.ok);
  if (!result.ok) return fail(lackOf(result.fault, used) ?? result.fault);
  return ok({ ...result.value, connection: used.name, account: used.accountName });
}
