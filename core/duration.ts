/** Lengths of time as people write them: `90d`, `12h`. Never a bare number: whoever means days must not get seconds. */
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const SHAPE = /^([0-9]{1,9})([smhdw])$/;

/** Ten years: longer than any key should live, short enough that every instant stays a legal date. */
export const MAX_DURATION_SECONDS = 3650 * SECONDS.d;

/** What `parseDuration` accepts, for messages. */
export const DURATION_FORMS = 'a number with its unit, such as 90d, 12h or 30m, of at most 3650d';

/** Seconds, or undefined when the value is not a length of time between one second and ten years. */
export function parseDuration(value: string): number | undefined {
  const seconds = secondsOf(value);
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_DURATION_SECONDS ? seconds : undefined;
}

function secondsOf(text: string): number {
  const [, count, unit] = SHAPE.exec(text) ?? [];
  return count === undefined || unit === undefined ? Number.NaN : Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

/** For people: `45 seconds`, `3 minutes`, `5 hours`, `12 days`; rounded up, so that nobody comes back too early. */
export function durationInWords(seconds: number): string {
  const [size, unit] =
    seconds < 2 * SECONDS.m
      ? [1, 'second']
      : seconds < 2 * SECONDS.h
        ? [SECONDS.m, 'minute']
        : seconds < 2 * SECONDS.d
          ? [SECONDS.h, 'hour']
          : [SECONDS.d, 'day'];
  const count = Math.max(1, Math.ceil(seconds / size));
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
