/**
 * The environments of one function: as many as there are concurrent invocations, up to a limit; the rest wait in
 * order, the callers in turn. Invariants: an environment runs one invocation at a time; whatever one caller does, another
 * one's first invocation finds an environment, because nobody takes the last that is idle besides one they have, nor more
 * than are left to others.
 */
import { randomUUID } from 'node:crypto';
import { environmentsFor, type StartInTurn } from './capacity.ts';
import { startEnvironment, type Environment, type EnvironmentOptions } from './environment.ts';
import { createFairQueue } from './fair-queue.ts';
import type { FunctionError, InvocationResult } from './invocation.ts';

export interface HostedFunction extends Omit<EnvironmentOptions, 'onIdle' | 'onExit' | 'variables'> {
  readonly name: string;
  readonly arn: string;
  /**
   * Environments at the same time.
   *
   * @default - as many as there is memory for
   */
  readonly maxEnvironments?: number | undefined;
  /**
   * When the start of an environment is its turn.
   *
   * @default - at once
   */
  readonly startInTurn?: StartInTurn | undefined;
  /** The environment of a new child; called once per environment, because each has credentials of its own. */
  readonly environmentVariables: () => { readonly variables: Record<string, string>; readonly release: () => void };
  readonly clock: () => number;
  /** How long an environment may be idle. Default: a minute. */
  readonly idleMs?: number;
}

export interface FunctionHost {
  /** @param caller whose invocation it is; each is somebody else's when left out. */
  readonly invoke: (event: unknown, caller?: string) => Promise<InvocationResult>;
  /** Starts so many environments and keeps them from now on: one when left out. Throws when one cannot start. */
  readonly warm: (environments?: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Waiting {
  readonly event: string;
  readonly since: number;
  readonly settle: (result: Promise<InvocationResult> | InvocationResult) => void;
}

interface Slot {
  /** Whose invocation it runs. */
  caller: string | undefined;
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
  const queue = createFairQueue<Waiting>();
  const startInTurn: StartInTurn = fn.startInTurn ?? ((starting) => starting(() => undefined));
  const onWarm: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  let keep = 0;
  let startMs = FIRST_START_MS;
  let runMs = 0;
  /** When each caller last got an environment; of those who may be waiting. */
  const lastServed = new Map<string, number>();
  let stopped = false;
  let serial = 0;
  let later: NodeJS.Timeout | undefined;

  /** Measured again with every environment that comes or goes. */
  const measured = (): number => fn.maxEnvironments ?? environmentsFor(slots.size);
  let most = measured();
  const isIdle = (slot: Slot): boolean => slot.idleSince !== undefined && slot.environment !== undefined;
  const isRunning = (slot: Slot): boolean => slot.runningSince !== undefined;
  const count = (which: (slot: Slot) => boolean): number => [...slots].filter(which).length;
  const held = (caller: string): number => count((slot) => isRunning(slot) && slot.caller === caller);

  /** Whoever has some takes no more than are left, so that the more one has, the more is left to the others. */
  function mayHold(caller: string): boolean {
    const own = held(caller);
    return own === 0 || own < most - count(isRunning);
  }

  function mayRun(caller: string): boolean {
    return held(caller) === 0 || (count(isIdle) > 1 && mayHold(caller));
  }

  function idle(): Slot | undefined {
    let newest: Slot | undefined;
    // The most recently used, so that the others can age and go.
    for (const slot of slots)
      if (slot.idleSince !== undefined && (newest?.idleSince ?? -1) <= slot.idleSince) newest = slot;
    return newest;
  }

  function pump(): void {
    for (let slot = idle(); slot !== undefined && queue.size > 0; slot = idle()) {
      const { environment } = slot;
      const next = environment === undefined ? undefined : queue.take(mayRun);
      if (environment === undefined || next === undefined) return;
      const { event, settle } = next.item;
      slot.idleSince = undefined;
      slot.caller = next.caller;
      slot.runningSince = fn.clock();
      lastServed.set(next.caller, slot.runningSince);
      const deadline = slot.runningSince + fn.timeoutMs;
      settle(environment.run({ id: randomUUID(), event, functionArn: fn.arn, deadline }));
    }
  }

  /** Starts another environment when waiting for the ones there are would take longer than its start. */
  function grow(): void {
    const head = queue.oldest(mayHold);
    if (stopped || head === undefined || slots.size >= most) return;
    const starting = count((slot) => slot.idleSince === undefined && !isRunning(slot));
    if (queue.size <= starting) return;
    const expected = slots.size === 0 ? Number.POSITIVE_INFINITY : (queue.size * runMs) / slots.size;
    // Nothing moves for this caller while its environments wait for somebody else, such as a provider.
    const stuckMs = fn.clock() - Math.max(head.item.since, lastServed.get(head.caller) ?? 0);
    if (expected >= startMs || stuckMs >= startMs) start();
    else growIn(startMs - stuckMs);
  }

  function growIn(ms: number): void {
    later ??= setTimeout(
      () => {
        later = undefined;
        grow();
      },
      Math.ceil(ms) + 1,
    );
  }

  function start(): void {
    const slot: Slot = {
      caller: undefined,
      environment: undefined,
      idleSince: undefined,
      runningSince: undefined,
      starting: Promise.resolve(),
    };
    slots.add(slot);
    most = measured();
    slot.starting = startInTurn((over) => launch(slot, over));
  }

  async function launch(slot: Slot, over: () => void): Promise<void> {
    if (stopped) return over();
    const { variables, release } = fn.environmentVariables();
    const launched = fn.clock();
    slot.environment = await startEnvironment({
      ...fn,
      variables,
      onIdle() {
        over();
        const now = fn.clock();
        if (slot.runningSince === undefined) startMs += NEWEST * (now - launched - startMs);
        else runMs += NEWEST * (now - slot.runningSince - runMs);
        if (queue.size === 0) lastServed.clear();
        slot.runningSince = undefined;
        slot.idleSince = now;
        onWarm.shift()?.resolve();
        pump();
        grow();
      },
      onExit(error) {
        over();
        slots.delete(slot);
        most = measured();
        release();
        if (error !== undefined) failOne(error);
        pump();
        grow();
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
    queue.take(() => true)?.item.settle({ kind: 'failed', error });
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
    invoke(event, caller) {
      if (stopped) return Promise.resolve({ kind: 'failed', error: { type: 'Runtime.Stopped', message: 'stopping' } });
      return new Promise((settle) => {
        queue.add(caller ?? `#${(serial += 1)}`, { event: JSON.stringify(event), since: fn.clock(), settle });
        pump();
        if (queue.size === 0) return;
        grow();
        growIn(startMs);
      });
    },
    async warm(environments = 1) {
      keep = Math.min(environments, most);
      const warmed = Array.from({ length: keep }, () => {
        start();
        return new Promise<void>((resolve, reject) => onWarm.push({ resolve, reject }));
      });
      await Promise.all(warmed);
    },
    async stop() {
      stopped = true;
      clearInterval(reaper);
      clearTimeout(later);
      for (const { settle } of queue.empty())
        settle({ kind: 'failed', error: { type: 'Runtime.Stopped', message: 'stopping' } });
      await Promise.all([...slots].map(end));
    },
  };
}
