/** Calendar arithmetic in UTC. No clock: `now` is passed in, in milliseconds since 1970. */

/** `2026-11`. */
export function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}

/** The first instant of the next month. */
export function monthAfter(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
