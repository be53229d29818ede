/**
 * What a request says about itself, under IAM's condition keys. Keys compare without regard to case, as in IAM.
 * Invariant: a key that holds a list is marked so, because single-valued operators must not be used on it.
 */
export type ContextValue = string | readonly string[];

export interface PolicyContext {
  get(key: string): ContextValue | undefined;
  with(more: Readonly<Record<string, ContextValue | undefined>>): PolicyContext;
}

/** Undefined values and empty lists are absent, as IAM's `Null` operator sees them. */
export function requestContext(entries: Readonly<Record<string, ContextValue | undefined>>): PolicyContext {
  const values = new Map<string, ContextValue>();
  for (const [key, value] of Object.entries(entries))
    if (value !== undefined && !(typeof value !== 'string' && value.length === 0)) values.set(key.toLowerCase(), value);
  return {
    get: (key) => values.get(key.toLowerCase()),
    with: (more) => requestContext({ ...Object.fromEntries(values), ...lowerKeys(more) }),
  };
}

function lowerKeys(entries: Readonly<Record<string, ContextValue | undefined>>) {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key.toLowerCase(), value]));
}
