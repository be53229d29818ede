/**
 * IAM's patterns: `*`, `?` and policy variables such as `${aws:PrincipalTag/x}`.
 * Invariant: what a variable stands for is literal text; it can never act as a wildcard.
 */
import type { PolicyContext } from './context.ts';

/** One piece of a pattern: literal text, `*` (any run) or `?` (any one character). */
type Piece = { readonly text: string } | '*' | '?';

export type Pattern = readonly Piece[];

const VARIABLE = /\$\{([^}]*)\}/g;

/**
 * Reads a pattern and fills its variables in. Undefined when a variable has no value and no default: such a pattern
 * matches nothing.
 */
export function pattern(source: string, context: PolicyContext): Pattern | undefined {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of source.matchAll(VARIABLE)) {
    pieces.push(...wildcards(source.slice(end, match.index)));
    const value = variable(match[1] ?? '', context);
    if (value === undefined) return undefined;
    pieces.push({ text: value });
    end = match.index + match[0].length;
  }
  pieces.push(...wildcards(source.slice(end)));
  return pieces;
}

export function matchesPattern(text: string, pieces: Pattern, ignoreCase = false): boolean {
  const body = pieces
    .map((piece) =>
      piece === '*' ? '[^]*' : piece === '?' ? '[^]' : piece.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${body}$`, ignoreCase ? 'iu' : 'u').test(text);
}

/** The text of a pattern whose wildcards are plain characters, for the operators that know none. */
export function literal(pieces: Pattern): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
}

/** The six parts of an ARN, each a pattern of its own: a wildcard does not cross a colon. */
export function matchesArn(text: string, source: string, context: PolicyContext): boolean {
  if (source === '*') return true;
  const wanted = splitArn(source);
  const given = splitArn(text);
  if (wanted === undefined || given === undefined) return false;
  return wanted.every((part, i) => {
    const pieces = pattern(part, context);
    return pieces !== undefined && matchesPattern(given[i] ?? '', pieces);
  });
}

function splitArn(arn: string): readonly string[] | undefined {
  const parts = arn.replaceAll(VARIABLE, (found) => found.replaceAll(':', '\0')).split(':');
  if (parts.length < 6) return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(':')].map((part) => part.replaceAll('\0', ':'));
}

function wildcards(text: string): readonly Piece[] {
  return text
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' || part === '?' ? part : { text: part }));
}

/** `key`, or `key, 'default'`; `${*}`, `${?}` and `${$}` are the plain characters. */
function variable(expression: string, context: PolicyContext): string | undefined {
  if (expression === '*' || expression === '?' || expression === '$') return expression;
  const parts = /^\s*([^,]+?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression);
  if (parts === null) throw new TypeError(`the policy variable \${${expression}} is malformed`);
  const value = context.get(parts[1] ?? '');
  if (typeof value === 'object') throw new TypeError(`the policy variable \${${expression}} holds a list`);
  return value ?? parts[2];
}
