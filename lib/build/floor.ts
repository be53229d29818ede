/**
 * The floor of a bundle: a module that keeps alive the names our sources import from the platform's packages, and
 * holds nothing of ours. Sources are formatted by the project's formatter, so a pattern reads their imports reliably.
 */

/** Packages that are the price of the platform. Anything else a bundle holds counts as ours. */
const PLATFORM =
  /^(@aws-sdk\/client-[a-z-]+|@modelcontextprotocol\/server|@middy\/[a-z-]+|zod|@aws-lambda-powertools\/[a-z]+|lru-cache|minisearch)(\/|$)/;

const IMPORT = /^import\s+(?!type\s)([^'"]*?)\s*from\s*['"]([^'"]+)['"]/gms;

export interface FloorExport {
  /** An exported name, `default`, or `*`. */
  readonly name: string;
  readonly from: string;
}

/** The value imports of platform packages in one source. Types are left out: they weigh nothing. */
export function floorExports(source: string): readonly FloorExport[] {
  return [...source.matchAll(IMPORT)]
    .filter(([, , from = '']) => PLATFORM.test(from))
    .flatMap(([, clause = '', from = '']) => importedNames(clause).map((name) => ({ name, from })));
}

/** The floor of several sources, each name once, in a stable order. */
export function floorModule(sources: readonly string[]): string {
  const wanted = new Map(
    sources.flatMap((source) => floorExports(source)).map((entry) => [`${entry.from} ${entry.name}`, entry]),
  );
  return [...wanted]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { name, from }], i) =>
      name === '*' ? `export * as n${i} from '${from}';` : `export { ${name} as n${i} } from '${from}';`,
    )
    .join('\n');
}

function importedNames(clause: string): readonly string[] {
  const inBraces = (/\{([^}]*)\}/s.exec(clause)?.[1] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(/\s+as\s+/)[0] ?? name);
  const outside = clause
    .replace(/\{[^}]*\}/s, '')
    .replaceAll(',', '')
    .trim();
  if (outside === '') return inBraces;
  return [outside.startsWith('*') ? '*' : 'default', ...inBraces];
}
