/** Runs one provider tool: request, pace, send, classify, page, shape, verify. (Being written.) */
import type { Connection } from './connection.ts';
import type { Transport } from './egress.ts';
import type { Fault } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Provider } from './provider.ts';
import type { Result } from './result.ts';
import type { Secret } from './secret.ts';
import type { TenantId } from './tenant.ts';
import type { AnyTool } from './tool.ts';
import type { PaceStore } from './usage.ts';
import type { Credential } from './vault.ts';

export interface EngineDeps {
  readonly transport: Transport;
  readonly pace: PaceStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ToolCall {
  readonly tenant: TenantId;
  readonly provider: Provider;
  readonly tool: AnyTool;
  /** As the caller sent them: not validated yet; may hold `cursor` for a list tool. */
  readonly args: unknown;
  readonly connection: Connection;
  readonly credential: Secret<Credential>;
  readonly signal: AbortSignal;
}

/** A failure with what the caller of the engine must do to the connection. */
export interface EngineFault extends Fault {
  /** The credential is dead: mark the connection. */
  readonly dead?: boolean;
}

export declare function runTool(deps: EngineDeps, call: ToolCall): Promise<Result<JsonObject, EngineFault>>;
