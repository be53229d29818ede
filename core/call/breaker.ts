/**
 * A provider that hangs holds every call to the end of its time. After three timeouts in a row the calls of that one
 * connection fail at once for half a minute; then one call tries again, and what it finds decides. It is kept on the
 * connection's own row: nobody but its tenant can open it, and nobody else is stopped by it.
 */
import { TransportError, type Transport } from '../egress/egress.ts';
import { fault, type Fault } from '../fault.ts';
import { regardless, type Log } from '../log.ts';
import { fail, type Result } from '../result.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Clock, EpochMs } from '../time.ts';
import type { Connection, ConnectionStore } from '../vault/connection.ts';

export const TIMEOUTS_IN_A_ROW = 3;
export const REST_MS = 30_000;

export interface BreakerDeps {
  readonly connections: Pick<ConnectionStore, 'countTimeout' | 'forgetTimeouts' | 'claimProbe'>;
  readonly transport: Transport;
  readonly clock: Clock;
}

interface Guarded {
  readonly tenant: TenantId;
  readonly connection: Connection;
  /** As people read it. */
  readonly provider: string;
  readonly log: Log;
}

/** Why a call of this connection is not to be sent now; undefined when it may be, or may be the one that tries. */
export function restingFault({ downUntil = 0 }: Connection, provider: string, now: EpochMs): Fault | undefined {
  return downUntil > now ? down(provider, downUntil - now) : undefined;
}

/** Runs a call that no rest forbids, as the one that tries where there was a rest, and notes whether the provider answered. */
export async function throughBreaker<T, F, Deps extends BreakerDeps>(
  deps: Deps,
  { tenant, connection, provider, log }: Guarded,
  run: (deps: Deps) => Promise<Result<T, F>>,
): Promise<Result<T, F | Fault>> {
  const { connections, clock } = deps;
  if (connection.downUntil !== undefined) {
    const isProbe = await connections.claimProbe(tenant, connection, clock() + REST_MS);
    if (!isProbe) return fail(down(provider, REST_MS));
  }
  let last: 'answered' | 'timed out' | undefined;
  const transport: Transport = async (request, signal) => {
    try {
      const response = await deps.transport(request, signal);
      last = 'answered';
      return response;
    } catch (error) {
      if (hasTimedOut(error, signal)) last = 'timed out';
      throw error;
    }
  };
  try {
    return await run({ ...deps, transport });
  } finally {
    if (last === 'timed out')
      await regardless(log, 'timeout not noted', () =>
        connections.countTimeout(tenant, connection, TIMEOUTS_IN_A_ROW, clock() + REST_MS),
      );
    else if (last === 'answered' && (connection.timeouts ?? 0) > 0)
      await regardless(log, 'timeouts not forgotten', () => connections.forgetTimeouts(tenant, connection));
  }
}

function down(provider: string, restMs: number): Fault {
  return fault('provider_down', `${provider} did not answer the last calls of this account. This one was not sent.`, {
    next: 'Wait for retry_after seconds, then call again.',
    retry_after: Math.max(1, Math.ceil(restMs / 1000)),
  });
}

/** A caller that leaves ends its call too, and that says nothing about the provider. */
function hasTimedOut(error: unknown, { aborted, reason }: AbortSignal): boolean {
  if (!(error instanceof TransportError) || error.kind !== 'timeout') return false;
  return !aborted || Object(reason).name === 'TimeoutError';
}
