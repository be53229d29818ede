/**
 * The little that the policy evaluator has to read out of DynamoDB expressions: which attributes they name, and what
 * the hash key is compared with. The engine parses them in full; this reads tokens only.
 */
export type Names = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, unknown>>;

const TOKEN = /:[\w]+|#[\w]+|[A-Za-z_][\w-]*|<=|>=|<>|[^\s]/g;
const WORDS = new Set(
  'and or not between in set remove add delete attribute_exists attribute_not_exists attribute_type begins_with contains size if_not_exists list_append'.split(
    ' ',
  ),
);

/** Top-level attributes an expression names, with `#placeholders` filled in. */
export function attributeNames(expression: string, names: Names): readonly string[] {
  const tokens = tokensOf(expression);
  return tokens
    .filter(
      (token, i) =>
        isName(token) && tokens[i - 1] !== '.' && !(WORDS.has(token.toLowerCase()) && !token.startsWith('#')),
    )
    .map((token) => names[token] ?? token);
}

/** Every value the hash key is said to be equal to: `pk = :v`, in either order, with or without a placeholder. */
export function hashKeyValues(expression: string, hashKey: string, names: Names, values: Values): readonly unknown[] {
  const tokens = tokensOf(expression);
  const isHashKey = (token: string | undefined): boolean => token !== undefined && (names[token] ?? token) === hashKey;
  return tokens.flatMap((token, i) => {
    if (token !== '=') return [];
    const [before, after] = [tokens[i - 1], tokens[i + 1]];
    if (isHashKey(before) && after?.startsWith(':') === true) return [values[after]];
    if (isHashKey(after) && before?.startsWith(':') === true) return [values[before]];
    return [];
  });
}

const tokensOf = (expression: string): readonly string[] => expression.match(TOKEN) ?? [];
const isName = (token: string): boolean => /^[#A-Za-z_]/.test(token);
