/** First step of a call: which function of which provider runs, with arguments that are good for it. Nothing is asked. */
import type * as z from 'zod';
import type { CatalogTool } from '../catalog/catalog.ts';
import { type Fault, fault } from '../fault.ts';
import type { JsonObject } from '../json.ts';
import { nearest } from '../nearest.ts';
import type { Provider } from '../provider/provider.ts';
import type { AnyTool } from '../provider/tool.ts';
import { fail, ok, type Result } from '../result.ts';
import { issuesInWords, plainLine } from '../text.ts';
import { decodeCursor, FIRST_PAGE, type PageStart } from './cursor.ts';
import { takeArguments } from './take-arguments.ts';

export interface PrepareDeps {
  readonly loadProvider: (key: string) => Promise<Provider>;
}

export interface ParsedArguments {
  /** As the tool's own schema gives them. */
  readonly args: unknown;
  /** Where the caller's cursor says that the list goes on. */
  readonly start: PageStart;
}

export interface PreparedCall extends ParsedArguments {
  readonly provider: Provider;
  readonly tool: AnyTool;
}

/** @param call a tool of the catalogue, and its arguments as the caller sent them. */
export async function prepareCall(
  { loadProvider }: PrepareDeps,
  call: { readonly tool: CatalogTool; readonly args: unknown },
): Promise<Result<PreparedCall, Fault>> {
  const { name, provider: key, category, definition } = call.tool;
  const provider = await loadProvider(key);
  const tool = provider.categories[category]?.tools.find((each) => `${provider.key}_${each.name}` === name);
  if (tool === undefined) throw new TypeError(`the catalogue lists ${name}, which its provider does not have`);
  const parsed = parseArguments(tool, definition.inputSchema, call.args);
  return parsed.ok ? ok({ provider, tool, ...parsed.value }) : parsed;
}

/**
 * @param schema the tool's input schema, as it is listed.
 * @param given not validated yet; may hold `cursor` for a list tool.
 */
export function parseArguments(tool: AnyTool, schema: JsonObject, given: unknown): Result<ParsedArguments, Fault> {
  const args = takeArguments(schema, given);
  const isPaged = tool.shape.kind === 'list';
  const { cursor, ...rest } = Object(args) as Record<string, unknown>;
  const parsed = tool.input.safeParse(isPaged ? rest : args);
  if (!parsed.success) return fail(wrongArguments(tool.name, parsed.error, schema));
  if (!isPaged || cursor === undefined || cursor === null || cursor === '')
    return ok({ args: parsed.data, start: FIRST_PAGE });
  const start = typeof cursor === 'string' ? decodeCursor(tool.name, parsed.data, cursor) : undefined;
  if (start !== undefined) return ok({ args: parsed.data, start });
  return fail(
    fault('invalid_input', 'This cursor does not belong to this list.', {
      next: 'Send next_cursor of the previous page with the same arguments, or leave cursor out to start over.',
    }),
  );
}

const MOST_ISSUES = 5;
const MOST_NAMES = 3;
const NAME_CHARS = 40;

/** At most five problems, each with the path of the argument; never the value that was sent. */
export function wrongArguments(tool: string, { issues }: z.ZodError, schema: JsonObject): Fault {
  const said = issues
    .slice(0, MOST_ISSUES)
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? [...issuesInWords([{ path: issue.path, message: wrongNames(issue, schema) }]), namesThere(issue, schema)]
        : issuesInWords([issue]).map((problem) => `${problem}.`),
    );
  return fault('invalid_input', `The arguments of ${tool} are wrong. ${said.join(' ')}`);
}

/** The names that there are not, and which was probably meant. */
function wrongNames({ keys, path }: z.core.$ZodIssueUnrecognizedKeys, schema: JsonObject): string {
  const names = namesAt(schema, path);
  const unknown = keys.slice(0, MOST_NAMES).map((key) => {
    const [near] = nearest(key, names);
    return JSON.stringify(plainLine(key, NAME_CHARS)) + (near === undefined ? '' : ` (did you mean ${near}?)`);
  });
  return `No argument is called ${unknown.join(', ')}.`;
}

/** As many as the schema has; nothing of it comes from the caller. */
function namesThere({ path }: z.core.$ZodIssueUnrecognizedKeys, schema: JsonObject): string {
  const names = namesAt(schema, path);
  return names.length === 0 ? 'It takes none.' : `There are: ${names.join(', ')}.`;
}

/** The names that the schema knows at a path of the arguments. */
function namesAt(schema: JsonObject, path: readonly PropertyKey[]): readonly string[] {
  const found = path.reduce<JsonObject>((at, step) => {
    const { properties, items } = at;
    return Object((typeof step === 'number' ? items : Object(properties)[step]) ?? {}) as JsonObject;
  }, schema);
  return Object.keys(Object(found['properties']) as JsonObject);
}
