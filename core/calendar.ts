/** Calendar arithmetic in UTC. */
import type { EpochMs } from './time.ts';

/** `2026-11`. */
export function monthOf(now: EpochMs): string {
  return new Date(now).toISOString().slice(0, 7);
}

/** The first instant of the next month. */
export function monthAfter(now: EpochMs): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
