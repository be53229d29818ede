/**
 * Arguments that many tools take. What they must be is checked by refinements: in the rendered schema a pattern or a bound
 * costs context and tells a model nothing.
 */
import * as z from 'zod';

/** A record's id: 1 or more. */
export const id = z.int().positive();

/** `2026-12-01`. */
export const day = z.string().refine((text) => z.iso.date().safeParse(text).success, 'must be a day: 2026-12-01');

const isInstant = (text: string): boolean => z.iso.datetime({ offset: true }).safeParse(text).success;

/** A time that is the same everywhere: without an offset each vendor reads it in a zone of its own. */
export const instant = z
  .string()
  .refine(isInstant, 'must be like 2026-12-01T18:00:00+03:00')
  .describe('with UTC offset');

/** Trimmed text of `least` to `most` characters. */
export function bounded(least: number, most: number) {
  return z
    .string()
    .trim()
    .refine((value) => value.length >= least, least === 1 ? 'must not be empty' : `needs at least ${least} characters`)
    .refine((value) => value.length <= most, `must not be longer than ${most} characters`);
}

/** One line of text, trimmed, never empty. */
export function line(what: string, most = 255, least = 1) {
  return bounded(least, most).describe(what);
}
