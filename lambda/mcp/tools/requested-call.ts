/** A provider's tool as a client asks for it: our own arguments stand among the tool's, or beside them in `call_tool`. */
import { takeArguments } from '../../../core/call/take-arguments.ts';
import type { CatalogTool } from '../../../core/catalog/catalog.ts';
import type { RequestedCall } from '../ask/confirm.ts';

/** The arguments that are ours and not the tool's. */
interface OwnArguments {
  readonly connection?: string | undefined;
  readonly confirm_token?: string | undefined;
}

const OWN = {
  type: 'object',
  properties: { connection: { type: 'string' }, confirm_token: { type: 'string' } },
} as const;

/** Of a call by the tool's own name. What is no text is left among the tool's arguments, which know no such name. */
export function namedCall(tool: CatalogTool, given: unknown): RequestedCall {
  const { connection, confirm_token, ...rest } = Object(takeArguments(OWN, given)) as Record<string, unknown>;
  const own = { connection: textOf(connection), confirm_token: textOf(confirm_token) };
  const odd = Object.entries({ connection, confirm_token }).filter(
    ([, value]) => value !== undefined && typeof value !== 'string',
  );
  return requestedCall(tool, { ...rest, ...Object.fromEntries(odd) }, own);
}

export function requestedCall(tool: CatalogTool, args: unknown, own: OwnArguments): RequestedCall {
  return { tool, args, connection: own.connection, confirmToken: own.confirm_token };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
