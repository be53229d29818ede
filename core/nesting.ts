/** How deep a JSON text nests, told without parsing it: what walks parsed values is recursive and ends with its stack. */

const QUOTE = 34;
const BACKSLASH = 92;

/** @param text JSON, or anything else: brackets inside quotes do not count. */
export function isNestedDeeperThan(levels: number, text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === BACKSLASH) i += 1;
      else quoted = code !== QUOTE;
    } else if (code === QUOTE) quoted = true;
    else if (code === 91 || code === 123) depth += 1;
    else if (code === 93 || code === 125) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}
