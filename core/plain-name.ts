/**
 * Names that people give and others read: nothing in them moves, hides or turns what stands around them. The two joiners
 * stay, because emoji and Persian words are written with them.
 */
const UNSEEN = /(?![\u200C\u200D])\p{Cf}|[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu');

export const PLAIN_NAME_RULE = 'may not contain control characters or marks of direction';

export function isPlainName(text: string): boolean {
  return !UNSEEN.test(text);
}

/** A name of before that rule, or an id that serves as one, as it may be shown. */
export function plainName(text: string): string {
  return text.replaceAll(ALL_UNSEEN, '');
}
