/**
 * The environments of one function: as many as there are concurrent invocations, up to a limit; the rest wait in
 * order. Invariant: an environment runs one invocation at a time.
 */
import { randomUUID } from 'node:crypto';
import { startEnvironment, type Environment, type EnvironmentOptions } from './environment.ts';
import type { FunctionError, InvocationResult } from './invocation.ts';

export interface HostedFunction extends Omit<EnvironmentOptions, 'onIdle' | 'onExit' | 'variables'> {
  readonly name: string;
  readonly arn: string;
  readonly maxEnvironments: number;
  /** The environment of a new child; called once per environment, because each has credentials of its own. */
  readonly environmentVariables: () => { readonly variables: Record<string, string>; readonly release: () => void };
  readonly clock: () => number;
  /** How long an environment may be idle. Default: a minute. */
  readonly idleMs?: number;
}

export interface FunctionHost {
  readonly invoke: (event: unknown) => Promise<InvocationResult>;
  /** Starts one environment and keeps one from now on. Throws when it cannot start. */
  readonly warm: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Waiting {
  readonly event: string;
  readonly since: number;
  readonly settle: (result: Promise<InvocationResult> | InvocationResult) => void;
}

interface Slot {
  environment: Environment | undefined;
  idleSince: number | undefined;
  runningSince: number | undefined;
  /** Settles when the process has been started. */
  starting: Promise<void>;
}

/** What an environment's start is taken to cost before one has been measured. */
const FIRST_START_MS = 150;
/** Weight of the newest measurement in a running average. */
const NEWEST = 0.2;
const IDLE_MS = 60_000;
const REAPS_PER_IDLE = 4;

export function createFunctionHost(fn: HostedFunction): FunctionHost {
  const idleMs = fn.idleMs ?? IDLE_MS;
  const slots = new Set<Slot>();
  const queue: Waiting[] = [];
  const onWarm: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  let keep = 0;
  let startMs = FIRST_START_MS;
  let runMs = 0;
  let lastDone = 0;
  let stopped = false;

  function idle(): Slot | undefined {
    let newest: Slot | undefined;
    // The most recently used, so that the others can age and go.
    for (const slot of slots)
      if (slot.idleSince !== undefined && (newest?.idleSince ?? -1) <= slot.idleSince) newest = slot;
    return newest;
  }

  function pump(): void {
    for (let slot = idle(); slot !== undefined && queue.length > 0; slot = idle()) {
      const { environment } = slot;
      const next = environment === undefined ? undefined : queue.shift();
      if (environment === undefined || next === undefined) return;
      slot.idleSince = undefined;
      slot.runningSince = fn.clock();
      const deadline = slot.runningSince + fn.timeoutMs;
      next.settle(environment.run({ id: randomUUID(), event: next.event, functionArn: fn.arn, deadline }));
    }
  }

  /** Starts another environment when waiting for the ones there are would take longer than its start. */
  function grow(): void {
    const [head] = queue;
    if (stopped || head === undefined || slots.size >= fn.maxEnvironments) return;
    const starting = [...slots].filter(
      (slot) => slot.idleSince === undefined && slot.runningSince === undefined,
    ).length;
    if (queue.length <= starting) return;
    const expected = slots.size === 0 ? Number.POSITIVE_INFINITY : (queue.length * runMs) / slots.size;
    // Nothing moves while the environments wait for somebody else, such as a provider.
    const stuckMs = fn.clock() - Math.max(head.since, lastDone);
    if (expected >= startMs || stuckMs >= startMs) start();
  }

  function start(): void {
    const slot: Slot = {
      environment: undefined,
      idleSince: undefined,
      runningSince: undefined,
      starting: Promise.resolve(),
    };
    slots.add(slot);
    slot.starting = launch(slot);
  }

  async function launch(slot: Slot): Promise<void> {
    const { variables, release } = fn.environmentVariables();
    const launched = fn.clock();
    slot.environment = await startEnvironment({
      ...fn,
      variables,
      onIdle() {
        const now = fn.clock();
        if (slot.runningSince === undefined) startMs += NEWEST * (now - launched - startMs);
        else {
          runMs += NEWEST * (now - slot.runningSince - runMs);
          lastDone = now;
        }
        slot.runningSince = undefined;
        slot.idleSince = now;
        for (const { resolve } of onWarm.splice(0)) resolve();
        pump();
      },
      onExit(error) {
        slots.delete(slot);
        release();
        if (error !== undefined) failOne(error);
        if (queue.length > 0) grow();
      },
    });
    pump();
  }

  async function end(slot: Slot): Promise<void> {
    await slot.starting;
    await slot.environment?.stop();
  }

  /** An environment that cannot start costs one invocation its answer, so that none waits for ever. */
  function failOne(error: FunctionError): void {
    for (const { reject } of onWarm.splice(0)) reject(new Error(`${fn.name}: ${error.message}`));
    queue.shift()?.settle({ kind: 'failed', error });
  }

  function reap(): void {
    const before = fn.clock() - idleMs;
    for (const slot of slots) {
      if (slots.size <= keep) return;
      if (slot.idleSince !== undefined && slot.idleSince < before) {
        slot.idleSince = undefined;
        void slot.environment?.stop();
      }
    }
  }
  const reaper = setInterval(reap, idleMs / REAPS_PER_IDLE).unref();

  return {
    invoke(event) {
      if (stopped) return Promise.resolve({ kind: 'failed', error: { type: 'Runtime.Stopped', message: 'stopping' } });
      return new Promise((settle) => {
        queue.push({ event: JSON.stringify(event), since: fn.clock(), settle });
        pump();
        if (queue.length === 0) return;
        grow();
        setTimeout(grow, Math.ceil(startMs) + 1);
      });
    },
    warm() {
      keep = 1;
      return new Promise((resolve, reject) => {
        onWarm.push({ resolve, reject });
        start();
      });
    },
    async stop() {
      stopped = true;
      clearInterval(reaper);
      for (const { settle } of queue.splice(0))
        settle({ kind: 'failed', error: { type: 'Runtime.Stopped', message: 'stopping' } });
      await Promise.all([...slots].map(end));
    },
  };
}
