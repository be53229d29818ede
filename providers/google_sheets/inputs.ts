/** Arguments that several tools take, and the second of the two APIs. */
import * as z from 'zod';

/** The Drive API is at another host than the Sheets API. */
export const DRIVE = 'https://www.googleapis.com';

// Bounds are refinements: in the rendered schemas they would cost context and tell a model nothing.
export const spreadsheet_id = z
  .string()
  .refine((id) => /^[\w-]{10,100}$/.test(id), 'is the id in the link of the file');
export const range = z
  .string()
  .refine((text) => text !== '' && text.length <= 200, 'must be A1 notation')
  .describe("A1 notation: 'Q1 Sales'!A1:C10");

const isCell = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value);
/** Further digits were lost on the way here already: writing what is left would change them without a word. */
const isWhole = (value: unknown): boolean => !Number.isInteger(value) || Number.isSafeInteger(value);
type Cell = string | number | boolean | null;
const cell = z
  .unknown()
  .refine(isCell, 'must be text, a number, true, false or null')
  .refine(isWhole, 'must be text, because a whole number beyond 2^53 loses digits');
export const cellRows = z
  .array(z.array(cell))
  .min(1)
  .transform((cells) => cells as Cell[][])
  .describe('"" clears a cell, null keeps it');
