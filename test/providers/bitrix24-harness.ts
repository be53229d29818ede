/** Runs Bitrix24 tools through the engine against the fake portal, with a clock that only sleeping moves. */
import { SILENT } from '../fakes/log.ts';
import type { Fault } from '../../core/fault.ts';
import type { EngineDeps } from '../../core/call/engine.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Result } from '../../core/result.ts';
import { Secret } from '../../core/vault/secret.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import type { AnyTool } from '../../core/provider/tool.ts';
import { provider } from '../../providers/bitrix24/provider.ts';
import { startBitrix24Fake, type Bitrix24Fake, type FakeOptions } from '../fakes/bitrix24.ts';
import { parseAndRun } from '../fakes/run-tool.ts';
import { toFake } from '../fakes/bitrix24-transport.ts';

export const HOST = 'acme.bitrix24.com';
export const START = Date.parse('2026-11-22T12:00:00Z');
export const TOOLS: readonly AnyTool[] = Object.values(provider.categories).flatMap(({ tools }) => tools);

export interface Harness {
  readonly fake: Bitrix24Fake;
  readonly sleeps: readonly number[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  run(tool: string, args?: unknown, signal?: AbortSignal): Promise<Result<JsonObject, Fault>>;
  /** Same, for calls that must succeed. */
  ok(tool: string, args?: unknown): Promise<JsonObject>;
  /** Same, for calls that must fail. */
  fault(tool: string, args?: unknown, signal?: AbortSignal): Promise<Fault>;
  stop(): Promise<void>;
}

export function toolNamed(name: string): AnyTool {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new TypeError(`no tool ${name}`);
  return tool;
}

export async function startHarness(options: FakeOptions = {}): Promise<Harness> {
  let now = START;
  const sleeps: number[] = [];
  const fake = await startBitrix24Fake({ clock: () => now, burst: 1_000, ...options });
  const deps: EngineDeps = {
    transport: toFake(fake.url),
    rateLimiter: { take: () => Promise.resolve({ waitMs: 0 }) },
    clock: () => now,
    sleep: (ms) => {
      sleeps.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  const credential = { api_key: `https://${HOST}${fake.path}` };
  const run: Harness['run'] = (name, args, signal = new AbortController().signal) =>
    parseAndRun(deps, {
      tenant: tenantId({ client: 'acme', user: 'u1' }),
      provider,
      tool: toolNamed(name),
      args,
      connection: { auth: 'webhook', facts: provider.auth[0].derive(credential) },
      credential: new Secret(credential),
      log: SILENT,
      signal,
    });
  return {
    fake,
    sleeps,
    now: () => now,
    run,
    ok: async (name, args) => {
      const result = await run(name, args);
      if (!result.ok) throw new Error(`${name} failed: ${JSON.stringify(result.fault)}`);
      return result.value;
    },
    fault: async (name, args, signal) => {
      const result = await run(name, args, signal);
      if (result.ok) throw new Error(`${name} succeeded: ${JSON.stringify(result.value).slice(0, 300)}`);
      return result.fault;
    },
    stop: () => fake.stop(),
  };
}
