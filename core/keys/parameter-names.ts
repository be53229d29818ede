/**
 * The names of query parameters: an address takes those it knows and no other, because one that was mistyped would mean
 * that it was left out, and a user who is left out shares the default user's accounts with everybody else.
 */
import { nearest } from '../nearest.ts';

/** Decoded query parameters, each with every value it was sent with. */
export type Query = Readonly<Record<string, readonly string[]>>;

/**
 * What is wrong with the names, and which were meant; undefined when nothing is. The words hold nothing of the request.
 * @param known every name the address takes.
 */
export function parameterProblem(query: Query, known: readonly string[]): string | undefined {
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  const swallowed = Object.values(query).flatMap((values) => values.flatMap((value) => swallowedBy(value, known)));
  if (unknown.length === 0 && swallowed.length === 0) return undefined;
  const meant = [...new Set([...unknown.flatMap((name) => meantBy(name, known)), ...swallowed])];
  const isJoined = swallowed.length > 0 || unknown.some((name) => /[;&]/.test(name));
  return [
    known.length === 0 ? 'There are no parameters here.' : `The parameters here are: ${known.join(', ')}.`,
    ...(meant.length === 0 ? [] : [`Did you mean ${meant.join(' and ')}?`]),
    ...(isJoined ? ['Separate parameters by a plain & and by nothing else.'] : []),
  ].join(' ');
}

/** `org_id=a;user_id=b` is one parameter for a URL, with a value that holds the other one. */
function swallowedBy(value: string, known: readonly string[]): readonly string[] {
  const [, ...more] = value.split(/[;&]/);
  return more.flatMap((part) => (part.includes('=') ? sameAs(part.split('=')[0] ?? '', known) : []));
}

/** Of a name that holds several, such as `amp;user_id` and `org_id;user_id`, each that is known. */
function meantBy(name: string, known: readonly string[]): readonly string[] {
  const same = name.split(/[;&?=]/).flatMap((part) => sameAs(part, known));
  return same.length > 0 ? same : nearest(name, known).slice(0, 1);
}

/** The known name that is the same but for case and signs: `userId`, `user-id`, `USER_ID`, `user_id[]`. */
function sameAs(name: string, known: readonly string[]): readonly string[] {
  const letters = lettersOf(name);
  return letters === '' ? [] : known.filter((one) => lettersOf(one) === letters);
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
