/**
 * Finds the names that a wrong one was probably meant to be: by its words, whatever their order and what stands between
 * them, and by its letters as a whole, for slips of the finger. A word that few names have says more than one that many have.
 */

const MOST = 3;
/** Longer ones are no name; comparing takes the product of both lengths. */
const MAX_LENGTH = 100;
/** `altegio_book` shares one word of two with many tools, and that is worth naming; `read_range` shares less with any. */
const LEAST_WORDS = 1 / 3;
/** A slip in three letters of one word. */
const LEAST_ALIKE = 2 / 3;
/** Two slips in five letters of the whole. */
const LEAST_LETTERS = 0.6;

/**
 * At most three candidates, the nearest first.
 * @param spoken what else a candidate is called.
 */
export function nearest(
  name: string,
  candidates: readonly string[],
  spoken: (candidate: string) => string = () => '',
): readonly string[] {
  const asked = name.slice(0, MAX_LENGTH);
  const words = wordsOf(asked);
  const rows = candidates.map((candidate) => {
    const own = wordsOf(`${candidate} ${spoken(candidate)}`);
    return {
      candidate,
      letters: likeness(joined(asked), joined(candidate)),
      likenesses: words.map((word) => bestOf(word, own)),
    };
  });
  const weights = words.map((_word, i) => {
    const having = rows.filter(({ likenesses }) => (likenesses[i] ?? 0) > 0).length;
    return Math.log(1 + candidates.length / Math.max(1, having));
  });
  const total = sum(weights);
  return rows
    .map(({ candidate, letters, likenesses }) => {
      const shared = total === 0 ? 0 : sum(likenesses.map((like, i) => like * (weights[i] ?? 0))) / total;
      return { candidate, isNear: shared >= LEAST_WORDS || letters >= LEAST_LETTERS, score: shared + letters };
    })
    .filter(({ isNear }) => isNear)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ candidate }) => candidate);
}

/** `listDeals`, `list-deals` and `list_deals` are the same words. */
function wordsOf(text: string): readonly string[] {
  const spaced = text.replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2').toLowerCase();
  return [...new Set(spaced.match(/[\p{L}\p{N}]+/gu))];
}

function joined(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** How much the word is like one of these, from 0 to 1: the same, one that begins with it, or nearly the same. */
function bestOf(word: string, others: readonly string[]): number {
  return Math.max(
    0,
    ...others.map((other) => {
      if (word === other) return 1;
      if (word.length < 3) return 0;
      const begins = other.startsWith(word) ? Math.max(0.5, word.length / other.length) : 0;
      const like = mayBeLike(word, other) ? likeness(word, other) : 0;
      return Math.max(begins, like >= LEAST_ALIKE ? like : 0);
    }),
  );
}

/** Lengths alone tell most words apart. */
function mayBeLike(a: string, b: string): boolean {
  return Math.min(a.length, b.length) / Math.max(a.length, b.length) >= LEAST_ALIKE;
}

/** One minus the share of letters that differ. */
function likeness(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 0 : 1 - editDistance(a, b) / longest;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
