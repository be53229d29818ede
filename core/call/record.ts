/** What a call that was tried leaves behind: a line in the log, and of a failure a note that `report_issue` sends along. */
import { toPublicFault, type Fault } from '../fault.ts';
import type { JsonObject } from '../json.ts';
import type { TenantPrincipal } from '../keys/principal.ts';
import { regardless, type Log } from '../log.ts';
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
  readonly tool: { readonly name: string; readonly provider: string };
  readonly started: EpochMs;
}

export async function recordCall(
  { usage, newId, clock }: RecordDeps,
  { principal, log }: { readonly principal: Pick<TenantPrincipal, 'tenant'>; readonly log: Log },
  { tool: { name: tool, provider }, started }: Attempt,
  ended: Result<JsonObject, Fault>,
): Promise<Result<JsonObject, ReferencedFault>> {
  const reference = newId();
  const code = ended.ok ? 'ok' : ended.fault.code;
  log.info('tool call', { tool, provider, outcome: code, reference, ms: clock() - started });
  if (ended.ok) return ended;
  const note = { reference, tool, code, at: new Date(clock()).toISOString() };
  await regardless(log, 'failure not noted', () => usage.noteFailure(principal.tenant, note));
  return fail({ ...toPublicFault(ended.fault), reference });
}
