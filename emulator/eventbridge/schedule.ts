/**
 * Runs the functions that the template runs by the clock. The first time is after the first interval, so that a start is
 * not slower for it; a run that is still going on when the next is due keeps going, as in AWS.
 */
import { randomUUID } from 'node:crypto';
import type { InvocationResult } from '../lambda/invocation.ts';
import type { Place } from '../cloudformation/physical.ts';
import type { ScheduleModel } from '../cloudformation/schedule-model.ts';

/** Calls `run` over and over; the answer ends it. Must not keep the process alive. */
export type Every = (ms: number, run: () => void) => () => void;

export const everyInterval: Every = (ms, run) => {
  const timer = setInterval(run, ms).unref();
  return () => clearInterval(timer);
};

export interface Schedule {
  /** Does now what the clock would do later. Throws when there is no such rule or its function fails. */
  readonly run: (rule: string) => Promise<void>;
  readonly stop: () => void;
}

export function startSchedule(
  rules: readonly ScheduleModel[],
  deps: {
    readonly place: Place;
    readonly invoke: (functionArn: string, event: unknown) => Promise<InvocationResult>;
    readonly onFailure: (error: unknown) => void;
    readonly clock: () => number;
    readonly every: Every;
  },
): Schedule {
  let stopped = false;

  async function run({ logicalId, arn, functionArn }: ScheduleModel): Promise<void> {
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: deps.place.account,
      time: new Date(deps.clock()).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: deps.place.region,
      resources: [arn],
      detail: {},
    };
    const result = await deps.invoke(functionArn, event);
    if (result.kind === 'failed') throw new Error(`The function of ${logicalId} failed: ${result.error.message}`);
    if (result.kind === 'timed-out') throw new Error(`The function of ${logicalId} took too long.`);
  }

  const timers = rules.map((rule) =>
    deps.every(rule.everyMs, () => {
      run(rule).catch((error: unknown) => {
        // What a stopping server cuts off is no failure.
        if (!stopped) deps.onFailure(error);
      });
    }),
  );
  return {
    async run(name) {
      const found = rules.filter(({ logicalId }) => logicalId.startsWith(name));
      if (found.length === 0) throw new Error(`There is no rule ${name}.`);
      for (const rule of found) await run(rule);
    },
    stop() {
      stopped = true;
      for (const stop of timers) stop();
    },
  };
}
