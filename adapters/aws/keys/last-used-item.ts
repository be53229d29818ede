/** The day on which a key was last used: set by the calls of its tenants, read by operators. */
import * as z from 'zod';
import { fromItem, toItem, type Item } from '../attributes.ts';

const LastUsedItem = z.object({ day: z.string() });

/** What an update sets. */
export function toLastUsedItem(day: string): Item {
  return toItem({ day });
}

/** `2026-11-22`. */
export function fromLastUsedItem(item: Readonly<Item>): string {
  return LastUsedItem.parse(fromItem(item)).day;
}
