/** How many environments this machine can take, and how many may start at the same time. */
import { availableParallelism } from 'node:os';

/** What the process of one environment takes, measured at about 90 MB, with room for its work. */
const ENVIRONMENT_BYTES = 160 * 1024 * 1024;
/** Left to everything else on this machine. */
const SPARED_BYTES = 512 * 1024 * 1024;
/** Not less, because some systems call memory used that they would give back. */
const LEAST = 16;
const MOST = 64;

/** @param started those of one function that there are already; `free` in bytes. */
export function environmentsFor(started: number, free = process.availableMemory()): number {
  const more = Math.floor((free - SPARED_BYTES) / ENVIRONMENT_BYTES);
  return Math.min(MOST, Math.max(LEAST, started + more));
}

/** Runs a start when it is its turn. The start is over when `over` is called. */
export type StartInTurn = (start: (over: () => void) => Promise<void>) => Promise<void>;

/**
 * A start takes a whole processor for some hundred milliseconds. Many at once leave none for the calls that are running, so
 * at most half of them start something.
 */
export function createStartInTurn(atOnce = Math.max(1, Math.floor(availableParallelism() / 2))): StartInTurn {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (start) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    };
    await start(over);
  };
}
