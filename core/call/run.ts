/**
 * Fourth step of a call: opens the vault, renews the credential when that is due, sends, shapes, counts. A credential
 * that the provider calls dead is marked, so that the next call is told before anything is sent.
 */
import type { Transport } from '../egress/egress.ts';
import type { OnWait } from '../egress/send.ts';
import type { Fault } from '../fault.ts';
import { isDead } from '../provider-error-classes.ts';
import type { JsonObject } from '../json.ts';
import { regardless, type Log } from '../log.ts';
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
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Told why a call is taking longer. */
  readonly onWait?: OnWait | undefined;
}

export async function runCall(
  deps: RunDeps,
  { principal: { tenant }, log, signal, onWait }: Running,
  call: PreparedCall,
  connection: Connection,
): Promise<Result<JsonObject, Fault | Lack>> {
  let isAsked = false;
  const transport: Transport = (request, until) => {
    isAsked = true;
    return deps.transport(request, until);
  };
  const keep = async (whole: string): Promise<string | undefined> => {
    if (whole.length > MAX_KEPT_CHARS) return undefined;
    const id = await regardless(log, 'result not kept', () => deps.results.keep(tenant, whole));
    return id === undefined ? undefined : resultUri(id);
  };
  const account = { tenant, provider: call.provider, connection, signal };
  const { result, used } = await withCredential({ ...deps, transport }, account, (usable) =>
    runTool({ ...deps, transport }, { ...call, ...usable, tenant, signal, log, onWait, keep }),
  );

  // From here on it has happened: what is written down about it cannot change how the call ends.
  const isRefusedForGood = !result.ok && isDead(result.fault);
  if (isRefusedForGood) deps.vault.forget(tenant, used.provider, used.name);
  await Promise.all([
    regardless(log, 'connection not marked', async () => {
      if (isRefusedForGood) await deps.connections.needsReconnecting(tenant, used.provider, used.name, used.version);
    }),
    regardless(log, 'call not counted', async () => {
      if (isAsked) await deps.usage.count(tenant, used.provider, used.name, !result.ok);
    }),
  ]);
  if (!result.ok) return fail(lackOf(result.fault, used) ?? result.fault);
  return ok({ ...result.value, connection: used.name, account: used.accountName });
}
