/** The arguments Bitrix24 tools share, bounded and described once. */
import * as z from 'zod';
import { bounded } from '../../core/provider/kit.ts';

const LARGEST_ID = 2_147_483_647;

/** A record's id: 1 or more. */
export function recordIdOf(what: string) {
  return wholeNumber(1, what);
}

/** An id where 0 has a meaning of its own: the default pipeline, the company calendar. */
export function idOrZero(what: string) {
  return wholeNumber(0, what);
}

// Bounds are checked by refinements: in the rendered schema they would cost context and tell a model nothing.
function wholeNumber(least: number, what: string) {
  const isInRange = (value: number): boolean => value >= least && value <= LARGEST_ID;
  return z.int().refine(isInRange, `must be a whole number from ${least} to ${LARGEST_ID}`).describe(what);
}

/** A longer text; Bitrix24 takes BBCode in it. */
export function text(what: string) {
  return bounded(1, 20_000).describe(what);
}

/** A code from one of the portal's own lists, such as a stage or a source. */
export function code(what: string) {
  return bounded(1, 50).describe(what);
}

export function amount(what: string) {
  return z
    .number()
    .refine((value) => value >= 0 && value <= 1e12, 'must be from 0 to 1000000000000')
    .describe(what);
}

const isDateTime = (value: string): boolean => z.iso.datetime({ offset: true }).safeParse(value).success;
const isDate = (value: string): boolean => z.iso.date().safeParse(value).success;

/** Without an offset Bitrix24 reads a time in the portal's own zone, so one is demanded. */
export function dateTime(what: string) {
  return z
    .string()
    .refine(isDateTime, 'must be ISO 8601 with an offset, like 2026-12-01T15:00:00+03:00')
    .describe(`${what}; ISO 8601 with offset`);
}

export function date(what: string) {
  return z.string().refine(isDate, 'must be a date like 2026-12-01').describe(`${what}; YYYY-MM-DD`);
}

export const responsibleId = recordIdOf('User in charge').optional();

/** For updates: something besides the id must be given, or the call would do nothing. */
export function changesSomething(args: Readonly<Record<string, unknown>>): boolean {
  return Object.values(args).filter((value) => value !== undefined).length > 1;
}
export const NOTHING_TO_CHANGE = 'Give at least one field to change';
