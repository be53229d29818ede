/** A list that is given in pages. A position is opaque to everybody but the store it comes from. */
import { createHash } from 'node:crypto';
import * as z from 'zod';

export interface PageAsk {
  /** The most rows to give. */
  readonly limit: number;
  /** The position after which to go on; from the start when left out. */
  readonly after?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page starts; undefined when there is none. */
  readonly next?: string | undefined;
}

/** A page of rows that are all at hand, in the order of their positions. */
export function cutPage<Row>(
  rows: readonly Row[],
  positionOf: (row: Row) => string,
  { limit, after }: PageAsk,
): Page<Row> {
  const ordered = rows
    .map((row) => ({ row, at: positionOf(row) }))
    .toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))
    .filter(({ at }) => after === undefined || at > after);
  const shown = ordered.slice(0, limit);
  return { rows: shown.map(({ row }) => row), next: ordered.length > limit ? shown.at(-1)?.at : undefined };
}

const Cursor = z.strictObject({
  /** Digest of what it belongs to. */
  d: z.string(),
  /** One part for each list inside a list. */
  p: z.array(z.string().max(900)).max(2),
});

/**
 * The opaque cursor of a page. It is bound to its list and filters, so that one taken elsewhere is refused instead of giving
 * rows of something else. It holds positions, and no secret.
 */
export function encodePosition(list: readonly unknown[], position: readonly string[]): string {
  const cursor: z.infer<typeof Cursor> = { d: digest(list), p: [...position] };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** The position of a cursor, or undefined when it was not made for this list. */
export function decodePosition(list: readonly unknown[], text: string): readonly string[] | undefined {
  try {
    const { d, p } = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return d === digest(list) ? p : undefined;
  } catch {
    return undefined;
  }
}

function digest(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12);
}
