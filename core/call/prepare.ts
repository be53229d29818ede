/** First step of a call: which function of which provider runs, with arguments that are good for it. Nothing is asked. */
import * as z from 'zod';
import type { CatalogTool } from '../catalog/catalog.ts';
import { type Fault, fault } from '../fault.ts';
import type { Provider } from '../provider/provider.ts';
import type { AnyTool } from '../provider/tool.ts';
import { fail, ok, type Result } from '../result.ts';
import { issuesInWords } from '../text.ts';
import { decodeCursor, FIRST_PAGE, type PageStart } from './cursor.ts';

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
  const { name, provider: key, category } = call.tool;
  const provider = await loadProvider(key);
  const tool = provider.categories[category]?.tools.find((each) => `${provider.key}_${each.name}` === name);
  if (tool === undefined) throw new TypeError(`the catalogue lists ${name}, which its provider does not have`);
  const parsed = parseArguments(tool, call.args);
  return parsed.ok ? ok({ provider, tool, ...parsed.value }) : parsed;
}

/** @param args not validated yet; may hold `cursor` for a list tool. */
export function parseArguments(tool: AnyTool, args: unknown): Result<ParsedArguments, Fault> {
  const isPaged = tool.shape.kind === 'list';
  const { cursor, ...rest } = Object(args ?? {}) as Record<string, unknown>;
  const parsed = tool.input.safeParse(isPaged ? rest : (args ?? {}));
  if (!parsed.success)
    return fail(fault('invalid_input', `The arguments of ${tool.name} are wrong. ${describeIssues(parsed.error)}`));
  if (!isPaged || cursor === undefined) return ok({ args: parsed.data, start: FIRST_PAGE });
  const start = typeof cursor === 'string' ? decodeCursor(tool.name, parsed.data, cursor) : undefined;
  if (start !== undefined) return ok({ args: parsed.data, start });
  return fail(
    fault('invalid_input', 'This cursor does not belong to this list.', {
      next: 'Send next_cursor of the previous page with the same arguments, or leave cursor out to start over.',
    }),
  );
}

/** At most five problems of at most 200 characters, each with the path of the argument; never the value that was sent. */
export function describeIssues(error: z.ZodError): string {
  return issuesInWords(error.issues)
    .map((problem) => `${problem}.`)
    .join(' ');
}
