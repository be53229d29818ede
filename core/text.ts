/**
 * Text that others wrote, made fit for people, models and strict parsers: well-formed, cut between characters, and without
 * what nobody can see. There is no other way to shorten a text that leaves this process.
 */

/** Half of what is looked at around a cut: longer than any character that people write. */
const AROUND = 64;

let segmenter: Intl.Segmenter | undefined;

/** At most `most` UTF-16 units of a text, cut between characters as people see them, and well-formed whatever came in. */
export function cutText(text: string, most: number): string {
  return (text.length <= most ? text : text.slice(0, characterStart(text, most))).toWellFormed();
}

/** The last place at or before `at` where a character begins: never inside an emoji or a letter with its marks. */
export function characterStart(text: string, at: number): number {
  if (at <= 0 || at >= text.length) return Math.min(Math.max(at, 0), text.length);
  const from = Math.max(0, at - AROUND);
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const found = segmenter.segment(text.slice(from, at + AROUND)).containing(at - from)?.index ?? 0;
  if (found > 0) return from + found;
  // A "character" as long as all that was looked at: marks piled up without end. At least no pair is split.
  return isSecondOfPair(text, at) ? at - 1 : at;
}

function isSecondOfPair(text: string, at: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1));
}

/** Line breaks and other controls, which become a blank. */
const CONTROLS = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Marks of direction, invisible letters and tags. The two joiners stay: emoji and Persian words are written with them. */
const INVISIBLE = /(?![\u200C\u200D])\p{Cf}|[\u{E0100}-\u{E01EF}]/gu;

/** One line of somebody else's words, such as an account's name: nothing in it moves, hides or turns what stands around it. */
export function plainLine(text: string, most: number): string {
  return cutText(text.toWellFormed().replaceAll(INVISIBLE, '').replaceAll(CONTROLS, ' ').trim(), most);
}

/** Names of arguments are chosen by whoever sent them: 400 KB of them must not come back as an answer. */
const MOST_ISSUES = 5;
const LONGEST_ISSUE = 200;

/**
 * What a schema found wrong, each as the path of the field and the rule: five at most, of 200 characters at most.
 * @param between stands between the parts of a path.
 */
export function issuesInWords(
  issues: readonly { readonly path: readonly unknown[]; readonly message: string }[],
  between = '.',
): readonly string[] {
  return issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
    const field = path.map(String).join(between);
    return plainLine(field === '' ? message : `${field}: ${message}`, LONGEST_ISSUE);
  });
}

/** Field values of RFC 9110, section 5.5: a Cyrillic letter in a token is none, and Node throws for it. */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}
