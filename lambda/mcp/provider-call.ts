/** A provider tool as a client calls it, by its own name or through `call_tool`: confirm first, then run. */
import type { CatalogTool } from '../core/catalog.ts';
import { callTool } from '../core/call-tool.ts';
import { fail, ok } from '../core/result.ts';
import { confirm } from './confirmation.ts';
import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';

/** The arguments that are ours and not the tool's. */
export interface CallChoices {
  readonly connection?: string | undefined;
  readonly confirm_token?: string | undefined;
}

export async function callProviderTool(
  session: Session,
  tool: CatalogTool,
  args: unknown,
  choices: CallChoices,
): Promise<Outcome> {
  const { connection, confirm_token: confirmToken } = choices;
  const confirmation = await confirm(session, { tool, args, connection, confirmToken });
  switch (confirmation.kind) {
    case 'ask':
      return confirmation.request;
    case 'answer':
      return ok(confirmation.value);
    case 'refuse':
      return fail(confirmation.fault);
    case 'go':
      return callTool(session.deps, session, { tool, args, connection });
  }
}

/** Takes our own arguments out of a tool's. */
export function splitChoices(args: unknown): { readonly own: CallChoices; readonly rest: Record<string, unknown> } {
  const { connection, confirm_token, ...rest } = Object(args ?? {}) as Record<string, unknown>;
  return { own: { connection: textOf(connection), confirm_token: textOf(confirm_token) }, rest };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
