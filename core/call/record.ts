/** What a call that was tried leaves behind: a line in the log, and of a failure a note for reports and operators. */
import type { FailureCause } from '../failure-cause.ts';
import { toPublicFault, type Fault } from '../fault.ts';
import type { JsonObject } from '../json.ts';
import type { TenantPrincipal } from '../keys/principal.ts';
import { regardless, type Log } from '../log.ts';
import type { Failure } from '../meter/failure.ts';
import type { UsageStore } from '../meter/usage.ts';
import { fail, type Result } from '../result.ts';
import type { Clock, EpochMs } from '../time.ts';

export interface RecordDeps {
  readonly usage: Pick<UsageStore, 'noteFailure'>;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** A fault with the reference that log, `report_issue` and operators know it by. */
export interface ReferencedFault extends Fault {
  readonly reference: string;
}

export interface Attempt {
  /** Without a provider: a tool of the endpoint itself. */
  readonly tool: { readonly name: string; readonly provider?: string | undefined };
  readonly started: EpochMs;
}

/** Who called, and what the last request to a provider ended in. */
export interface Recording {
  readonly principal: Pick<TenantPrincipal, 'tenant' | 'keyId' | 'tenantKeyId' | 'org' | 'user'>;
  readonly log: Log;
  readonly lastResponse?: (() => FailureCause | undefined) | undefined;
}

export async function recordCall(
  deps: RecordDeps,
  recording: Recording,
  { tool: { name: tool, provider }, started }: Attempt,
  ended: Result<JsonObject, Fault>,
): Promise<Result<JsonObject, ReferencedFault>> {
  const { newId, clock } = deps;
  const reference = newId();
  const code = ended.ok ? 'ok' : ended.fault.code;
  const cause = ended.ok ? undefined : recording.lastResponse?.();
  recording.log.info('tool call', { tool, provider, outcome: code, reference, ms: clock() - started, cause });
  if (ended.ok) return ended;
  const at = new Date(clock()).toISOString();
  await noteFailure(deps, recording, { reference, tool, provider, code, at, cause });
  return fail({ ...toPublicFault(ended.fault), reference });
}

/** A note that cannot be written changes nothing. */
export async function noteFailure(
  { usage }: Pick<RecordDeps, 'usage'>,
  { principal, log }: Recording,
  failed: Omit<Failure, 'keyId' | 'tenantKeyId' | 'org' | 'user'>,
): Promise<void> {
  const { tenant, keyId, tenantKeyId, org, user } = principal;
  const failure = { ...failed, keyId, tenantKeyId, org, user };
  await regardless(log, 'failure not noted', () => usage.noteFailure(tenant, failure));
}
