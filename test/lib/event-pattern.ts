/** Which events a pattern of EventBridge takes, as far as ours go: values, prefixes, suffixes and `$or`. */
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws for a part of a pattern that is not known here: it must not pass for one that matches nothing. */
export function matchesEvent(pattern: Readonly<Record<string, unknown>>, event: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or') {
      if (!Array.isArray(wanted)) throw new Error('$or without a list');
      return wanted.some((one) => isObject(one) && matchesEvent(one, event));
    }
    // A list of objects is searched; of a list of values one has to fit.
    const given = isObject(event) ? [event[name]].flat() : [];
    if (Array.isArray(wanted)) return given.some((value) => wanted.some((one) => matchesValue(one, value)));
    if (!isObject(wanted)) throw new Error(`${name} is neither a list nor an object`);
    return given.some((value) => matchesEvent(wanted, value));
  });
}

function matchesValue(wanted: unknown, given: unknown): boolean {
  if (typeof wanted === 'string') return wanted === given;
  const [[kind, text] = ['', ''], ...more] = isObject(wanted) ? Object.entries(wanted) : [];
  if (more.length > 0 || typeof text !== 'string') throw new Error('a matcher that is not known here');
  if (kind === 'prefix') return typeof given === 'string' && given.startsWith(text);
  if (kind === 'suffix') return typeof given === 'string' && given.endsWith(text);
  throw new Error(`the matcher ${kind} is not known here`);
}
