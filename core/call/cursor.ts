/**
 * The opaque cursor of a list: where the next page starts. It is bound to the tool and its arguments, so that a
 * cursor taken to another list is refused instead of giving rows of something else. It holds no secret.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { JsonObject } from '../json.ts';

const Cursor = z.strictObject({
  /** Digest of tool name and arguments. */
  d: z.string(),
  /** The provider's own page state; absent for the first page. */
  s: z.record(z.string(), z.json()).optional(),
  /** Rows of that page that were shown already. */
  k: z.int().nonnegative().optional(),
});

export interface PageStart {
  readonly state: JsonObject | undefined;
  readonly skip: number;
}

export const FIRST_PAGE: PageStart = { state: undefined, skip: 0 };

export function encodeCursor(tool: string, args: unknown, start: PageStart): string {
  const cursor: z.infer<typeof Cursor> = { d: digest(tool, args) };
  if (start.state !== undefined) cursor.s = start.state as z.infer<typeof Cursor>['s'];
  if (start.skip > 0) cursor.k = start.skip;
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** The page a cursor names, or undefined when it was not made for this tool and these arguments. */
export function decodeCursor(tool: string, args: unknown, text: string): PageStart | undefined {
  try {
    const cursor = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return cursor.d === digest(tool, args)
      ? { state: cursor.s as JsonObject | undefined, skip: cursor.k ?? 0 }
      : undefined;
  } catch {
    return undefined;
  }
}

function digest(tool: string, args: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([tool, args]))
    .digest('base64url')
    .slice(0, 12);
}
